"""Whether a conversation can be trained on: the rules that every format shares."""

from __future__ import annotations

import msgspec

from schemas.problems import Invalid, shown
from schemas.record import Message
from schemas.tool_pairs import check_tools

TEXT_PARTS = ("text", "input_text", "output_text")
THOUGHT_PARTS = ("reasoning", "thinking")
# (code, message) by the role of a turn and the role of the turn before it, `start` for the first turn.
FIRST_REPLY = ("E205", "the first turn is by the assistant")
ALONE = ", and nobody else speaks: text for pretraining, no pair"
FIRST_RESULT = ("E205", "the first turn is a tool result")
LATE_SYSTEM = ("E207", "a system turn after the first turn")
MISPLACED = {
    "assistant": {
        "start": FIRST_REPLY,
        "system": FIRST_REPLY,
        "assistant": ("E204", "two assistant turns in a row"),  # allowed where the second calls tools
    },
    "user": {"user": ("E204", "two user turns in a row")},
    "tool": {
        "start": FIRST_RESULT,
        "system": FIRST_RESULT,
        "user": ("E204", "a tool result follows the user, not a tool call"),
    },
    "system": {
        "system": ("E208", "a second system prompt"),
        "user": LATE_SYSTEM,
        "assistant": LATE_SYSTEM,
        "tool": LATE_SYSTEM,
    },
}
BLANK = {"assistant": ("E202", "the assistant's turn is empty"), "user": ("E203", "the user's turn is empty")}


def blank(text: str) -> bool:
    """True for empty text and for white space alone."""
    return not text or text.isspace()


def exchange(prompt: str, response: str, prompt_path: str, response_path: str) -> None:
    """Check a single exchange.  Raises Invalid when either side is blank."""
    if not prompt or prompt.isspace():
        raise Invalid("E203", prompt_path, "the prompt is empty")
    if not response or response.isspace():
        raise Invalid("E202", response_path, "the response is empty")


def conversation(messages: list[Message], places: list[int], turns: str, tools: str | None = None) -> None:
    """Check that turns follow one another as trainers expect.

    Args:
        messages: the turns read.
        places: for each message its index in the row's own list, -1 for one that came from elsewhere.
        turns: JSON path of that list, as `$.messages`.
        tools: JSON text of the tools on offer; None where the row does not say.

    Raises:
        Invalid: for calls and results see `tool_pairs.check_tools`; else at the first turn that breaks a rule: an
            optional system turn first, then user turns answered by the assistant, tool results only after tool calls,
            an assistant turn last, and no blank turn by the user or the assistant.
    """
    before = "start"
    uses_tools = False
    for i, message in enumerate(messages):
        role = message.role
        misplaced = MISPLACED[role].get(before)
        if misplaced and not (role == before == "assistant" and message.tool_calls):
            alone = misplaced is FIRST_REPLY and not any(other.role == "user" for other in messages)
            raise _at_turn(misplaced[0], places, i, turns, misplaced[1] + ALONE * alone)
        if blank(message.content) and role in BLANK and not message.tool_calls and not _has_media(message.parts):
            thought = "the reply is a thought without an answer" if message.reasoning else ""
            raise _at_turn(BLANK[role][0], places, i, turns, thought or BLANK[role][1])
        if role == "tool" or message.tool_calls:
            uses_tools = True
        before = role
    if before in ("start", "system"):
        raise Invalid("E201", turns, "no turn by the user or the assistant")
    if before != "assistant":
        last = messages[-1]
        raise _at_turn(
            "E206", places, len(messages) - 1, turns, f"the last turn is {last.role}: {shown(last.content)!r}"
        )
    if uses_tools:
        check_tools(messages, [f"{turns}[{place}]" for place in places], tools)


def _has_media(parts: str | None) -> bool:
    """Whether typed parts hold something that is neither text nor a thought: an image alone is a prompt."""
    no_media = TEXT_PARTS + THOUGHT_PARTS
    return parts is not None and any(part.get("type") not in no_media for part in msgspec.json.decode(parts))


def _at_turn(code: str, places: list[int], i: int, turns: str, message: str) -> Invalid:
    place = places[i]
    return Invalid(code, f"{turns}[{place}]" if place >= 0 else "$.system", message)
