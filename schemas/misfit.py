"""Why a row does not decode, as a problem."""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from schemas.container import RAGGED, values_of
from schemas.problems import CODES, Problem, shown
from schemas.row import Shape

BOM = b"\xef\xbb\xbf"
PATH = re.compile(r" - at `(\$.*)`$")
STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)')
HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
# A pair of halves is matched whole, so that neither of them is found alone; \\\\ud83d is a backslash and letters.
ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_fields = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])


def not_json(data: bytes, error: Exception) -> Problem:
    """The problem of a row that is not JSON, with its place in the row."""
    unusual = _unusual(data.decode("utf-8", "replace"))
    if unusual:
        return problem(unusual[0], "$", f"found {unusual[1]}: {shown(data)}")
    record = RAGGED.match(data)
    if record:
        cells, names = record.groups()
        return problem(
            "E023", "$", f"{cells.decode()} cells under {names.decode()} names: {shown(data[record.end() :])}"
        )
    values = values_of(data)
    if values:
        several = f"{len(values)} rows in one line: {shown(data)}"
        return (
            problem("E021", "$", several)
            if len(values) > 1
            else problem("E020", "$", f"a comma follows: {shown(data)}")
        )
    if data.lstrip().startswith(BOM):
        return problem("E001", "$", f"a byte order mark stands before the row: {shown(data)}")
    found = "nests too deeply" if isinstance(error, RecursionError) else str(error).removeprefix("JSON is malformed: ")
    at = re.search(r"\(byte (\d+)\)", found)
    near = f", near {shown(data[max(0, int(at[1]) - 20) : int(at[1]) + 20])}" if at else f": {shown(data)}"
    return problem("E001", "$", f"{found}{near}")


def misfit(shape: Shape, data: bytes, error: Exception) -> Problem:
    """The problem of a row that is JSON but does not decode into its shape."""
    if not isinstance(error, msgspec.ValidationError):
        return not_json(data, error)
    if shape.wrap:
        data = data[data.index(b":") + 1 : -1]
    return problem(*place(data, error, "$", f"$.{shape.wrap}" if shape.wrap else "$"))


def place(data: bytes, error: msgspec.ValidationError, at: str, below: str = "$") -> tuple[str, str, str]:
    """(code, JSON path, message) for JSON that does not decode into its type.

    Args:
        data: the JSON text.
        error: what msgspec raised for it.
        at: its JSON path in the row.
        below: the path that the error's own paths begin with.
    """
    text = str(error)
    found = PATH.search(text)
    path = found[1].replace(below, "$", 1) if found else "$"
    message = text[: found.start()] if found else text
    where = at + path[1:]
    if "missing required field" in message:
        field = message.rsplit("`", 2)[1]
        noun = "row" if where == "$" else "turn" if at == "$" else "entry"
        return "E102", f"{where}.{field}", f"the {noun} has no {field}"
    expected = message.partition(", got")[0].replace("Expected", "expected").replace("`", "")
    expected = expected.replace("array", "list").replace("str", "text")
    value = _value(data, path)
    what = "a list as JSON text, " if value[:2] == b'"[' and expected == "expected list" else ""
    return "E101" if where != "$" else "E003", where, f"found {what}{shown(value)}, {expected}"


def _value(data: bytes, path: str) -> bytes:
    """The JSON text at a path, or as much of the way to it as there is."""
    value = Raw(data)
    try:
        for name, index in STEP.findall(path):
            value = _fields.decode(value)[name] if name else _items.decode(value)[int(index)]
    except (msgspec.DecodeError, KeyError, IndexError):
        pass
    return bytes(value)


def _unusual(text: str) -> tuple[str, str] | None:
    """(code, what was found) of a row that is JSON but for half characters, NaN or Infinity, which Python writes."""
    halves = [escape for escape in ESCAPE.findall(text) if HALF.fullmatch(escape)]
    numbers = [token for token in TOKEN.findall(text) if token[0] != '"']
    mended = ESCAPE.sub(lambda m: "\\ufffd" if HALF.fullmatch(m[0]) else m[0], text)
    mended = TOKEN.sub(lambda m: m[0] if m[0][0] == '"' else "null", mended)
    try:
        msgspec.json.decode(mended, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    if halves:
        return "E006", f"{halves[0]}, which is half of a character"
    return ("E007", numbers[0]) if numbers else None


def problem(code: str, path: str, message: str) -> Problem:
    """A problem with the remedy of its code."""
    return Problem(code, path, message, CODES[code].remedy)
