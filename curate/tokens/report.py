"""The token report of rows, for machines; `text` and `page` show it to people."""

from __future__ import annotations

import msgspec

from curate.tokens.cost import RunCost
from curate.tokens.counts import NAMES, TokenCounts, UntrainedRow
from curate.tokens.histogram import Bin, bins, quantile
from curate.tokens.options import TokenOptions


class TokenSpread(msgspec.Struct, frozen=True):
    """Tokens of one kind.

    Attributes:
        median: half of the rows have no more before they are cut.
        p95: 95% of the rows have no more.
        p99: 99% of the rows have no more.
        max: of any row.
        total: of all rows before they are cut.
        fitting: of all rows that are trained on, after they are cut.
    """

    median: int
    p95: int
    p99: int
    max: int
    total: int
    fitting: int


class RowsCut(msgspec.Struct, frozen=True):
    """What the maximum length cuts off.

    Attributes:
        rows: that are longer.
        tokens: beyond it.
        trained: of these, those that would be trained on.
    """

    rows: int
    tokens: int
    trained: int


class RowsUntrained(msgspec.Struct, frozen=True):
    """Rows without a trained token, which are left out of training.

    Attributes:
        rows: how many.
        first: the first of them.
    """

    rows: int
    first: list[UntrainedRow]


class TokenReport(msgspec.Struct, frozen=True):
    """What a training run would see of rows.

    Attributes:
        options: the model, and how a run would use it.
        rows: valid rows.
        tokens: for each name of `counts.NAMES`.
        cut: what the maximum length cuts off.
        untrained: rows without a trained token.
        trained_share: of the tokens of a pass over the rows, those that are trained on; None where there are none.
        histogram: rows by all of their tokens, before they are cut.
        steps: optimiser steps of a run.
        run_tokens: tokens of all passes over the rows.
        cost: the time and memory of a run; None where it was not asked for.
    """

    options: TokenOptions
    rows: int
    tokens: dict[str, TokenSpread]
    cut: RowsCut
    untrained: RowsUntrained
    trained_share: float | None
    histogram: list[Bin]
    steps: int
    run_tokens: int
    cost: RunCost | None = None


def report(counts: TokenCounts, options: TokenOptions, cost: RunCost | None = None) -> TokenReport:
    """The report of counted rows.

    Args:
        counts: of all rows.
        options: that they were counted with.
        cost: see `TokenReport`.
    """
    lengths, fitting, length = counts.lengths["all"], counts.fitting["all"], options.max_length
    beyond = sum((tokens - length) * rows for tokens, rows in lengths.items() if tokens > length)
    return TokenReport(
        options,
        counts.rows,
        {name: _spread(counts, name) for name in NAMES},
        RowsCut(counts.cut, beyond, counts.cut_trained),
        RowsUntrained(counts.untrained_rows, counts.untrained),
        counts.fitting["trained"] / fitting if fitting else None,
        bins(lengths, length),
        options.steps(counts.trained_rows),
        options.epochs * fitting,
        cost,
    )


def _spread(counts: TokenCounts, name: str) -> TokenSpread:
    lengths = counts.lengths[name]
    median, p95, p99, most = (quantile(lengths, share) for share in (0.5, 0.95, 0.99, 1))
    total = sum(tokens * rows for tokens, rows in lengths.items())
    return TokenSpread(median, p95, p99, most, total, counts.fitting[name])
