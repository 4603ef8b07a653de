"""A score as a column: its unit, which way is better, where the formula comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from curate.errors import CurateError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MARK = b"curate.score"


class Column(msgspec.Struct, frozen=True, omit_defaults=True, rename={"meaning": "says", "made_by": "made"}):
    """One score.

    Attributes:
        name: of the column.
        meaning: what it measures, in one line.
        unit: of its values.
        direction: which values are better, `higher` or `lower`; `none` for a description that ranks nothing.
        source: paper or practice that the formula is from.
        limit: a value above which the row counts as faulty; None if there is no such value.
        kind: `number`, `count`, `flag` (0 or 1) or `label` (text) or `names` (a list of texts).
        needs: what it needs besides the text: "", `tokenizer`, `model`, `judge`, `reward`, `embedder` or `words`.
        made_by: what computed the values, a model's name for example.
    """

    name: str
    meaning: str
    unit: str
    direction: str
    source: str
    limit: float | None = None
    kind: str = "number"
    needs: str = ""
    made_by: str = ""

    def field(self) -> pa.Field:
        """The Arrow field, with all of this as its metadata."""
        import pyarrow as pa

        types = {"number": pa.float64(), "count": pa.int64(), "flag": pa.int8(), "label": pa.string()}
        types["names"] = pa.list_(pa.string())
        return pa.field(self.name, types[self.kind], metadata={MARK: msgspec.json.encode(self)})

    @property
    def is_number(self) -> bool:
        """Whether values are numbers, and not texts."""
        return self.kind not in ("label", "names")

    def faulty(self, value: Any) -> bool:
        """Whether a value is above the limit; what was not measured is not."""
        return value is not None and self.limit is not None and value > self.limit


def of_field(field: pa.Field) -> Column | None:
    """The score that a field of a table holds; None if it is another field."""
    text = (field.metadata or {}).get(MARK)
    return None if text is None else msgspec.json.decode(text, type=Column)


def of_table(table: pa.Table) -> dict[str, Column]:
    """The scores that a table holds, by name, in its order."""
    columns = (of_field(field) for field in table.schema)
    return {column.name: column for column in columns if column is not None}


def is_there(table: pa.Table, column: Column) -> bool:
    """Whether a table holds this very score, made in this way, with at least one value."""
    position = table.schema.get_field_index(column.name)
    return (
        position >= 0
        and of_field(table.schema.field(position)) == column
        and table.column(position).null_count < table.num_rows
    )


def array(values: Sequence | np.ndarray, column: Column) -> pa.Array:
    """(n,) values of a score as Arrow has them; not a number is null."""
    import pyarrow as pa

    return pa.array(values, column.field().type, from_pandas=True)


def add(table: pa.Table, column: Column, values: Sequence | np.ndarray | pa.ChunkedArray) -> pa.Table:
    """The table with a score's column, in place of any of the same name.

    Args:
        table: of n rows.
        column: what the score is.
        values: (n,) values.

    Raises:
        CurateError: if the name is that of a column which is no score.
    """
    import pyarrow as pa

    field = column.field()
    position = table.schema.get_field_index(column.name)
    chunks = values if isinstance(values, pa.ChunkedArray) else array(values, column)
    if position < 0:
        return table.append_column(field, chunks)
    if of_field(table.schema.field(position)) is None:
        raise CurateError(f"the table has a column {column.name!r} that is no score of ours; rename it")
    return table.set_column(position, field, chunks)
