"""What rows hold, in plain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.table.counting import FILTERED
from curate.text.exact_form import exact_key
from curate.text.script import script
from schemas.preference import judged_as
from schemas.record import loads

COUNTED = ("problem", "format", "turns", "category", "duplicate_method")
MEASURED = ("prompt", "response")


@dataclass
class TableCounts:
    """Counts of rows, which those of further rows are added to.

    Attributes:
        rows: how many rows.
        valid: how many have a record.
        values: for each column of COUNTED, how many rows have each of its values.
        scripts: how many responses are in each script.
        lengths: for each column of MEASURED, (k,) int32 characters of valid rows, in pieces.
        hashes: 16 bytes for each valid row that no ledger has marked or left out; equal ones are of rows with
            the same text.
        judged: of the rows in `hashes`, how many are pairs of answers, good answers or bad ones.
        unknown: why files were passed over.
    """

    rows: int = 0
    valid: int = 0
    values: dict[str, Counter[Any]] = field(default_factory=lambda: {name: Counter() for name in COUNTED})
    scripts: Counter[str] = field(default_factory=Counter)
    lengths: dict[str, list[np.ndarray]] = field(default_factory=lambda: {name: [] for name in MEASURED})
    hashes: bytearray = field(default_factory=bytearray)
    judged: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch of a table or ledger."""
        self.rows += batch.num_rows
        for name, counter in self.values.items():
            if name != "duplicate_method" or _is_marked(batch):
                for count in batch[name].drop_null().value_counts().to_pylist():
                    counter[count["values"]] += count["counts"]
        valid = batch.filter(batch["record"].is_valid())
        self.valid += valid.num_rows
        for name, lengths in self.lengths.items():
            lengths.append(pc.utf8_length(valid[name]).to_numpy())
        self.scripts.update(map(script, valid["response"].to_pylist()))
        unmarked = valid.filter(valid["duplicate_of"].is_null()) if _is_marked(valid) else valid
        if FILTERED in unmarked.schema.names:
            unmarked = unmarked.filter(unmarked[FILTERED].is_null())
        records = [loads(text) for text in unmarked["record"].to_pylist()]
        self.hashes += b"".join(map(exact_key, records))
        self.judged.update(kind for kind in map(judged_as, records) if kind)

    def merge(self, later: TableCounts) -> None:
        """Add the counts of rows that follow these."""
        self.rows += later.rows
        self.valid += later.valid
        for name in COUNTED:
            self.values[name].update(later.values[name])
        self.scripts.update(later.scripts)
        for name in MEASURED:
            self.lengths[name] += later.lengths[name]
        self.hashes += later.hashes
        self.judged.update(later.judged)
        self.unknown += later.unknown

    def description(self) -> dict[str, Any]:
        """Problems, turns, lengths in characters, scripts, categories, formats, and duplicates.

        Duplicates are counted by method: exact ones are always looked for, others are those that a ledger has.
        """
        duplicates = self.values["duplicate_method"] + Counter(exact=_repeated(self.hashes))
        return {
            "rows": self.rows,
            "valid": self.valid,
            "problems": _sorted(self.values["problem"]),
            "duplicates": _sorted(duplicates),
            "formats": _sorted(self.values["format"]),
            **({"preference": _sorted(self.judged)} if self.judged else {}),
            "turns": _sorted(self.values["turns"]),
            "prompt_characters": _spread(self.lengths["prompt"]),
            "response_characters": _spread(self.lengths["response"]),
            "scripts": dict(self.scripts.most_common()),
            "categories": _sorted(self.values["category"]),
            **({"passed_over": self.unknown} if self.unknown else {}),
        }


def describe(batches: Iterable[pa.RecordBatch]) -> dict[str, Any]:
    """What rows hold; see `TableCounts.description`.

    Args:
        batches: rows as `table.batches` gives them; each is let go before the next one is taken.
    """
    counts = TableCounts()
    for batch in batches:
        counts.add(batch)
    return counts.description()


def _is_marked(batch: pa.RecordBatch) -> bool:
    return {"duplicate_of", "duplicate_method"} <= set(batch.schema.names)


def _repeated(hashes: bytearray) -> int:
    """How many of the 16-byte hashes are like one before them."""
    values = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(hashes) // 16, [None, pa.py_buffer(hashes)])
    return len(values) - pc.count_distinct(values).as_py()


def _sorted(counts: Counter[Any]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {str(value): count for value, count in ordered if count}


def _spread(parts: list[np.ndarray]) -> dict[str, int]:
    """Quantiles of lengths."""
    lengths = np.concatenate([np.zeros(0, np.int32), *parts])
    if not len(lengths):
        return {}
    low, middle, high, most = np.quantile(lengths, [0, 0.5, 0.95, 1]).astype(int).tolist()
    return {"min": low, "median": middle, "p95": high, "max": most}
