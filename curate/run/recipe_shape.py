"""What a recipe holds where keys with values, or a list, are wanted: the error says how to write it."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
import yaml

from curate.errors import CurateError
from curate.options import Described, StepOptions, check, described, members, nested


def check_shape(values: Any, record: type[StepOptions], file: str, path: str = "$") -> None:
    """Check that mappings are where the record has records, and lists where it has lists.

    Args:
        values: keys and values, as YAML has them.
        record: of the recipe, or of one of its steps.
        file: where the values come from.
        path: of the values in it.

    Raises:
        CurateError: with the file and the key, what was found there, and how to write it.
    """
    for field in described(record):
        if not isinstance(values, dict) or field.key not in values:
            continue
        value, inner = values[field.key], nested(field)
        where = f"{file}: {path}.{field.key}"
        if inner is not None and isinstance(value, dict):
            check_shape(value, inner, file, f"{path}.{field.key}")
        elif inner is not None and not (value is None and type(None) in typing.get_args(field.kind)):
            raise CurateError(
                f"{where}: found {_shown(value)}, expected keys with values; write {field.key}: "
                f"{_flow(_example(value, inner))}; keys are {', '.join(key.key for key in described(inner))}"
            )
        elif _is_list(field) and isinstance(value, (str, int, float)):
            raise CurateError(f"{where}: found {_shown(value)}, expected a list; write {field.key}: {_flow([value])}")


def _example(value: Any, record: type[StepOptions]) -> dict[str, Any]:
    """The mapping that was probably meant: a switch by its name, or the first key that takes the value."""
    fields = described(record)
    for field in fields:
        if value == field.key:
            return {value: True if members(field.kind) == (bool,) else field.default}
    if value is not None:
        for field in fields:
            for meant in (value, [value]):
                if _fits({field.key: meant}, record):
                    return {field.key: meant}
    return {fields[0].key: fields[0].default}


def _fits(values: dict[str, Any], record: type[StepOptions]) -> bool:
    try:
        check(msgspec.convert(values, record))
    except (msgspec.ValidationError, CurateError):
        return False
    return True


def _is_list(field: Described) -> bool:
    return any(typing.get_origin(kind) is list for kind in members(field.kind)) and str not in members(field.kind)


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return text.strip().removesuffix("\n...")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"the list {_flow(value)[:60]}" if isinstance(value, list) else repr(value)[:60]
