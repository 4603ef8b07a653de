"""How good each row is: the probability that a score states, or else its rank in the pool, so that no scale matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.score.column import of_table
from curate.table.quality_column import default_name, numbers
from curate.text.counted import counted
from schemas.record import Conversation

# The best rows of a pool are as good as this quantile of it, be it ever so dirty.  Rows of a higher probability count
# alike: what sets them apart is what they are about (code, one word, Chinese), and not how good they are.
UPPER = 0.9
# The floor `auto`: rows more likely bad than this are left out, where the share of bad rows in the pool is taken to be
# this many times what the probabilities say, since corruptions are not all the dirt that there is; but never a row
# above this share of the quantile (bench/quality_methods.py).
DOUBT, HIDDEN, GATE = 0.3, 2.0, 0.6
# Rounds in which the share of bad rows is found; it moves by less than a thousandth after half as many.
ROUNDS = 200


class Quality(NamedTuple):
    """How good each row of a pool is.

    Attributes:
        values: (n,) float64 in [0, 1], 1 the best; None if all rows count alike.
        note: one sentence on where it comes from.
        full: from which value on rows count alike.
        gate: the value of the floor `auto`; 0 where values are ranks, for a rank does not say that a row is bad.
        rest: how rows without a number count, to be read after the note.
    """

    values: np.ndarray | None
    note: str
    full: float = 1.0
    gate: float = 0.0
    rest: str = ""

    def inside(self, floor: float | str | None) -> tuple[np.ndarray | None, float]:
        """(n,) bool, rows that are not below the floor, and its value; None if no floor applies.

        Args:
            floor: a share of the rows, `auto`, or None.
        """
        if not floor or self.values is None or (floor == "auto" and not self.gate):
            return None, 0.0
        if isinstance(floor, str):
            return self.values >= self.gate, self.gate
        above = ranks(self.values) >= floor
        return above, float(self.values[above].min()) if self.gate else floor

    def about(self, floor: float | str | None) -> str:
        """The note, with what this floor means; see `inside`."""
        above, value = self.inside(floor)
        if above is None or floor is None:
            return f"{self.note}{', there is no floor' if self.gate else ''}{self.rest}"
        if isinstance(floor, str):
            means = "leaves out no row" if above.all() else f"is {value:.2f}"
            return f"{self.note}, the automatic floor {means}{self.rest}"
        below = f"rows below {value:.2f}" if self.gate else f"rows of a rank below {value:g}"
        return f"{self.note}, the floor {floor:g} leaves out {below}{self.rest}"


def row_quality(pool: pa.Table, records: Sequence[Conversation], name: str | None) -> Quality:
    """The quality of each row of a pool.

    Rows without a number count as the median.

    Args:
        pool: n rows of a table.
        records: those of the pool, row by row.
        name: a column of the table or a field of the rows, numbers of which higher ones are better; with a minus before
            it lower ones are. None: the first of `quality_column.DEFAULTS` that is a column, else all rows count alike;
            see also `quality_column.default_quality`.

    Raises:
        CurateError: for an unknown name, and for values that are no numbers.
    """
    name = name or default_name(pool)
    if name is None:
        return Quality(None, "no row has a quality score, so all count alike (run `curate score`, or use --quality)")
    scores = numbers(pool, records, name)
    column = name.removeprefix("-")
    whose = "" if column in pool.column_names else ", a field of the rows"
    known = scores[np.isfinite(scores)]
    if len(np.unique(known)) < 2:
        held = "one number only" if len(known) else "no number"
        return Quality(None, f"{column}{whose} holds {held}, so all rows count alike")
    missing = len(scores) - len(known)
    rest = f"; {counted(missing, 'row without one counts', 'rows without one count')} as the median" if missing else ""
    if name in probabilities(pool):
        full = float(np.quantile(known, UPPER))
        gate = min(GATE * full, automatic_floor(known))
        note = f"quality: {name}, a probability; rows from {full:.2f} on count alike"
        return Quality(np.where(np.isfinite(scores), scores, np.median(known)), note, full, gate, rest)
    better = "higher" if name == column else "lower"
    return Quality(ranks(scores), f"quality: the rank of {column}{whose}, {better} is better", rest=rest)


def automatic_floor(probabilities: np.ndarray) -> float:
    """Below which probability rows are left out: 0 for a pool without bad rows, higher for a dirtier one.

    The probabilities hold for as many bad rows as good ones.  Which share of the pool is bad is what makes the observed
    probabilities likeliest, and with it each row has a probability of its own.

    Args:
        probabilities: (n,) in [0, 1].

    Source: Saerens, Latinne and Decaestecker 2002 (classifiers under another prior, by expectation maximisation).
    """
    odds = np.clip(probabilities, 1e-6, 1 - 1e-6)
    odds = (1 - odds) / odds
    bad = 0.5
    for _ in range(ROUNDS):
        of_bad = bad * odds
        bad = float(np.mean(of_bad / (of_bad + 1 - bad)))
    bad = min(HIDDEN * bad, 0.9)
    # The odds of a row to be bad are those of its probability times those of the pool.
    limit = DOUBT / (1 - DOUBT) * (1 - bad) / max(bad, 1e-9)
    return 1 / (1 + limit)


def probabilities(table: pa.Table) -> set[str]:
    """The scores of a table that are probabilities of being good."""
    scores = of_table(table).values()
    return {score.name for score in scores if score.unit.startswith("probability") and score.direction == "higher"}


def ranks(scores: np.ndarray) -> np.ndarray:
    """(n,) float64 in [0, 1]: 0 for the lowest score, 1 for the highest, equal scores their mean, NaN 0.5.

    A single score, or scores that are all equal, get 0.5.
    """
    out = np.full(len(scores), 0.5)
    known = np.isfinite(scores)
    _, which, counts = np.unique(scores[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles = ends - (counts + 1) / 2  # mean rank from 0 on
    if len(counts) > 1:
        # The lowest and highest groups end at 0 and 1 exactly, whatever their size.
        middles = (middles - middles[0]) / (middles[-1] - middles[0])
        out[known] = middles[which]
    return out
