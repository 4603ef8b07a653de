"""What became of the rows of a conversion: counts, places and examples."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from schemas.problems import Problem
from schemas.repair import Repair

EXAMPLES = 3
SHOWN = 2000


class Places(msgspec.Struct):
    """Rows of files: a count, and the row numbers as ranges [first, last], in the order in which they came."""

    rows: int = 0
    ranges: dict[str, list[tuple[int, int]]] = msgspec.field(default_factory=dict)

    def add(self, file: str, row: int) -> None:
        """Count one row; rows of a file come in rising order, and one that came last is not counted again."""
        ranges = self.ranges.setdefault(file, [])
        if ranges and ranges[-1][1] == row:
            return
        self.rows += 1
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))

    def extend(self, other: Places, offset: int) -> None:
        """Count further rows, which are numbered from `offset` + 1."""
        self.rows += other.rows
        for file, ranges in other.ranges.items():
            mine = self.ranges.setdefault(file, [])
            for first, last in ranges:
                if mine and mine[-1][1] == first + offset - 1:
                    mine[-1] = (mine[-1][0], last + offset)
                else:
                    mine.append((first + offset, last + offset))


class Example(msgspec.Struct):
    """A row as an example.  path: JSON path.  message: what was found or done.  text: the row, cut at SHOWN."""

    file: str
    row: int
    path: str
    message: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.path}: {self.message}"


class Summary(msgspec.Struct):
    """What became of the rows of a conversion.

    written + rejected = read + more.  more: rows written beyond one for each (--turns split).
    lost: for each field that did not travel, in which rows.
    codes, repairs: for each problem code, the rows that it rejected, and those that were mended.
    restored: rows turned back into what they were before an earlier conversion; edited: rows that carry what would
    restore them but were changed since, and so were written from what they say now.
    """

    read: int = 0
    written: int = 0
    rejected: int = 0
    more: int = 0
    restored: int = 0
    edited: int = 0
    lost: dict[str, Places] = msgspec.field(default_factory=dict)
    codes: dict[str, Places] = msgspec.field(default_factory=dict)
    repairs: dict[str, Places] = msgspec.field(default_factory=dict)
    examples: dict[str, list[Example]] = msgspec.field(default_factory=dict)

    @property
    def repaired(self) -> int:
        """Rows that were mended, each counted once for every code."""
        return sum(places.rows for places in self.repairs.values())

    def loses(self, file: str, row: int, fields: Sequence[str]) -> None:
        """Count the fields that a row lost."""
        for field in fields:
            self.lost.setdefault(field, Places()).add(file, row)

    def rejects(self, problem: Problem, text: str) -> None:
        """Count a rejected row.  text: the row as it was."""
        self.codes.setdefault(problem.code, Places()).add(problem.file, problem.row)
        self._example(problem.code, Example(problem.file, problem.row, problem.path, problem.message, text[:SHOWN]))

    def mended(self, file: str, row: int, repairs: Sequence[Repair]) -> None:
        """Count what was mended in a row."""
        for repair in repairs:
            self.repairs.setdefault(repair.code, Places()).add(file, row)
            self._example(f"{repair.code} repaired", Example(file, row, repair.path, repair.done))

    def add(self, other: Summary, offset: int) -> None:
        """Count in what became of a later part of the sources, whose rows are numbered from `offset` + 1."""
        for name in ("read", "written", "rejected", "more", "restored", "edited"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lost", "codes", "repairs"):
            for key, places in getattr(other, name).items():
                getattr(self, name).setdefault(key, Places()).extend(places, offset)
        for key, examples in other.examples.items():
            for example in examples:
                self._example(key, msgspec.structs.replace(example, row=example.row + offset))

    def _example(self, key: str, example: Example) -> None:
        examples = self.examples.setdefault(key, [])
        if len(examples) < EXAMPLES:
            examples.append(example)
