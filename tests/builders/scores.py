"""Scores of a table, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from curate.score.options import Score
from curate.score.score import add_scores


def with_scores(table: pa.Table, names: Sequence[str], options: Score | None = None) -> pa.Table:
    """The table with a column for each of these scores, not combined."""
    return add_scores(table, msgspec.structs.replace(options or Score(), with_=[*names])).table()
