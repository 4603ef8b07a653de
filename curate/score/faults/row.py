"""One row as faults look at it: texts without what several of them leave out, derived once."""

from __future__ import annotations

import re
from functools import cached_property

from curate.text.words import words
from schemas.marks import without_marks

# Invisible characters that str.strip leaves in place.
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_THOUGHT = '"reasoning":"'
_CALLS = '"tool_calls":'
_TOOLS = re.compile(r'"tools":"?\[\s*\{')


class FaultRow:
    """One row.

    Args:
        prompt: the user's turns, joined by blank lines.
        response: the assistant's turns, joined by blank lines.
        record: the conversation as JSON; "" where it is one turn of each.
        said: the words of the response, where they are known.
    """

    def __init__(self, prompt: str, response: str, record: str = "", said: list[str] | None = None) -> None:
        self.prompt, self.response, self.record = prompt, response, record
        self._words = said

    @property
    def words(self) -> list[str]:
        """The words of the response."""
        if self._words is None:
            self._words = words(self.response)
        return self._words

    @cached_property
    def text(self) -> str:
        """The response without special tokens and blanks at its end."""
        return without_marks(self.response)

    @cached_property
    def last_turn(self) -> str:
        """The last turn of the response, without special tokens and blanks at its end."""
        if self.turns < 2:
            return self.text
        from schemas.record import loads

        turns = list(loads(self.record).turns("assistant"))
        return without_marks(turns[-1]) if turns else ""

    @cached_property
    def thought(self) -> str:
        """The thoughts before the assistant's turns, joined by blank lines; "" where there are none."""
        if _THOUGHT not in self.record:
            return ""
        from schemas.record import loads

        return "\n\n".join(message.reasoning for message in loads(self.record).messages if message.reasoning)

    @cached_property
    def lower(self) -> str:
        """The response in lower case with straight apostrophes."""
        return _plain(self.response)

    @cached_property
    def prompt_lower(self) -> str:
        """The prompt in lower case with straight apostrophes."""
        return _plain(self.prompt)

    @cached_property
    def has_calls(self) -> bool:
        """Whether an assistant turn calls a tool: then its text may be anything."""
        return _CALLS in self.record

    @cached_property
    def has_tools(self) -> bool:
        """Whether tools are on offer: then to say that none of them fits is an answer."""
        return _TOOLS.search(self.record) is not None

    @cached_property
    def turns(self) -> int:
        """How many turns the assistant has."""
        return self.record.count('"role":"assistant"') if self.record else 1


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else text.replace("’", "'").lower()
