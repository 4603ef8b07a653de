"""The turns of a conversation that its quality is judged by."""

from __future__ import annotations

import re

from curate.score.faults.context import is_small_talk

# Thanks and farewells in a turn of at most so many characters, and answers to them.
CLOSING, ANSWER = 80, 240
_CLOSING = re.compile(r"\b(?:thanks?|thank you|bye|goodbye|appreciate)\b|谢谢|謝謝|感谢|感謝|再见|再見", re.I)


def judged(prompt: str, response: str, record: str) -> tuple[str, str]:
    """(prompt, response) of a conversation without greetings at its beginning and thanks at its end.

    They are well said and say nothing, and nothing in them belongs to what was asked for.

    Args:
        prompt: the user's turns, joined by blank lines.
        response: the assistant's turns, joined by blank lines.
        record: the conversation as JSON; "" where it is one turn of each.
    """
    if record.count('"role":"user"') < 2:
        return prompt, response
    from schemas.record import loads

    conversation = loads(record)
    users, assistants = list(conversation.turns("user")), list(conversation.turns("assistant"))
    first, last = 0, min(len(users), len(assistants))
    if len(users) == len(assistants):
        while last - first > 1 and _says_nothing(users[last - 1], assistants[last - 1]):
            last -= 1
        while last - first > 1 and _says_nothing(users[first], assistants[first]):
            first += 1
    else:  # calls of tools are turns without text: only the end can be told
        while len(users) > 1 and len(assistants) > 1 and _says_nothing(users[-1], assistants[-1]):
            users, assistants = users[:-1], assistants[:-1]
        first, last = 0, max(len(users), len(assistants))
    texts = "\n\n".join(users[first:last]), "\n\n".join(text for text in assistants[first:last] if text)
    return texts if texts[0] and texts[1] else (prompt, response)


def _says_nothing(user: str, assistant: str) -> bool:
    closes = len(user) <= CLOSING and _CLOSING.search(user) is not None
    return len(assistant) <= ANSWER and (closes or is_small_talk(user.strip().lower()))
