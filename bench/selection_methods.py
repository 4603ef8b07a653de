"""What each method of selection gives on data: diversity and coverage beside random subsets of the same size.

    python bench/selection_methods.py FILE... [--size 500] [--balance category] [--embedder auto] [--random 20]

NovelSum is as its authors' code has it (mean over rows of distances weighted by density and rank), density against the
pool; z is how many standard deviations of the random subsets a method lies above their mean.
"""

from __future__ import annotations

import argparse

import numpy as np
import pyarrow as pa

from curate.dedup import exact
from curate.models.embed import embed_table
from curate.select import novelsum
from curate.select import selection as select
from curate.select.options import METHODS, plain
from curate.table import table
from curate.table.counting import rows_that_count


def novelty(vectors: np.ndarray, density: np.ndarray) -> float:
    """NovelSum of a set.  vectors: (n, d) of unit length.  density: (n,)."""
    distances = np.sort(np.maximum(1 - vectors @ vectors.T, 0), axis=1) * density[:, None]
    weights = 1 / np.arange(1, len(vectors) + 1)
    return float((distances @ weights / weights.sum()).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--balance")
    parser.add_argument("--embedder", default="auto")
    parser.add_argument("--random", type=int, default=20)
    arguments = parser.parse_args()
    rows = exact.mark(table.read(arguments.files))
    rows = rows.take(pa.array(rows_that_count(rows, "unique")))
    vectors, note = embed_table(rows, arguments.embedder)
    density = novelsum.density(vectors, vectors)
    print(f"{arguments.size:,} of {rows.num_rows:,} rows, balance {arguments.balance}; {note}")

    def worth(order: np.ndarray) -> tuple[float, float, float]:
        near = (vectors @ vectors[order].T).max(axis=1)
        return novelty(vectors[order], density[order]), float(np.maximum(near, 0).mean()), float(1 - near.min())

    def order(method: str, seed: int = 0) -> np.ndarray:
        options = plain(method=method, size=arguments.size, balance=arguments.balance)
        return select.order(rows, options, seed, vectors=vectors)

    drawn = np.array([worth(order("random", seed)) for seed in range(arguments.random)])
    mean, spread = drawn.mean(axis=0), drawn.std(axis=0, ddof=1)
    print(f"{'method':20}{'NovelSum':>10}{'z':>7}{'coverage':>10}{'z':>7}{'radius':>9}{'z':>7}")
    print(f"{'random, mean':20}{mean[0]:10.4f}{'':7}{mean[1]:10.4f}{'':7}{mean[2]:9.4f}")
    for method in METHODS:
        if method not in ("random", "top_score"):
            values = np.array(worth(order(method)))
            z = (values - mean) / spread
            print(
                f"{method:20}{values[0]:10.4f}{z[0]:+7.1f}{values[1]:10.4f}{z[1]:+7.1f}{values[2]:9.4f}{z[2]:+7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
