"""Recipes as YAML files: read, checked key by key, overridden from the command line, written with all defaults."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from curate.errors import CurateError
from curate.run.recipe import Recipe

PACKAGED = Path(__file__).parent.parent / "recipes"
# What msgspec says of a value that does not fit, and where.
_MISFIT = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)


class _Loader(yaml.SafeLoader):
    """Plain YAML, in which no key may stand twice: the first would silently count for nothing."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict:
    seen: set = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)  # type: ignore[no-untyped-call]
        if not isinstance(name, (str, int, float, bool)):
            raise yaml.constructor.ConstructorError(None, None, "found a key that is no text", key.start_mark)
        if name in seen:
            raise yaml.constructor.ConstructorError(None, None, f"found the key {name!r} twice", key.start_mark)
        seen.add(name)
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
    wanted = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    if wanted in packaged:
        return PACKAGED / wanted
    close = difflib.get_close_matches(wanted, packaged, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise CurateError(f"{name}: there is no such recipe; {hint}recipes that come with curate: {', '.join(packaged)}")


def load(name: str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe of a file, or the packaged one of that name.

    Args:
        changes: `path=value` each, as `select.size=500`, with values in YAML; they replace what the file says.

    Raises:
        CurateError: naming file and key for what is no YAML, for unknown keys and for values that do not fit.
    """
    path = find(name)
    try:
        given = yaml.load(path.read_bytes(), _Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(f"{path}: cannot read: {error}") from None
    except yaml.YAMLError as error:
        raise CurateError(f"{path}: {_place(error)}; mend the YAML there") from None
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise CurateError(
            f"{path}: found {_kind(given)}, expected keys as `inputs:` and `select:`; see docs/recipes.md"
        )
    given.setdefault("name", path.stem)
    recipe = convert(given, str(path))
    if changes:
        given = msgspec.to_builtins(recipe)
        for change in changes:
            _change(given, change)
        recipe = convert(given, str(path))
    return recipe


def convert(given: dict, file: str) -> Recipe:
    """The recipe that plain values make.

    Raises:
        CurateError: with `file` and the key for what does not fit.
    """
    for path, key, keys in _unknown(given, Recipe, "$"):
        close = difflib.get_close_matches(str(key), keys, 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise CurateError(f"{file}: {path}.{key}: there is no such key; {hint}keys here are {', '.join(keys)}")
    try:
        return msgspec.convert(given, Recipe)
    except msgspec.ValidationError as error:
        found = _MISFIT.match(str(error))
        assert found
        where = found["path"] or "$"
        what = found["what"].replace("`", "")
        raise CurateError(f"{file}: {where}: {what}{_found(given, where)}; see docs/recipes.md") from None


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


def sections(kind: type[msgspec.Struct] = Recipe, path: str = "") -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """The mappings of a recipe by their paths, the recipe itself first, under ""."""
    yield path, kind
    for field in msgspec.structs.fields(kind):
        inner = section_of(field.type)
        if inner:
            yield from sections(inner, f"{path}.{field.encode_name}".lstrip("."))


def section_of(kind: Any) -> type[msgspec.Struct] | None:
    """The section that a field of this type holds; None for plain values."""
    for part in (kind, getattr(kind, "__origin__", None), *getattr(kind, "__args__", ())):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
        if part is not kind and hasattr(part, "__args__"):
            inner = section_of(part)
            if inner:
                return inner
    return None


def _unknown(given: Any, kind: type[msgspec.Struct], path: str) -> Iterator[tuple[str, Any, list[str]]]:
    """Keys that the section does not have, each with the path of its mapping and the keys that are there."""
    if not isinstance(given, dict):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in given.items():
        if key not in fields:
            yield path, key, list(fields)
        else:
            inner = section_of(fields[key].type)
            if inner:
                yield from _unknown(value, inner, f"{path}.{key}")


def _change(given: dict, change: str) -> None:
    path, equals, text = change.partition("=")
    *outer, last = path.strip().split(".")
    try:
        value = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise CurateError(f"--set {change}: {_place(error)}") from None
    if not equals or not last:
        raise CurateError(f"--set {change!r} is not PATH=VALUE, as select.size=500")
    at = given
    for name in outer:
        if at.get(name) is None:  # `score: null`, say
            at[name] = {}
        at = at[name]
        if not isinstance(at, dict):
            raise CurateError(f"--set {change}: {name!r} holds a value, no keys")
    at[last] = value


def _found(given: Any, path: str) -> str:
    """What stands at a path, to be said after what was expected there."""
    at = given
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
