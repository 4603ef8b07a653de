"""Compare methods of selection on dirty pools: bad rows in the subset, and how diverse it is.

    python bench/quality_methods.py [--data FOLDER] [--size 150] [--balance cluster] [--floor auto] [--embedder auto]
                                    [--pools mixed-0.3-0,mixed-0.6-0,en-0.3-0,zh-0.3-0]

Pools are those of bench/quality.py (LANGUAGE-SHARE-SEED) on the half `tune` with the kinds of bench/dirt/kinds.py, on
which methods and floors are chosen.  For each method: the share of bad rows in the subset over their share in the pool
(mean and worst pool), and by how many standard deviations its NovelSum is above random rows above the floor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import quality_runs as runs
from dirt.clean import clean_rows
from dirt.kinds import TUNE
from dirt.pools import pool
from quality_measures import deviations

POOLS = "mixed-0.1-0,mixed-0.3-0,mixed-0.3-1,mixed-0.6-0,mixed-0.6-1,en-0.3-0,en-0.6-0,zh-0.3-0"


def judged(table: pa.Table, bad: np.ndarray, vectors: np.ndarray, options: dict[str, object]) -> tuple[float, float]:
    """(share of bad rows in the subset over that in the pool, deviations of its NovelSum) of a selection."""
    from curate.select.options import plain
    from curate.select.selection import choose

    selection = choose(table, plain(**options), vectors=vectors)
    subset = np.zeros(len(bad), bool)
    subset[selection.order] = True
    reasons = selection.columns["select_reason"].to_pylist()
    above = np.array(["below the floor" not in reason for reason in reasons])
    return float(bad[subset].mean() / bad.mean()), deviations(vectors, subset, above)


def main() -> None:
    from curate.models.embed import embed_table
    from curate.select.options import METHODS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parent / "data")
    parser.add_argument("--size", type=int, default=150)
    parser.add_argument("--balance")
    parser.add_argument("--floor", default="auto")
    parser.add_argument("--embedder", default="auto")
    parser.add_argument("--pools", default=POOLS)
    given = parser.parse_args()
    rows = clean_rows(given.data, "tune")
    results: dict[str, list[tuple[float, float]]] = {method: [] for method in METHODS}
    with tempfile.TemporaryDirectory() as folder:
        for name in given.pools.split(","):
            language, share, seed = name.split("-")
            made = pool(rows, language, float(share), int(seed), TUNE)
            table = runs.scored(made, Path(folder), given.embedder)
            vectors = embed_table(table, given.embedder).vectors
            bad = np.array([row.kind != "" for row in made])
            floor = given.floor if given.floor == "auto" else float(given.floor)
            allocation = "square-root" if given.balance else None
            for method in METHODS:
                options = {"method": method, "size": given.size, "balance": given.balance, "floor": floor}
                results[method].append(judged(table, bad, vectors, {**options, "allocation": allocation}))
    title = f"method ({given.size} rows, {len(given.pools.split(','))} pools)"
    print(f"| {title} | bad rows | worst pool | NovelSum | least |\n| --- | --- | --- | --- | --- |")
    for method, values in results.items():
        bad_rows, z = np.array(values).T
        print(f"| `{method}` | {bad_rows.mean():.2f}x | {bad_rows.max():.2f}x | {z.mean():+.1f} | {z.min():+.1f} |")


if __name__ == "__main__":
    main()
