"""What `curate score` and `curate run` make of a pool, run as users run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dirt.row import Row

ROOT = Path(__file__).resolve().parent.parent
RECIPE = "lima-1000.yaml"
# The report is no matter here; it takes less time with these.
SHORT_REPORT = ("report.random=2", "report.measures=[novelsum]", "report.examples=1")
COLUMNS = ("quality", "score")  # the first that a table has is judged


def write(rows: Sequence[Row], path: Path) -> Path:
    """A pool as an Alpaca file, without what is known of its rows."""
    lines = (json.dumps({"instruction": r.prompt, "input": "", "output": r.answer}, ensure_ascii=False) for r in rows)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def scored(rows: Sequence[Row], folder: Path, embedder: str, scores: str = "") -> pa.Table:
    """The table that `curate score` writes of a pool, in the order of the pool.

    Args:
        rows: the pool.
        folder: for the files.
        embedder: name of an embedder.
        scores: value of --with; its default if empty.
    """
    extra = ["--with", scores, "--combine", "none"] if scores else []
    out = folder / "scored.parquet"
    source = write(rows, folder / "pool.jsonl")
    curate("score", str(source), str(out), "--embedder", embedder, "--quiet", *extra)
    return in_order(pq.read_table(out), len(rows))


def selected(rows: Sequence[Row], folder: Path, embedder: str, size: int) -> pa.Table:
    """The ledger of the shipped recipe on a pool, in the order of the pool."""
    source, out = write(rows, folder / "pool.jsonl"), folder / "run"
    settings = [part for setting in (f"embedder={embedder}", *SHORT_REPORT) for part in ("--set", setting)]
    curate("run", RECIPE, "--input", str(source), "--out", str(out), "--size", str(size), "--quiet", *settings)
    return in_order(pq.read_table(out / "ledger.parquet"), len(rows))


def curate(*arguments: str) -> None:
    """Run the command line of this working copy.

    Raises:
        RuntimeError: with the last lines that it printed, where it fails.
    """
    code = "import sys; from curate.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode:
        raise RuntimeError("\n".join((done.stderr or done.stdout).strip().splitlines()[-8:]))


def in_order(table: pa.Table, count: int) -> pa.Table:
    """The table by rows of the input.

    Raises:
        ValueError: if it has not one row for each row of the input.
    """
    table = table.sort_by("row")
    if table["row"].to_pylist() != list(range(1, count + 1)):
        raise ValueError("the table has not one row for each row of the pool")
    return table


def values(table: pa.Table) -> tuple[str, np.ndarray]:
    """(name, (n,) float64) of the column that is judged; an invalid row has 0, another without a value the median."""
    name = next(column for column in COLUMNS if column in table.column_names)
    numbers = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    if "problem" in table.column_names:
        numbers[table["problem"].is_valid().to_numpy(zero_copy_only=False)] = 0
    numbers[np.isnan(numbers)] = np.nanmedian(numbers)
    return name, numbers


def chosen(ledger: pa.Table) -> np.ndarray:
    """(n,) bool: rows of the subset."""
    return ledger["rank"].is_valid().to_numpy(zero_copy_only=False)


def gated(ledger: pa.Table) -> np.ndarray:
    """(n,) bool: rows that selection could choose from: neither duplicates, nor invalid, nor below a floor or gate."""
    reasons = ledger["select_reason"].to_pylist()
    open_rows = [f.startswith("valid and unique") or f.startswith("selected") for f in ledger["fate"].to_pylist()]
    barred = [any(word in (r or "") for word in ("floor", "gate", "where", "fault")) for r in reasons]
    return (np.array(open_rows) & ~np.array(barred)) | chosen(ledger)


def faulty(table: pa.Table) -> np.ndarray:
    """(n,) bool: rows with a certain fault; with any fault, where faults are not yet split into certain and suspect."""
    if "faults" in table.column_names and pa.types.is_list(table["faults"].type):
        return np.array([bool(faults) for faults in table["faults"].to_pylist()])
    sys.path.insert(0, str(ROOT))
    from curate.score.combine import faults

    return faults(table) > 0
