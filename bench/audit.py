"""How well the report's auditor tells bad rows, and subsets with many of them, on pools with known bad rows.

    python bench/audit.py [--data FOLDER] [--pools mixed-0.3-0,zh-0.3-0,en-0.3-0,mixed-0.6-1] [--size 150]

Pools are those of bench/quality.py (LANGUAGE-SHARE-SEED) on the half `tune` with the kinds of bench/dirt/kinds.py.
Prints the AUC of rows' ranks (and last that of each kind), then by how many standard deviations subsets with a tenth of
the pool's share of bad rows, with its share and with one and a half times its share are better than random rows; and,
on the clean rows of the pool, the same for the longest, the shortest and random ones, where the right answer is none.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dirt.clean import clean_rows
from dirt.kinds import TUNE
from dirt.pools import pool
from dirt.row import Row
from quality_measures import auc

SHARES = (0.1, 1.0, 1.5)


def ranks_of(rows: list[Row]) -> np.ndarray:
    """(n,) ranks by the auditor."""
    from curate.score.audit.auditor import audit
    from curate.score.audit.matched import matched_ranks

    answers = [row.answer for row in rows]
    return matched_ranks(audit([row.prompt for row in rows], answers), answers, np.arange(len(rows)))


def deviations(ranks: np.ndarray, chosen: np.ndarray) -> float:
    """By how many standard deviations of random subsets the chosen rows are better."""
    from curate.run.evidence import Samples

    samples = Samples(chosen, np.arange(len(ranks)), (len(chosen), len(ranks)))
    return float(samples.compared(ranks[chosen], ranks, "higher")["deviations"] or 0.0)


def subset(bad: np.ndarray, size: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Positions of random rows of which a share is bad."""
    count = min(round(share * size), int(bad.sum()), size)
    return np.r_[rng.permutation(np.flatnonzero(bad))[:count], rng.permutation(np.flatnonzero(~bad))[: size - count]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parent / "data")
    parser.add_argument("--pools", default="mixed-0.3-0,zh-0.3-0,en-0.3-0,mixed-0.6-1")
    parser.add_argument("--size", type=int, default=150)
    given = parser.parse_args()
    rows = clean_rows(given.data, "tune")
    print("| pool | AUC | bad x0.1 | bad x1 | bad x1.5 | longest | shortest | random |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    by_kind = {}
    for name in given.pools.split(","):
        language, share, seed = name.split("-")
        made = pool(rows, language, float(share), int(seed), TUNE)
        bad, ranks, rng = np.array([row.kind != "" for row in made]), ranks_of(made), np.random.default_rng(0)
        own = [deviations(ranks, subset(bad, given.size, k * bad.mean(), rng)) for k in SHARES]
        clean = [row for row in made if not row.kind]
        lengths, of_clean = np.argsort([len(row.answer) for row in clean], kind="stable"), ranks_of(clean)
        size = min(given.size, len(clean) // 3)
        parts = (lengths[-size:], lengths[:size], rng.permutation(len(clean))[:size])
        numbers = [*own, *(deviations(of_clean, part) for part in parts)]
        by_kind[name] = {
            kind: round(auc(ranks[~bad], ranks[[row.kind == kind for row in made]]), 2)
            for kind in sorted({row.kind for row in made} - {""})
        }
        print(
            f"| {name} | {auc(ranks[~bad], ranks[bad]):.2f} | " + " | ".join(f"{z:+.1f}" for z in numbers) + " |",
            flush=True,
        )
    for name, aucs in by_kind.items():
        print(f"{name}: {', '.join(f'{kind} {value}' for kind, value in aucs.items())}")


if __name__ == "__main__":
    main()
