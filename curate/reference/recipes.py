"""The keys of a recipe as tables, for the terminal and for docs/recipes.md."""

from __future__ import annotations

import inspect
import types
import typing
from typing import Any

import msgspec

from curate.run.recipe_file import section_of, sections

BEGIN, END = "<!-- made by `curate run --keys` -->", "<!-- end of what is made -->"
NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}


def markdown() -> str:
    """Every key of a recipe, its type, default and meaning, in Markdown between BEGIN and END."""
    lines = [BEGIN]
    for path, kind in sections():
        title = f"### {path}" if path else "### The recipe itself"
        lines += ["", title, "", " ".join((inspect.getdoc(kind) or "").split()), ""]
        lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        lines += [_row(field) for field in msgspec.structs.fields(kind)]
    return "\n".join([*lines, "", END])


def _row(field: msgspec.structs.FieldInfo) -> str:
    says, value = described(field.type)
    inner = section_of(field.type)
    default = "" if inner else _default(field)
    shown = f"keys of [{field.encode_name}](#{_anchor(field)})" if inner else value
    if inner and type(None) in typing.get_args(value_type(field.type)):
        shown += ", or null"
    return f"| `{field.encode_name}` | {shown} | {default} | {says.replace('|', chr(92) + '|')} |"


def _anchor(field: msgspec.structs.FieldInfo) -> str:
    inner = section_of(field.type)
    path = next(path for path, found in sections() if found is inner)
    return path.replace(".", "")


def value_type(kind: Any) -> Any:
    """A field's type without its description."""
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def described(kind: Any) -> tuple[str, str]:
    """(what a key means, what its value is)."""
    found = [meta.description for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]
    return next((text for text in found if text), ""), _value(value_type(kind))


def _value(kind: Any) -> str:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return ", or ".join(map(_value, parts))
    if origin is list:
        return f"list of {_value(parts[0])}s"
    if origin is dict:
        return f"{_value(parts[1])} by name"
    return NAMES.get(kind, "keys")


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    return f"`{msgspec.json.encode(value).decode()}`"
