"""LIMA-style: strata by source and category, a floor of quality, coverage within each stratum.

Source: Zhou et al. 2023, LIMA (arXiv 2305.11206), section 2: questions drawn from each site and topic at temperature 3
(so in proportion to the cube root of their number), only answers of good quality, and diversity above all.  Within a
stratum, where its authors chose by hand, rows are ordered by quality-weighted facility location.
"""

from __future__ import annotations

import msgspec
import pyarrow as pa

from curate.select.options import Select

STRATA = ("source", "category")
ALLOCATION = "lima"
# The share of rows that is left out where the quality is no probability.
FLOOR = 0.25
ROWS = 10


def completed(options: Select, pool: pa.Table, gated: bool) -> Select:
    """The options with the method's own balance, allocation and floor where none is given.

    Args:
        options: of a selection.
        pool: the columns of the candidates.
        gated: whether the floor `auto` has a value.
    """
    return msgspec.structs.replace(
        options,
        balance=options.balance or strata(pool),
        allocation=options.allocation or ALLOCATION,
        floor=FLOOR if options.floor == "auto" and not gated else options.floor,
    )


def strata(pool: pa.Table) -> str | None:
    """The columns to balance by, commas between: those of STRATA whose values have ROWS rows and more on average.

    A source that names each row's own page, say, makes no strata.
    """
    names = [name for name in STRATA if 0 < len(pool[name].drop_null().unique()) <= pool.num_rows / ROWS]
    return ",".join(names) or None
