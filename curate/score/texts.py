"""The texts of rows that scores look at, and what several scores derive from them, once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pyarrow as pa

from curate.text.words import words

COLUMNS = ("prompt", "response", "record")


class RowTexts:
    """The texts of n rows.

    Args:
        prompts: (n,) the user's turns, joined by blank lines.
        responses: (n,) the assistant's turns, joined by blank lines.
        records: (n,) JSON texts of the conversations, for scores that look at single turns.

    Attributes:
        shared: values by name that one score computed and another one needs too.
    """

    def __init__(self, prompts: Sequence[str], responses: Sequence[str], records: Sequence[str] = ()) -> None:
        self.prompts, self.responses, self.records = prompts, responses, records
        self.shared: dict[str, object] = {}

    def __len__(self) -> int:
        return len(self.responses)

    @classmethod
    def of_table(cls, table: pa.Table) -> RowTexts:
        """The texts of a table's rows, none of which is null."""
        return cls(*(table[name].to_pylist() for name in COLUMNS))

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

        return [language(text) for text in self.responses]
