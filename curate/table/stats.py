"""What rows hold, in plain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.text import normal
from curate.text.script import script
from schemas.record import loads

COUNTED = ("problem", "format", "turns", "category", "duplicate_method")


def describe(batches: Iterable[pa.RecordBatch]) -> dict:
    """What rows hold: problems, turns, lengths in characters, scripts, categories, formats, and duplicates.

    Duplicates are counted by what told them: exact ones are always looked for, others are those that a ledger has.

    Args:
        batches: rows as `table.batches` gives them; each is let go before the next one is taken.
    """
    rows = valid = 0
    counts: dict[str, Counter] = {name: Counter() for name in COUNTED}
    scripts: Counter[str] = Counter()
    lengths: dict[str, list[np.ndarray]] = {"prompt": [], "response": []}
    digests = bytearray()  # of the rows that no ledger has marked
    for batch in batches:
        rows += batch.num_rows
        _count(batch, counts)
        told = batch.filter(batch["record"].is_valid())
        valid += told.num_rows
        for name, some in lengths.items():
            some.append(pc.utf8_length(told[name]).to_numpy())
        scripts.update(map(script, told["response"].to_pylist()))
        if _is_marked(told):
            told = told.filter(told["duplicate_of"].is_null())
        digests += b"".join(normal.key(loads(text)) for text in told["record"].to_pylist())
    counts["duplicate_method"]["exact"] += _repeated(digests)
    return {
        "rows": rows,
        "valid": valid,
        "problems": _sorted(counts["problem"]),
        "duplicates": _sorted(counts["duplicate_method"]),
        "formats": _sorted(counts["format"]),
        "turns": _sorted(counts["turns"]),
        "prompt_characters": _spread(lengths["prompt"]),
        "response_characters": _spread(lengths["response"]),
        "scripts": dict(scripts.most_common()),
        "categories": _sorted(counts["category"]),
    }


def _is_marked(batch: pa.RecordBatch) -> bool:
    return {"duplicate_of", "duplicate_method"} <= set(batch.schema.names)


def _count(batch: pa.RecordBatch, counts: dict[str, Counter]) -> None:
    for name, counter in counts.items():
        if name != "duplicate_method" or _is_marked(batch):
            for each in batch[name].drop_null().value_counts().to_pylist():
                counter[each["values"]] += each["counts"]


def _repeated(digests: bytearray) -> int:
    """How many of the 128-bit hashes are like one before them."""
    hashes = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(digests) // 16, [None, pa.py_buffer(digests)])
    return len(hashes) - pc.count_distinct(hashes).as_py()


def _sorted(counts: Counter) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {str(value): count for value, count in ordered if count}


def _spread(parts: list[np.ndarray]) -> dict[str, int]:
    lengths = np.concatenate([np.zeros(0, np.int32), *parts])
    if not len(lengths):
        return {}
    low, middle, high, most = np.quantile(lengths, [0, 0.5, 0.95, 1]).astype(int).tolist()
    return {"min": low, "median": middle, "p95": high, "max": most}
