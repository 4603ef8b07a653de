"""Several scores as one, by a declared rule.

`rank`: each score becomes its rank among the rows of the same category, 0 worst to 1 best; the mean of these ranks,
less one for each fault.  `product`: the values multiplied, as DEITA's complexity x quality.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.score.column import Column, add, of_table

NAME = "score"
METHODS = ("rank", "product")
AUTO = "auto"
ALIASES = {"deita": "product:complexity,judge_quality"}


def parse(rule: str, columns: dict[str, Column]) -> tuple[str, dict[str, str]]:
    """(method, direction of each score) that a rule means: `rank`, `rank:ifd,-length`, `product:ifd,rating`.

    A minus before a name turns its direction around.

    Args:
        rule: a method of METHODS, alone or with names after a colon, or one of ALIASES.
        columns: the scores that the table has. `rank` without names takes all that rank rows, without those that only
            find faults (limit 0); `product` must name its own.

    Raises:
        CurateError: for an unknown method or score, and for nothing to combine.
    """
    method, _, listed = ALIASES.get(rule, rule).partition(":")
    if method not in METHODS:
        raise CurateError(f"unknown combination {method!r}; combinations are {', '.join([*METHODS, *ALIASES])}")
    if not listed:
        if method == "product":
            raise CurateError("product needs to know what to multiply: --combine product:complexity,judge_quality")
        return method, {name: c.direction for name, c in columns.items() if ranks_rows(c)}
    directions = {}
    for term in map(str.strip, listed.split(",")):
        name = term.removeprefix("-")
        if name not in columns or not columns[name].is_number:
            numbers = ", ".join(n for n, c in columns.items() if c.is_number) or "none"
            raise CurateError(f"--combine names {name!r}, which is no score of numbers here; there are {numbers}")
        direction = "higher" if columns[name].direction == "none" else columns[name].direction
        directions[name] = {"higher": "lower", "lower": "higher"}[direction] if term.startswith("-") else direction
    return method, directions


def ranks_rows(column: Column) -> bool:
    """Whether a score tells better rows from worse ones, and not only faulty rows from others."""
    return column.direction != "none" and column.limit != 0 and column.name != NAME


def combine(table: pa.Table, rule: str = "rank", by: str = "category") -> tuple[Column, np.ndarray]:
    """The column `score` that a rule makes, and its values: (n,) float64, NaN where nothing was measured.

    Args:
        table: n rows with scores.
        rule: see `parse`.
        by: rows are ranked among those of the same value of this column; "" ranks all together.

    Raises:
        CurateError: for an unknown rule or column.
    """
    columns = of_table(table)
    method, directions = parse(rule, columns)
    if method == "product":
        combined = np.ones(table.num_rows)
        for name, direction in directions.items():
            combined *= _numbers(table, name) * (1 if direction == "higher" else -1)
        formula = " × ".join(name if d == "higher" else f"(-{name})" for name, d in directions.items())
        source = "DEITA (Liu et al. 2024): complexity × quality" if rule == "deita" else "as declared"
        return Column(NAME, formula, "product of the scores", "higher", source, made_by=rule), combined
    combined = _mean_rank(table, directions, groups_of(table, by))
    combined -= faults(table)
    formula = ", ".join(f"{name} ({d} is better)" for name, d in directions.items()) or "nothing (1/2)"
    within = f" within {by}" if by else ""
    meaning = f"mean rank{within} of {formula}, less 1 for each fault"
    return Column(NAME, meaning, "mean rank less faults", "higher", "rank aggregation (Borda)", made_by=rule), combined


def with_combined(table: pa.Table, rule: str, by: str) -> tuple[pa.Table, Column | None]:
    """The table with the column `score` that a rule makes, and what it is.

    Args:
        table: rows with scores.
        rule: as for `combine`, or `none`, or `auto`: `none` where the table has the score `quality`, else `rank`. With
            `none`, and where a rule names no score and no score ranks rows, the table is returned as it is.
        by: see `combine`.
    """
    check_groups(table, by)
    if rule == AUTO:
        rule = "none" if "quality" in of_table(table) else "rank"
    ranking = any(c.direction != "none" for c in of_table(table).values())
    if rule == "none" or not (ranking or ":" in rule):
        return table, None
    column, values = combine(table, rule, by)
    return add(table, column, values), column


def _mean_rank(table: pa.Table, directions: dict[str, str], groups: np.ndarray) -> np.ndarray:
    """(n,) mean of the ranks that each valid row has, 1/2 without any; NaN for invalid rows."""
    total, counts = np.zeros(table.num_rows), np.zeros(table.num_rows, np.int16)
    for name, direction in directions.items():
        own = ranks(_numbers(table, name) * (1 if direction == "higher" else -1), groups)
        measured = ~np.isnan(own)
        total[measured] += own[measured]
        counts += measured
    mean = np.where(counts > 0, total / np.maximum(counts, 1), 0.5)
    mean[~table["record"].is_valid().to_numpy()] = np.nan
    return mean


def groups_of(table: pa.Table, by: str) -> np.ndarray:
    """(n,) int32 number of the group that each row is in; rows without a value are a group of their own.

    Raises:
        CurateError: for an unknown column, and for one that holds lists or records.
    """
    if not by:
        return np.zeros(table.num_rows, np.int32)
    check_groups(table, by)
    column = table[by]
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    coded = pc.dictionary_encode(plain, null_encoding="encode")
    codes = [chunk.indices.to_numpy() for chunk in coded.chunks]  # of one dictionary
    return np.concatenate([np.zeros(0, np.int32), *codes])


def check_groups(table: pa.Table, by: str) -> None:
    """Check that a column groups rows; errors as for `groups_of`."""
    if not by:
        return
    if by not in table.column_names:
        raise CurateError(
            f"--by names a column {by!r} that the table does not have; it has {', '.join(table.column_names)}"
        )
    if pa.types.is_nested(table[by].type):
        raise CurateError(f"--by names the column {by!r}, which holds {table[by].type} and no plain values")


def ranks(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(n,) rank of each value in its group, in (0, 1): (mean rank - 1/2) / group size; equal values share theirs.

    Args:
        values: (n,) numbers; NaN does not count, and its rank is NaN.
        groups: (n,) number of each value's group.
    """
    shares = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], groups[known]))]
    if not len(order):
        return shares
    new_group = np.flatnonzero(np.diff(groups[order], prepend=groups[order[0]] - 1))
    new_value = np.flatnonzero(
        (np.diff(groups[order], prepend=-1) != 0) | (np.diff(values[order], prepend=np.nan) != 0)
    )
    sizes = np.diff(np.append(new_group, len(order)))
    first = np.repeat(new_group, sizes)
    runs = np.diff(np.append(new_value, len(order)))
    place = np.repeat(new_value + (runs + 1) / 2, runs) - first  # mean of 1-based places within the run
    shares[order] = (place - 0.5) / np.repeat(sizes, sizes)
    return shares


def faults(table: pa.Table) -> np.ndarray:
    """(n,) how many scores of each row are above their limit."""
    count = np.zeros(table.num_rows, np.int16)
    for name, column in of_table(table).items():
        if column.limit is not None:
            count += _numbers(table, name) > column.limit  # NaN is above nothing
    return count


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    """(n,) float64 values of a column; null is NaN."""
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
