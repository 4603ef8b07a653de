"""Any column of the table, field of the rows, or thing that is worked out from them, by name."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.text.script import script
from schemas.record import Conversation

NO_VALUE = "(none)"


def values(pool: pa.Table, records: Sequence[Conversation], name: str) -> list:
    """The value of each row, None where it has none.

    Args:
        name: a column of the table (`category` with those that were assigned); `language`, worked out from the response
            if it is no column; or a field of the rows that their format does not name.
        records: those of the pool, row by row, from which prompt and response come where they are no columns.

    Raises:
        CurateError: for a name that is none of these.
    """
    if name == "category" and "category_assigned" in pool.column_names:
        return pc.coalesce(pool["category"], pool["category_assigned"]).to_pylist()
    if name in pool.column_names:
        return pool[name].to_pylist()
    if name == "prompt":
        return [record.prompt() for record in records]
    if name == "response":
        return [record.response() for record in records]
    if name == "language":
        return list(map(_language, values(pool, records, "response"), values(pool, records, "prompt")))
    found = [(record.extra or {}).get(name) for record in records]
    if any(text is not None for text in found):
        return [None if text is None else msgspec.json.decode(text) for text in found]
    fields = sorted({field for record in records for field in record.extra or ()})
    more = f"; the rows have {', '.join(fields[:20])}" if fields else ""
    raise CurateError(f"the table has no column {name!r}; it has {', '.join(pool.column_names)}{more}")


def _language(response: str, prompt: str) -> str:
    """The script of the response, or of the prompt where the response has no letters, as "42" has none."""
    found = script(response)
    return found if found != "none" else script(prompt)


def text(value: object) -> str:
    """A value as the name of a group."""
    if value is None or value == "":
        return NO_VALUE
    if isinstance(value, (list, dict)):
        return msgspec.json.encode(value).decode()
    return str(value)
