"""What became of the rows of a conversion: counts, places and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from curate.convert.excerpt import Excerpt, excerpt, lost_place, place
from curate.io.digest import Digest
from schemas.problems import Problem
from schemas.repair import Repair

EXAMPLES = 3
# The repair after which later turns stand at other places than in the row as it was.
MERGE = "E204"


class RowRanges(msgspec.Struct):
    """Rows of files: a count, and the row numbers as ranges [first, last], in the order in which they came."""

    rows: int = 0
    ranges: dict[str, list[tuple[int, int]]] = msgspec.field(default_factory=dict)

    def add(self, file: str, row: int) -> None:
        """Count one row; rows of a file come in rising order."""
        self.rows += 1
        ranges = self.ranges.setdefault(file, [])
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))

    def extend(self, other: RowRanges, offset: int) -> None:
        """Count further rows, which are numbered from `offset` + 1."""
        self.rows += other.rows
        for file, ranges in other.ranges.items():
            mine = self.ranges.setdefault(file, [])
            for first, last in ranges:
                if mine and mine[-1][1] == first + offset - 1:
                    mine[-1] = (mine[-1][0], last + offset)
                else:
                    mine.append((first + offset, last + offset))


class RowExample(msgspec.Struct):
    """A row as an example.

    Attributes:
        file: that it is from.
        row: its number in the file.
        path: JSON path within the row.
        message: what was found or done.
        excerpt: the row as it was.
    """

    file: str
    row: int
    path: str
    message: str
    excerpt: Excerpt

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.path}: {self.message}"


class RowCounts(msgspec.Struct, kw_only=True):
    """Numbers of rows by what became of them.

    written + rejected = read + more.  more: rows written beyond one for each (--turns split, or
    the two answers of pairs).

    Attributes:
        repaired: rows that were repaired before they were written.
        lossy: rows that were written without some field.
        restored: rows turned back into what they were before an earlier conversion
        edited: rows that carry what would restore them but were changed since, and so were written from what they say
            now.
    """

    read: int = 0
    written: int = 0
    rejected: int = 0
    more: int = 0
    repaired: int = 0
    lossy: int = 0
    restored: int = 0
    edited: int = 0

    def plus(self, other: RowCounts) -> None:
        """Add the rows of another."""
        for name in RowCounts.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class SourceAccount(msgspec.Struct, kw_only=True):
    """One source and what became of its rows.

    Attributes:
        file: its name as given; - is standard input.
        counts: of its rows.
        container: json, jsonl, parquet and so on.
        format: the one that its rows were read as, `mixed` for several, "" for a source without rows.
        formats: of a mixed source, how many rows were read as each.
        digest: of its bytes as they were before the conversion; None where not asked for, and for what is no plain
            file.
    """

    file: str
    container: str
    format: str = ""
    formats: dict[str, int] = {}
    digest: Digest | None = None
    counts: RowCounts = msgspec.field(default_factory=RowCounts)

    def add(self, other: SourceAccount) -> None:
        """Count in a further part of the source."""
        self.format = self.format or other.format
        self.counts.plus(other.counts)
        for name, rows in other.formats.items():
            self.formats[name] = self.formats.get(name, 0) + rows


class ConvertSummary(RowCounts, kw_only=True):
    """What became of the rows of a conversion, in all and source by source.

    Attributes:
        lost: for each field that did not travel, in which rows.
        codes: for each problem code, the rows that it rejected.
        repairs: for each problem code, the rows that were repaired.
        others: the rows that were `restored` or `edited`, `split` into several, or written as `both` of their answers,
            and those that hold `further` examples that were not made rows.
        changed: of the edited rows, how many were changed in which of their columns.
        examples: the first EXAMPLES of a code under its name, of a repair under `E101 repaired`, of a field under
            `topic lost`.
        unknown: why files of no known format were passed over.
    """

    sources: list[SourceAccount] = msgspec.field(default_factory=list)
    lost: dict[str, RowRanges] = msgspec.field(default_factory=dict)
    codes: dict[str, RowRanges] = msgspec.field(default_factory=dict)
    repairs: dict[str, RowRanges] = msgspec.field(default_factory=dict)
    others: dict[str, RowRanges] = msgspec.field(default_factory=dict)
    changed: Counter[str] = msgspec.field(default_factory=Counter)
    examples: dict[str, list[RowExample]] = msgspec.field(default_factory=dict)
    unknown: list[str] = msgspec.field(default_factory=list)

    def count_block(self, source: SourceAccount, read: int, written: int, rejected: int) -> None:
        """Count the rows of a block."""
        for counts in (self, source.counts):
            counts.read += read
            counts.written += written
            counts.rejected += rejected
            counts.more += written + rejected - read

    def count_rejected(self, problem: Problem, text: str) -> None:
        """Count a rejected row.

        Args:
            problem: what is wrong with it, with its place.
            text: the row as it was.
        """
        self.codes.setdefault(problem.code, RowRanges()).add(problem.file, problem.row)
        if self._wants(problem.code):
            shown = excerpt(text, place(text, problem.path))
            self._example(problem.code, RowExample(problem.file, problem.row, problem.path, problem.message, shown))

    def count_repaired(self, source: SourceAccount, row: int, repairs: Sequence[Repair], data: bytes) -> None:
        """Count what was repaired in a row that was written.

        Args:
            source: the account of the row's source.
            row: its number.
            repairs: what was done, in order.
            data: the row as it was.
        """
        self.repaired += 1
        source.counts.repaired += 1
        for code in dict.fromkeys(repair.code for repair in repairs):
            self.repairs.setdefault(code, RowRanges()).add(source.file, row)
        merged = False
        for repair in repairs:
            key = f"{repair.code} repaired"
            if self._wants(key):
                text = data.decode("utf-8", "backslashreplace")
                shown = excerpt(text, None if merged else place(text, repair.path))
                self._example(key, RowExample(source.file, row, repair.path, repair.done, shown))
            merged = merged or repair.code == MERGE

    def count_lossy(self, source: SourceAccount, row: int, fields: Sequence[str], data: bytes) -> None:
        """Count a row that was written without some of its fields.

        Args:
            source: the account of the row's source.
            row: its number.
            fields: the names of those fields, each once.
            data: the row as it was.
        """
        self.lossy += 1
        source.counts.lossy += 1
        for field in fields:
            self.lost.setdefault(field, RowRanges()).add(source.file, row)
            key = f"{field} lost"
            if self._wants(key):
                text = data.decode("utf-8", "backslashreplace")
                shown = excerpt(text, lost_place(text, field))
                self._example(key, RowExample(source.file, row, f"$.{field}", "not written", shown))

    def count_other(self, what: str, source: SourceAccount, row: int) -> None:
        """Count a row that is one of `others`."""
        self.others.setdefault(what, RowRanges()).add(source.file, row)
        if what in RowCounts.__struct_fields__:
            for counts in (self, source.counts):
                setattr(counts, what, getattr(counts, what) + 1)

    def add(self, other: ConvertSummary, offset: int) -> None:
        """Count in what became of a further part of the last source, whose rows are numbered from `offset` + 1."""
        self.plus(other)
        self.sources[-1].add(other.sources[0])
        self.unknown += other.unknown
        self.changed.update(other.changed)
        for name in ("lost", "codes", "repairs", "others"):
            for key, places in getattr(other, name).items():
                getattr(self, name).setdefault(key, RowRanges()).extend(places, offset)
        for key, examples in other.examples.items():
            for example in examples:
                if self._wants(key):
                    self._example(key, msgspec.structs.replace(example, row=example.row + offset))

    def _wants(self, key: str) -> bool:
        return len(self.examples.get(key, ())) < EXAMPLES

    def _example(self, key: str, example: RowExample) -> None:
        self.examples.setdefault(key, []).append(example)
