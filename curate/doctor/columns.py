"""Whether the rows of a JSON file fit into one Arrow table, as `datasets` makes of it.

Source: Arrow's JSON reader, which takes the first type it sees in a place for the type of all.
"""

from __future__ import annotations

from typing import Any

from curate.doctor.finding import Finding

KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "an object", list: "a list"}


class SeenColumns:
    """The types of values and the names of fields seen so far.

    Attributes:
        kinds: (kind, first row that has it) by path, where `[]` stands for every item of a list.
        fields: names by path of the object.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, tuple[str, int]] = {}
        self.fields: dict[str, set[str]] = {"$": set()}

    def add(self, row: Any, number: int) -> Finding | None:
        """Take a row into account; returns what is wrong if it does not fit those before."""
        return self._value(row, "$", "$", number)

    def _value(self, value: Any, place: str, path: str, number: int) -> Finding | None:
        if value is None:
            return None
        kind = KINDS[type(value)]
        known, first = self.kinds.setdefault(place, (kind, number))
        if known != kind:
            return Finding(
                "crash",
                path,
                f"found {kind}, while row {first} has {known} there: a column has one type, and the file is not read",
                f"write {known} in every row, or leave the field out where there is none",
            )
        if kind == "an object":
            names = self.fields.setdefault(place, set())
            for name, inner in value.items():
                names.add(name)
                finding = self._value(inner, f"{place}.{name}", f"{path}.{name}", number)
                if finding:
                    return finding
        elif kind == "a list":
            for i, inner in enumerate(value):
                finding = self._value(inner, f"{place}[]", f"{path}[{i}]", number)
                if finding:
                    return finding
        return None
