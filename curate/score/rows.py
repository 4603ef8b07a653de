"""The rows that scores look at: texts, and what several scores derive from them, once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from curate.text.words import words


class Rows:
    """Args:
    prompts: (n,) the user's turns and the assistant's, each joined by blank lines.
    responses: (n,) the user's turns and the assistant's, each joined by blank lines.
    records: (n,) JSON texts of the conversations, for scores that look at single turns.
    """

    def __init__(self, prompts: Sequence[str], responses: Sequence[str], records: Sequence[str] = ()) -> None:
        self.prompts, self.responses, self.records = prompts, responses, records
        self.kept: dict[str, object] = {}  # what one score found that another one needs too

    def __len__(self) -> int:
        return len(self.responses)

    @cached_property
    def words(self) -> list[list[str]]:
        """(n,) words of each response."""
        return [words(text) for text in self.responses]

    @cached_property
    def scripts(self) -> list[str]:
        """(n,) script that most letters of each response are in."""
        from curate.text.script import script

        return [script(text) for text in self.responses]

    @cached_property
    def languages(self) -> list[str]:
        """(n,) language of each response."""
        from curate.text.language import language

        return [language(*row) for row in zip(self.responses, self.scripts, self.words, strict=True)]
