"""Judge the score of quality and the shipped recipe on pools with a known share of bad rows.

    python bench/quality.py --half tune|report [--kinds tune|held-out] [--embedder auto,tfidf] [--data FOLDER]
                            [--seeds 2] [--languages en,zh,mixed] [--shares 0.1,0.3,0.6] [--leave-out] [--out FILE.json]

Rows come from the public files that bench/dirt/clean.py names (where --data has them) and from sample_data.  They are
cut in two by their first prompt: scores are tuned on the half `tune` and on the kinds of bench/dirt/kinds.py, and
reported on the half `report` and the kinds of bench/dirt/held_out.py.  Prints a line for each bar, and exits with 1
when one is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import quality_runs as runs
from dirt.clean import clean_rows, seed_tasks
from dirt.kinds import TUNE, Kind
from dirt.pools import SIZE, pool
from dirt.row import HALVES, Row
from quality_bars import bars
from quality_measures import auc, below_floor, deviations, spearman

SUBSET = 150 / 700
Result = dict[str, Any]


def dirty_pool(rows: list[Row], embedder: str, folder: Path) -> Result:
    """AUC of quality on a dirty pool, and what of its subset is bad."""
    kinds = np.array([row.kind for row in rows])
    ledger = runs.selected(rows, folder, embedder, round(SUBSET * len(rows)))
    column, numbers = runs.values(ledger)
    subset, bad = runs.chosen(ledger), kinds != ""
    names = sorted(set(kinds[bad]))
    return {
        "column": column,
        "rows": len(rows),
        "selected": int(subset.sum()),
        "auc": auc(numbers[~bad], numbers[bad]),
        "auc_by_kind": {name: auc(numbers[~bad], numbers[kinds == name]) for name in names},
        "bad": {name: int((kinds == name).sum()) for name in names},
        "bad_selected": {name: int((subset & (kinds == name)).sum()) for name in names},
        "candidates": int(runs.gated(ledger).sum()),
        "deviations": deviations(vectors_of(rows, embedder), subset, runs.gated(ledger)),
    }


def vectors_of(rows: list[Row], embedder: str) -> np.ndarray:
    """(n, d) vectors of prompt and answer."""
    from curate.models.embed import embed

    return embed([f"{row.prompt}\n\n{row.answer}" for row in rows], embedder).vectors


def clean_pool(rows: list[Row], embedder: str, folder: Path) -> Result:
    """What quality goes by on clean rows: length, lexical diversity, and groups of rows."""
    column, numbers = runs.values(runs.scored(rows, folder, embedder))
    lexical = runs.scored(rows, folder, embedder, "lexical_diversity,length")
    diversity = lexical["lexical_diversity"].to_numpy(zero_copy_only=False).astype(float)
    lengths = lexical["length"].to_numpy(zero_copy_only=False).astype(float)
    known = ~np.isnan(diversity)
    return {
        "column": column,
        "rows": len(rows),
        "length": spearman(numbers, lengths),
        "lexical diversity": spearman(numbers[known], diversity[known]),
        "below floor": below_floor(rows, numbers),
    }


def seed_faults(data: Path, half: str, embedder: str, folder: Path) -> Result:
    """Certain faults on seed tasks, which were written by hand."""
    rows = seed_tasks(data, half)
    if not rows:
        return {"rows": 0, "faulty": []}
    found = runs.faulty(runs.scored(rows, folder, embedder))
    return {"rows": len(rows), "faulty": [row.prompt[:80] for row, bad in zip(rows, found, strict=True) if bad]}


def kinds_of(name: str) -> dict[str, Kind]:
    """Kinds of dirt by the name of their set; those kept for the report are read only when they are asked for."""
    if name == "tune":
        return TUNE
    from dirt.held_out import HELD_OUT

    return HELD_OUT


def judge(options: argparse.Namespace, folder: Path) -> Result:
    """All that is measured, by embedder."""
    rows, kinds = clean_rows(options.data, options.half), kinds_of(options.kinds)
    results: Result = defaultdict(dict)
    for embedder in options.embedder.split(","):
        by_pool = results[embedder]["dirty"] = []
        for language in options.languages.split(","):
            for share in map(float, options.shares.split(",")):
                for seed in range(options.seeds):
                    began = time.perf_counter()
                    made = pool(rows, language, share, seed, kinds, options.size)
                    result = dirty_pool(made, embedder, folder)
                    by_pool.append({"language": language, "share": share, "seed": seed, **result})
                    note = f"{embedder} {language} {share:.0%} seed {seed}: AUC {result['auc']:.3f}"
                    ratio = sum(result["bad_selected"].values()) / max(1, result["selected"])
                    print(
                        f"{note}, {ratio:.1%} of the subset is bad, {time.perf_counter() - began:.0f} s",
                        file=sys.stderr,
                    )
        clean = results[embedder]["clean"] = {}
        for language in options.languages.split(","):
            own = [row for row in rows if language in ("mixed", row.language)]
            clean[language] = clean_pool(own, embedder, folder)
        results[embedder]["seed tasks"] = seed_faults(options.data, options.half, embedder, folder)
        if options.leave_out:
            from quality_leave_out import leave_one_out

            results[embedder]["left out"] = leave_one_out(rows, options.seeds, embedder)
    return dict(results)


def parsed() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, required=True)
    parser.add_argument("--kinds", choices=("tune", "held-out"), default="tune")
    parser.add_argument("--embedder", default="auto")
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parent / "data")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--languages", default="en,zh,mixed")
    parser.add_argument("--shares", default="0.1,0.3,0.6")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument(
        "--leave-out", action="store_true", help="also leave each kind out of what the score is trained on"
    )
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def main() -> int:
    """0 if every bar is met, else 1."""
    options = parsed()
    with tempfile.TemporaryDirectory() as folder:
        results = judge(options, Path(folder))
    lines, met = bars(results)
    print(f"half {options.half}, kinds {options.kinds}\n" + "\n".join(lines))
    if options.out:
        asked = {key: str(value) for key, value in vars(options).items()}
        options.out.write_text(json.dumps({"options": asked, **results}, indent=1, ensure_ascii=False) + "\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
