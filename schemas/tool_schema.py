"""Whether a value fits a tool's JSON schema, as far as calls go wrong.

Looked at are type, enum, required, properties, additionalProperties: false, items, nullable and local $ref; other
keywords, and types that JSON schema does not have, are not.  A list of values, each of which fits, is let through where
one value is asked for: descriptions such as "the calories of each item" ask for it.  Source: JSON Schema 2020-12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MOST_DEEP = 100
TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: (
        not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    ),
}


def misfit(value: Any, schema: Any, root: Any = None, at: str = "$", deep: int = 0) -> str:
    """What of a value does not fit a schema, with its JSON path; "" if it fits.

    Args:
        value: JSON, decoded.
        schema: JSON schema, decoded; anything but an object allows all.
        root: what local references are looked up in; None is the schema itself.
        at: JSON path of the value.
        deep: how many levels are above; below MOST_DEEP of them nothing is looked at.
    """
    root = schema if root is None else root
    if not isinstance(schema, dict) or deep > MOST_DEEP:
        return ""
    if isinstance(schema.get("$ref"), str):
        wrong = misfit(value, _target(schema["$ref"], root), root, at, deep + 1)
        if wrong:
            return wrong
    if value is None and schema.get("nullable") is True:
        return ""
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    if kinds and all(isinstance(kind, str) and kind in TYPES and not TYPES[kind](value) for kind in kinds):
        if isinstance(value, list) and value and not any(misfit(one, schema, root, at, deep + 1) for one in value):
            return ""
        return f"{at} is no {' or '.join(kinds)}"
    enum = schema.get("enum")
    if isinstance(enum, list) and not any(_same(value, one) for one in enum):
        return f"{at} is none of {len(enum)} allowed values"
    if isinstance(value, dict):
        return _object(value, schema, root, at, deep)
    if isinstance(value, list) and "items" in schema:
        wrongs = (misfit(one, schema["items"], root, f"{at}[{i}]", deep + 1) for i, one in enumerate(value))
        return next(filter(None, wrongs), "")
    return ""


def _object(value: dict[str, Any], schema: dict[str, Any], root: Any, at: str, deep: int) -> str:
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if isinstance(name, str) and name not in value:
            return f"{at} has no {name}"
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if schema.get("additionalProperties") is False and "patternProperties" not in schema:
        strange = next((name for name in value if name not in properties), None)
        if strange is not None:
            return f"{at} has {strange}, which is not in the schema"
    known = (name for name in value if name in properties)
    wrongs = (misfit(value[name], properties[name], root, f"{at}.{name}", deep + 1) for name in known)
    return next(filter(None, wrongs), "")


def _same(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _target(reference: str, root: Any) -> Any:
    """The schema that `#/a/b` names; None, which allows all, for one that is elsewhere or missing."""
    if not reference.startswith("#"):
        return None
    for name in reference[1:].split("/")[1:]:
        name = name.replace("~1", "/").replace("~0", "~")
        root = root.get(name) if isinstance(root, dict) else None
    return root
