"""The results of an ablation on disk: a row for every run and held-out set, in the order of the design.

They hold no times and nothing else that changes from machine to machine; those are in timings.jsonl in the same folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curate.io import atomic

NAME = "results.parquet"
TIMES = "timings.jsonl"
METRICS = ("token_accuracy", "exact_match", "rouge_l", "chrf", "win_rate")


def schema() -> Any:
    """Columns of the file; see docs/ablation.md."""
    import pyarrow as pa

    text, integer, number = pa.string(), pa.int64(), pa.float64()
    return pa.schema(
        [
            ("key", text),
            ("arm", text),
            ("size", integer),
            ("seed", integer),
            ("heldout", text),
            ("kind", text),
            ("epochs", number),
            ("steps", integer),
            ("trained_tokens", integer),
            ("train_loss", number),
            ("heldout_loss", number),
            ("heldout_perplexity", number),
            ("heldout_by_category", text),
            ("heldout_rows", pa.list_(number)),
            ("heldout_weights", pa.list_(number)),
            *((name, number) for name in METRICS),
            ("generations", pa.list_(text)),
        ]
    )


def read(path: Path) -> list[dict[str, Any]]:
    """The results of the runs done so far."""
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


def write(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write all results as Parquet, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        pq.write_table(pa.Table.from_pylist(list(results), schema()), file, compression="zstd")


def append_time(path: Path, time: Mapping[str, Any]) -> None:
    """Append the times of a run."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(time) + "\n")
