"""Why a row does not decode, in the words of a problem."""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from schemas.problems import CODES, Problem, shown
from schemas.row import Shape

PATH = re.compile(r" - at `(\$.*)`$")
_fields = msgspec.json.Decoder(dict[str, Raw])


def not_json(data: bytes, error: Exception) -> Problem:
    """The problem of a row that is not JSON, with its place in the row."""
    found = "nests too deeply" if isinstance(error, RecursionError) else str(error).removeprefix("JSON is malformed: ")
    at = re.search(r"\(byte (\d+)\)", found)
    near = f", near {shown(data[max(0, int(at[1]) - 20) : int(at[1]) + 20])}" if at else f": {shown(data)}"
    return problem("E001", "$", f"{found}{near}")


def misfit(shape: Shape, data: bytes, error: Exception) -> Problem:
    """The problem of a row that is JSON but does not decode into its shape."""
    text = str(error)
    place = PATH.search(text)
    path = place[1] if place else "$"
    message = text[: place.start()] if place else text
    if shape.wrap:
        path = path.replace(f"$.{shape.wrap}", "$", 1)
        data = data[data.index(b":") + 1 : -1]
    if "missing required field" in message:
        field = message.rsplit("`", 2)[1]
        return problem("E102", f"{path}.{field}", f"the row has no {field}")
    if isinstance(error, msgspec.ValidationError):
        return problem("E101" if path != "$" else "E003", path, f"found {_found(data, path, message)}")
    return not_json(data, error)


def _found(data: bytes, path: str, message: str) -> str:
    expected = message.replace("Expected", "expected").replace("`", "")
    expected = expected.replace("array", "list").replace("str", "text", 1)
    top = re.match(r"\$\.([^.\[]+)", path)
    if top and data.lstrip()[:1] == b"{":
        value = _fields.decode(data).get(top[1])
        if value is not None:
            return f"{shown(bytes(value))}, {expected}"
    return f"{shown(data)}, {expected}"


def problem(code: str, path: str, message: str) -> Problem:
    """A problem with the remedy of its code."""
    return Problem(code, path, message, CODES[code].remedy)
