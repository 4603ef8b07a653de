"""The one type that fits all values of a column, and rows as Arrow batches of that type.

JSON has no schema and Arrow needs one before the first row is written, so it is gathered from all rows first: numbers
are int64, or uint64 or double where only that fits; objects are structs with every field that any row has, in the order
of their first appearance; a column that is always null has the type null.

Where values differ in kind (text here, a list there) no type fits.  That is an error which names the column and two
rows, or, if asked for, such values are written as JSON text, each of them, and named in the schema's metadata, so that
reading gives them back.  Objects that have no field in any row, which Parquet cannot hold, are always written so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curate.errors import CurateError

if TYPE_CHECKING:
    import pyarrow as pa

# Parquet readers stop at about a hundred levels, of which a list takes two.
MOST_LEVELS = 40
EXACT = 1 << 53
KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
Step = str | None


class InferredColumn:
    """The values seen in a column, in one field of its objects or in the items of its lists.

    Attributes:
        kinds: for each Python type seen, the first row that has it.
        fields: the fields of its objects.
        item: the items of its lists, None where it has no list.
        lowest: the least whole number seen, at most 0.
        highest: the greatest whole number seen, at least 0.
        text: whether its values are written as JSON text; `type` decides.
    """

    __slots__ = ("fields", "highest", "item", "kinds", "lowest", "text")

    def __init__(self) -> None:
        self.kinds: dict[type, int] = {}
        self.fields: dict[str, InferredColumn] = {}
        self.item: InferredColumn | None = None
        self.lowest = 0
        self.highest = 0
        self.text = False

    def see(self, value: Any, row: int) -> None:
        """Take a value into account.

        Args:
            value: a JSON value.
            row: its row, from 1.
        """
        kind = type(value)
        if value is None:
            return
        if kind not in self.kinds:
            self.kinds[kind] = row
        if kind is dict:
            self._see_fields(value, row)
        elif kind is list:
            if self.item is None:
                self.item = InferredColumn()
            for part in value:
                self.item.see(part, row)
        elif kind is int:
            if value < self.lowest:
                self.lowest = value
            elif value > self.highest:
                self.highest = value

    def _see_fields(self, value: dict[str, Any], row: int) -> None:
        fields = self.fields
        for name, part in value.items():
            column = fields.get(name)
            if column is None:
                column = fields[name] = InferredColumn()
            column.see(part, row)

    def type(self, path: str, as_text: bool, levels: int = 0) -> pa.DataType:
        """The Arrow type.

        Raises:
            CurateError: without the file's name, if there is none and `as_text` is not set.
        """
        import pyarrow as pa

        misfit = self._misfit(levels)
        if misfit and not as_text:
            raise CurateError(f"column {path}: {misfit}", 1)
        if misfit or (dict in self.kinds and not self.fields):
            self.text = True
            return pa.string()
        if dict in self.kinds:
            return pa.struct([(n, c.type(f"{path}.{n}", as_text, levels + 1)) for n, c in self.fields.items()])
        if self.item is not None:
            return pa.list_(self.item.type(f"{path}[]", as_text, levels + 1))
        if float in self.kinds:
            return pa.float64()
        if int in self.kinds:
            return pa.int64() if self.highest < 1 << 63 else pa.uint64()
        return {str: pa.string(), bool: pa.bool_()}[next(iter(self.kinds))] if self.kinds else pa.null()

    def _misfit(self, levels: int) -> str:
        """Why no type fits; empty if one does."""
        met: dict[str, int] = {}
        for kind, row in self.kinds.items():
            met.setdefault(KINDS[kind], row)
        if len(met) > 1:
            (one, first), (other, second) = sorted(met.items(), key=lambda item: item[1])[:2]
            return f"row {first} has {one} and row {second} has {other}"
        if int in self.kinds and float in self.kinds and max(self.highest, -self.lowest) > EXACT:
            first, second = sorted(self.kinds.values())
            return f"rows {first} and {second} have integers and decimals that no one type holds exactly"
        if self.highest >= 1 << 64 or self.lowest < -(1 << 63) or (self.highest >= 1 << 63 and self.lowest < 0):
            return f"integers from {self.lowest} to {self.highest} do not fit into 64 bits"
        if levels > MOST_LEVELS:
            return f"row {min(self.kinds.values())} nests deeper than {MOST_LEVELS} levels"
        return ""

    def texts(self, steps: tuple[Step, ...]) -> list[tuple[Step, ...]]:
        """The paths of what is written as JSON text, once `type` has been asked."""
        if self.text:
            return [steps]
        paths = [path for name, column in self.fields.items() for path in column.texts((*steps, name))]
        return paths + (self.item.texts((*steps, None)) if self.item else [])
