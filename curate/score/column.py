"""What a score's column means: its unit, which way is better, where the formula comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa

DIRECTIONS = ("higher", "lower", "none")
MARK = b"curate.score"


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One score.

    Attributes:
        name: of the column.
        says: what it measures, in one line.
        unit: of its values.
        direction: which values are better, `higher` or `lower`; `none` for a description that ranks nothing.
        source: paper or practice that the formula is from.
        limit: a value above which the row counts as faulty; None if there is no such value.
        kind: `number`, `count`, `flag` (0 or 1) or `label` (text).
        needs: what it needs beside the text: "", `tokenizer`, `model`, `judge`, `reward`, `embedder` or `words`.
        made: by what the values were made, a model's name, say.
    """

    name: str
    says: str
    unit: str
    direction: str
    source: str
    limit: float | None = None
    kind: str = "number"
    needs: str = ""
    made: str = ""

    def field(self) -> pa.Field:
        """The Arrow field, with all of this as its metadata."""
        import pyarrow as pa

        types = {"number": pa.float64(), "count": pa.int64(), "flag": pa.int8(), "label": pa.string()}
        return pa.field(self.name, types[self.kind], metadata={MARK: msgspec.json.encode(self)})

    def faulty(self, value: Any) -> bool:
        """Whether a value is above the limit; what was not measured is not."""
        return value is not None and self.limit is not None and value > self.limit


def of_field(field: pa.Field) -> Column | None:
    """The score that a field of a table holds; None if it is another field."""
    text = (field.metadata or {}).get(MARK)
    return None if text is None else msgspec.json.decode(text, type=Column)


def of_table(table: pa.Table) -> dict[str, Column]:
    """The scores that a table holds, by name, in its order."""
    found = (of_field(field) for field in table.schema)
    return {column.name: column for column in found if column is not None}
