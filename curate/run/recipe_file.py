"""Recipes as YAML files: read, checked key by key, overridden from the command line, written with all defaults."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from curate.errors import CurateError, did_you_mean, reason
from curate.options import StepOptions, check, described, nested
from curate.run.recipe import Recipe
from curate.run.recipe_shape import check_shape

PACKAGED = Path(__file__).parent.parent / "recipes"
# What msgspec says of a value that does not fit, and where.
_MISFIT = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)


class _Loader(yaml.SafeLoader):
    """Plain YAML, in which no key may stand twice: the first would silently count for nothing."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    names: set = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)
        if not isinstance(name, (str, int, float, bool)):
            raise yaml.constructor.ConstructorError(None, None, "found a key that is no text", key.start_mark)
        if name in names:
            raise yaml.constructor.ConstructorError(None, None, f"found the key {name!r} twice", key.start_mark)
        names.add(name)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def find(name: str) -> Path:
    """The file of a recipe: as named, or else the packaged one of that name.

    Raises:
        CurateError: if there is none.
    """
    if Path(name).is_file():
        return Path(name)
    packaged = sorted(path.name for path in PACKAGED.glob("*.yaml"))
    file_name = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    if file_name in packaged:
        return PACKAGED / file_name
    close = difflib.get_close_matches(file_name, packaged, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise CurateError(f"{name}: there is no such recipe; {hint}recipes that come with curate: {', '.join(packaged)}")


def load(name: str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe of a file, or the packaged one of that name.

    Args:
        name: path of the file, or name of a packaged recipe.
        changes: `path=value` each, as `select.size=500`, with values in YAML; they replace what the file says.

    Raises:
        CurateError: with file and key, for broken YAML, unknown keys and values that do not fit.
    """
    path = find(name)
    try:
        values = yaml.load(path.read_bytes(), _Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}") from None
    except yaml.YAMLError as error:
        raise CurateError(f"{path}: {_place(error)}; mend the YAML there") from None
    values = {} if values is None else values
    if not isinstance(values, dict):
        raise CurateError(
            f"{path}: found {_kind(values)}, expected keys as `inputs:` and `select:`; see docs/recipes.md"
        )
    values.setdefault("name", path.stem)
    recipe = convert(values, str(path))
    for change in changes:
        values = msgspec.to_builtins(recipe)
        _change(values, change)
        recipe = convert(values, f"--set {change}")
    return recipe


def convert(values: dict, file: str) -> Recipe:
    """The recipe that plain values make.

    Args:
        values: keys and values, as YAML has them.
        file: where they come from, for errors.

    Raises:
        CurateError: with the file and the key, for a value that does not fit or is outside its limits.
    """
    for path, key, keys in _unknown(values, Recipe, "$"):
        hint = did_you_mean(str(key), keys)
        raise CurateError(f"{file}: {path}: unknown key {key!r}; {hint}keys are {', '.join(keys)}")
    check_shape(values, Recipe, file)
    try:
        recipe = msgspec.convert(values, Recipe)
    except msgspec.ValidationError as error:
        misfit = _MISFIT.match(str(error))
        assert misfit
        where = misfit["path"] or "$"
        what = misfit["what"].replace("`", "")
        raise CurateError(f"{file}: {where}: {what}{_value_at(values, where)}; see docs/recipes.md") from None
    try:
        check(recipe)
    except CurateError as error:
        raise CurateError(f"{file}: {error}") from None
    return recipe


def dump(recipe: Recipe) -> bytes:
    """The recipe as YAML with every default written out."""
    plain = msgspec.to_builtins(recipe)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    try:
        same = yaml.load(text, _Loader) == plain
    except yaml.YAMLError:
        same = False
    # Some signs (U+0085, say) are written in a way in which they are not read.
    return (text if same else yaml.safe_dump(plain, sort_keys=False)).encode()


def sections(record: type[StepOptions] = Recipe, path: str = "") -> Iterator[tuple[str, type[StepOptions]]]:
    """The mappings of a recipe by their paths, the recipe itself first, under ""."""
    yield path, record
    for field in described(record):
        inner = nested(field)
        if inner:
            yield from sections(inner, f"{path}.{field.key}".lstrip("."))


def _unknown(values: Any, record: type[StepOptions], path: str) -> Iterator[tuple[str, Any, list[str]]]:
    """Keys that the record does not have, each with the path of its mapping and the keys that are there."""
    if not isinstance(values, dict):
        return
    fields = {field.key: field for field in described(record)}
    for key, value in values.items():
        if key not in fields:
            yield path, key, list(fields)
        else:
            inner = nested(fields[key])
            if inner:
                yield from _unknown(value, inner, f"{path}.{key}")


def _change(values: dict, change: str) -> None:
    path, equals, text = change.partition("=")
    *outer, last = path.strip().split(".")
    try:
        value = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise CurateError(f"--set {change}: {_place(error)}") from None
    if not equals or not last:
        raise CurateError(f"--set {change!r} is not PATH=VALUE, as select.size=500")
    at = values
    for name in outer:
        if at.get(name) is None:  # `score: null`, say
            at[name] = {}
        at = at[name]
        if not isinstance(at, dict):
            raise CurateError(f"--set {change}: {name!r} holds a value, no keys")
    at[last] = value


def _value_at(values: Any, path: str) -> str:
    """The value at a path, as it follows what was expected there."""
    at = values
    for name in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        try:
            at = at[name[0]] if name[0] else at[int(name[1])]
        except (KeyError, IndexError, TypeError):
            return ""
    return "" if isinstance(at, dict) else f", found {str(at)[:60]!r}"


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {what}" if mark else what


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else f"{str(value)[:60]!r}"
