"""The keys of a recipe as tables, for the terminal and for docs/recipes.md."""

from __future__ import annotations

import inspect
import types
import typing
from typing import Any

import msgspec

from curate.options import Described, described, nested
from curate.run.recipe_file import sections

BEGIN, END = "<!-- made by `curate run --keys` -->", "<!-- end of what is made -->"
NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}


def markdown() -> str:
    """Every key of a recipe, its type, default and meaning, in Markdown between BEGIN and END."""
    lines = [BEGIN]
    for path, record in sections():
        title = f"### {path}" if path else "### The recipe itself"
        lines += ["", title, "", " ".join((inspect.getdoc(record) or "").split()), ""]
        lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        lines += [_row(field) for field in described(record)]
    return "\n".join([*lines, "", END])


def _row(field: Described) -> str:
    inner = nested(field)
    default = "" if inner else f"`{msgspec.json.encode(field.default).decode()}`"
    value = f"keys of [{field.key}](#{_anchor(field)})" if inner else _value(field.kind)
    if inner and type(None) in typing.get_args(field.kind):
        value += ", or null"
    return f"| `{field.key}` | {value} | {default} | {field.text.replace('|', chr(92) + '|')} |"


def _anchor(field: Described) -> str:
    path = next(path for path, record in sections() if record is nested(field))
    return path.replace(".", "")


def _value(kind: Any) -> str:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return ", or ".join(map(_value, parts))
    if origin is list:
        return f"list of {_value(parts[0])}s"
    if origin is dict:
        return f"{_value(parts[1])} by name"
    return NAMES.get(kind, "keys")
