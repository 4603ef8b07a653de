"""Evidence on a subset that does not come from the quality that it was selected by: faults, and an auditor."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.progress import Progress
from curate.score.texts import RowTexts
from curate.table.counting import rows_that_count

DIGITS = 6
# Rows of the subset and of the candidates that are looked at; the deviation says what the others may differ by.
OF_SUBSET, OF_CANDIDATES = 1000, 2000
# Fewer candidates teach an auditor nothing.
LEAST = 60
FAULTS = {"faults": ("certain faults", "certainly has a fault"), "suspicions": ("suspected faults", "may have a fault")}
AUDIT = (
    "how a row's answer goes with its prompt and with other answers, as its rank among candidates of the same script "
    "and like length (1/2: as the middle one); by a linear model of character n-grams and of the characters that "
    "prompt and answer share, trained to tell candidates from damaged ones, each judged by a model that has not seen it"
)
BLIND = (
    "Selection does not see the auditor. It cannot see whether an answer is true or helpful, hardly sees an answer "
    "that breaks off or a stock phrase, and likes answers in the words of their prompts, as other scores do."
)


class Samples(NamedTuple):
    """Rows of the subset and of the candidates that are looked at.

    Attributes:
        subset: (a,) positions among the candidates.
        candidates: (b,) positions.
        sizes: how many rows subset and candidates have in all.
    """

    subset: np.ndarray
    candidates: np.ndarray
    sizes: tuple[int, int]

    @classmethod
    def drawn(cls, chosen: np.ndarray, count: int, seed: int) -> Samples:
        """Random ones of the `chosen` rows and of all of `count` candidates; all where there are few."""
        rng = np.random.default_rng([seed, 16])
        subset = np.sort(rng.permutation(chosen)[:OF_SUBSET])
        return cls(subset, np.sort(rng.permutation(count)[:OF_CANDIDATES]), (len(chosen), count))

    def compared(self, subset: np.ndarray, candidates: np.ndarray, direction: str) -> dict[str, float | None]:
        """The mean of a number in the subset, and what it is in random subsets of its size, with their deviation.

        The deviation has what the mean of random rows differs by, and what comes of looking at some of the rows only:

            s^2 (1/k - 1/n + 1/a - 1/k + 1/b - 1/n) for k of n rows, of which a and b are looked at

        Args:
            subset: (a,) numbers of its rows that are looked at; NaN counts as the mean of the candidates.
            candidates: (b,) numbers of theirs.
            direction: `higher` or `lower`, which is better.
        """
        size, count = self.sizes
        mean = float(np.nanmean(candidates))
        own = float(np.where(np.isnan(subset), mean, subset).mean())
        spread = float(np.nanstd(candidates, ddof=1)) if np.isfinite(candidates).sum() > 1 else 0.0
        deviation = spread * float(np.sqrt(max(1 / len(subset) + 1 / len(candidates) - 2 / count, 0)))
        numbers = comparison(own, mean, deviation, mean, direction)
        return numbers if size < count else {**numbers, "deviations": None}


def comparison(subset: float, random: float, deviation: float, pool: float, direction: str) -> dict[str, float | None]:
    """These numbers in DIGITS digits, and `deviations`, by how many the subset is better; None without a deviation."""
    sign = -1 if direction == "lower" else 1
    better = sign * (subset - random) / deviation if deviation > 1e-12 else None
    numbers = {"subset": subset, "random": random, "deviation": deviation, "deviations": better, "pool": pool}
    return {name: None if number is None else float(f"{number:.{DIGITS}g}") for name, number in numbers.items()}


def faults(table: pa.Table, pool: pa.Table, samples: Samples) -> list[dict[str, Any]]:
    """Shares of rows with certain and with suspected faults; the pool's share is that of all valid rows.

    Args:
        table: all rows.
        pool: the candidates.
        samples: of them.
    """
    valid = table.take(pa.array(rows_that_count(table, "valid")))
    results = []
    for column, (name, says) in FAULTS.items():
        has = _has(pool, column)
        sides = (has(samples.subset), has(samples.candidates))
        if not np.isfinite(sides[1]).any():
            continue
        numbers = samples.compared(*sides, "lower")
        if column in table.column_names:
            shares = _has(valid, column)(np.arange(valid.num_rows))
            numbers["pool"] = float(f"{np.nanmean(shares):.{DIGITS}g}")
        about = {"name": name, "says": f"share of rows that {says}", "unit": "share of rows", "direction": "lower"}
        results.append({**about, **numbers})
    return results


def _has(table: pa.Table, column: str) -> Any:
    """A function of positions that says which rows have a fault: 1, 0, or NaN where it was not looked for."""
    from curate.score.faults.registry import names

    def of_column(rows: np.ndarray) -> np.ndarray:
        lists = table[column].take(pa.array(rows)).to_pylist()
        return np.array([np.nan if row is None else float(bool(row)) for row in lists])

    def of_text(rows: np.ndarray) -> np.ndarray:
        found = names(RowTexts.of_table(table.take(pa.array(rows))), column == "faults")
        return np.array([float(bool(row)) for row in found])

    return of_column if column in table.column_names else of_text


def audited(pool: pa.Table, samples: Samples, progress: Progress) -> tuple[dict[str, Any] | None, str]:
    """The mean rank by the auditor, and a sentence: what it cannot see, or why there is none."""
    from curate.score.audit.auditor import audit
    from curate.score.audit.matched import matched_ranks

    if samples.sizes[1] < LEAST:
        return None, f"Quality was not measured independently: an auditor needs {LEAST} candidates or more."
    progress("auditing", 0, 1)
    rows = np.union1d(samples.subset, samples.candidates)
    texts = RowTexts.of_table(pool.take(pa.array(rows)))
    reference, own = np.searchsorted(rows, samples.candidates), np.searchsorted(rows, samples.subset)
    try:
        odds = audit(texts.prompts, texts.responses)
    except CurateError as error:
        return None, f"Quality was not measured independently: {error}"
    ranks = matched_ranks(odds, texts.responses, reference)
    progress("auditing", 1, 1)
    about = {"name": "auditor", "says": AUDIT, "unit": "rank, 0 to 1", "direction": "higher"}
    return {**about, **samples.compared(ranks[own], ranks[reference], "higher")}, BLIND
