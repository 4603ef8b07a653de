"""Any column of the table, field of the rows, or value derived from their texts, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from unicodedata import normalize

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError, did_you_mean
from curate.text.language import language
from curate.text.script import script
from schemas.record import Conversation

NO_VALUE = "(none)"
# What a score has for a text whose language or script cannot be told, as that of a text without letters.
UNKNOWN = {"language": "und", "script": "none"}


def values(pool: pa.Table, records: Sequence[Conversation], name: str) -> list:
    """The value of each row, None where it has none.

    Args:
        pool: n rows of a table.
        records: those of the pool, row by row, from which prompt and response come where they are no columns.
        name: a column of the table (`category` with those that were assigned); `language` or `script`, of the response,
            and of the prompt where the response has no letters; or a field of the rows that their format does not name.

    Raises:
        CurateError: for an unknown name.
    """
    if name == "category" and "category_assigned" in pool.column_names:
        return pc.coalesce(pool["category"], pool["category_assigned"]).to_pylist()
    if name in UNKNOWN:
        return _of_texts(pool, records, name)
    if name in pool.column_names:
        return pool[name].to_pylist()
    if name == "prompt":
        return [record.prompt() for record in records]
    if name == "response":
        return [record.response() for record in records]
    texts = [(record.extra or {}).get(name) for record in records]
    if any(text is not None for text in texts):
        return [
            None if text is None else field_value(text, name, partial(_place, pool, i)) for i, text in enumerate(texts)
        ]
    fields = sorted({field for record in records for field in record.extra or ()})
    raise no_column(name, [*pool.column_names, *UNKNOWN], fields)


def no_column(name: str, columns: Sequence[str], fields: Sequence[str] = ()) -> CurateError:
    """The error for a name that is neither a column of the table nor a field of its rows, with the nearest ones.

    Args:
        name: as the user gave it.
        columns: of the table, and what else may stand for one.
        fields: of the rows.
    """
    hint = did_you_mean(name, dict.fromkeys([*columns, *fields]), 2)
    more = f"; the rows have {', '.join(fields[:20])}" if fields else ""
    return CurateError(
        f"the table has no column {name!r} and no row such a field; {hint}columns are {', '.join(columns)}{more}"
    )


def field_value(text: bytes | str, name: str, place: Callable[[], str]) -> Any:
    """The value of a field that its row holds as JSON; `place` says where the row is from.

    Raises:
        CurateError: for a number beyond all floats, with its place.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        shown = text if isinstance(text, str) else bytes(text).decode(errors="replace")
        problem = f"the field {name!r} is {shown[:40]}, which cannot be compared"
        raise CurateError(f"{place()}: {problem} ({str(error).lower()})") from None


def _place(pool: pa.Table, i: int) -> str:
    known = {"file", "row"} <= set(pool.column_names)
    return f"{pool['file'][i]}:{pool['row'][i]}" if known else f"row {i + 1:,}"


def _of_texts(pool: pa.Table, records: Sequence[Conversation], name: str) -> list[str]:
    """The language or script of each row: the column that a score has made, and the same from texts where it has not.

    Texts are only read for rows whose response has no letters, or where there is no column.
    """
    known: list = pool[name].to_pylist() if name in pool.column_names else [None] * pool.num_rows
    missing = [i for i, value in enumerate(known) if value is None or value == UNKNOWN[name]]
    if missing:
        responses, prompts = values(pool, records, "response"), values(pool, records, "prompt")
        for i in missing:
            in_script, text = _with_letters(responses[i], prompts[i])
            known[i] = in_script if name == "script" else language(text)
    return known


def _with_letters(response: str, prompt: str) -> tuple[str, str]:
    """The script of the response, and the response; those of the prompt where the response has no letters ("42")."""
    in_script = script(response)
    return (in_script, response) if in_script != UNKNOWN["script"] else (script(prompt), prompt)


def text(value: object) -> str:
    """A value as the name of a group; white space at its ends, and how much of it parts words, does not count."""
    if isinstance(value, (list, dict)):
        return msgspec.json.encode(value).decode()
    name = "" if value is None else " ".join(normalize("NFC", str(value)).split())
    return name or NO_VALUE
