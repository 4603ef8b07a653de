"""What a step's options are: one record, which the command line, the recipe, the Python interface and pages all read.

A step has a file `options.py` with its record:

    class Dedup(StepOptions, frozen=True):
        near: Annotated[float | None, option("Jaccard similarity of shingles ...", gt=0, le=1, metavar="T")] = 0.7

`curate.commands.options.step_options` makes the command line's options of it, `curate.run.recipe` puts it into the
recipe.  Nothing here imports more than msgspec, so that `--help` stays fast.
"""

from __future__ import annotations

import math
import operator
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec

from curate.errors import CurateError, did_you_mean

EMBEDDER_NAMES = ("auto", "multilingual", "use", "static", "minilm", "tfidf")
EMBEDDERS = f"{', '.join(EMBEDDER_NAMES)}, or a hub id or folder"
LIMITS = {
    "ge": "at least {:g}",
    "gt": "above {:g}",
    "le": "at most {:g}",
    "lt": "below {:g}",
}

COMPARISONS = {"ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt}


class StepOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a step: fields with a type, a default and an `option`, which says what they mean."""


def option(
    text: str,
    *,
    flag: str = "",
    metavar: str = "",
    choices: tuple[str, ...] = (),
    commas: bool = False,
    **limits: Any,
) -> msgspec.Meta:
    """What an option means and which values it takes.

    Args:
        text: one or two sentences, for `--help` and for the tables of recipe keys.
        flag: its names on the command line, as `--with`, several with blanks between; made of the field's name if
            empty, and `-` for none.
        metavar: what stands for its value in `--help`.
        choices: the values that a text may have; empty for any.
        commas: whether a list is given on the command line as one text with commas; else its option is repeated.
        limits: ge, gt, le, lt: what a number may be.
    """
    extra = {"flag": flag, "metavar": metavar, "choices": choices, "commas": commas, "limits": limits}
    return msgspec.Meta(description=text, extra=extra)


# What becomes of thoughts, for every command that writes or trains on rows; see schemas.reasoning.
Reasoning = Annotated[
    str,
    option(
        "Thoughts of replies: keep them as the format or template has them, write them inline as <think> text of the "
        "reply, drop them, or mask them (written, not trained on).",
        choices=("keep", "inline", "drop", "mask"),
    ),
]

# Set by `--format` and `--map`, see `curate.commands.options.format_option`.
FormatName = Annotated[
    str | None, option("Format of the rows, `mixed` for any, FORMAT:FIELD=NAME,... to map fields first.", flag="-")
]


class Described(NamedTuple):
    """A field of a record of options.

    Attributes:
        name: of the field.
        key: its key in a recipe.
        kind: its type, without what describes it.
        default: its value where none is given.
        text: what it means.
        flag: see `option`.
        metavar: see `option`.
        choices: see `option`.
        commas: see `option`.
        limits: see `option`.
    """

    name: str
    key: str
    kind: Any
    default: Any
    text: str
    flag: str
    metavar: str
    choices: tuple[str, ...]
    commas: bool
    limits: Mapping[str, float]


def described(record: type[StepOptions]) -> list[Described]:
    """The fields of a record of options, in their order."""
    return [_described(field) for field in msgspec.structs.fields(record)]


def _described(field: msgspec.structs.FieldInfo) -> Described:
    meta = next((m for m in getattr(field.type, "__metadata__", ()) if isinstance(m, msgspec.Meta)), msgspec.Meta())
    extra = meta.extra or {}
    default = field.default
    if default is msgspec.NODEFAULT:
        default = None if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return Described(
        field.name,
        field.encode_name,
        bare(field.type),
        default,
        meta.description or "",
        extra.get("flag", ""),
        extra.get("metavar", ""),
        extra.get("choices", ()),
        extra.get("commas", False),
        extra.get("limits", {}),
    )


def bare(kind: Any) -> Any:
    """A field's type without what describes it."""
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def nested(field: Described) -> type[StepOptions] | None:
    """The record of options that a field holds; None for a plain value."""
    kinds = [kind for kind in members(field.kind) if isinstance(kind, type) and issubclass(kind, StepOptions)]
    return kinds[0] if kinds else None


def members(kind: Any) -> tuple[Any, ...]:
    """The types of a union, None's aside; the type itself if it is none."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(part for part in typing.get_args(kind) if part is not type(None))
    return (kind,)


def check(options: StepOptions, where: str = "") -> None:
    """Check that every number is within its limits and every text among its choices, nested records included.

    Args:
        options: a step's.
        where: what stands before a field's name in an error: `--` for the command line, `select.` for a recipe.

    Raises:
        CurateError: for the first value that is not; it names the option, the value and what it must be.
    """
    for field in described(type(options)):
        value = getattr(options, field.name)
        if isinstance(value, StepOptions):
            check(value, where if where == "--" else f"{where}{field.key}.")
        elif value is not None:
            _check(field, value, shown(field, where))


def shown(field: Described, where: str) -> str:
    """A field as its user knows it: by its first name on the command line, or by its key."""
    if where != "--":
        return f"{where}{field.key}"
    return field.flag.split()[0] if field.flag.startswith("--") else f"--{field.name.strip('_').replace('_', '-')}"


def _check(field: Described, value: Any, name: str) -> None:
    if field.choices and isinstance(value, str) and value not in field.choices:
        hint = did_you_mean(value, field.choices)
        raise CurateError(f"{name} is {value!r}; {hint}it must be one of {', '.join(field.choices)}")
    if isinstance(value, float) and not math.isfinite(value):
        within = limits_text(field.limits)
        wanted = within if within.startswith("in ") else " and ".join(filter(None, ["finite", within]))
        raise CurateError(f"{name} is {value:g}; it must be {wanted}")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not _within(value, field.limits):
        raise CurateError(f"{name} is {value:g}; it must be {limits_text(field.limits)}")


def _within(value: float, limits: Mapping[str, float]) -> bool:
    return all(COMPARISONS[name](value, limit) for name, limit in limits.items())


def limits_text(limits: Mapping[str, float]) -> str:
    """The limits in words: a half-open or closed interval as `in (0, 1]`, else `at least 1`."""
    low, high = next((k for k in ("ge", "gt") if k in limits), ""), next((k for k in ("le", "lt") if k in limits), "")
    if low and high:
        begin, end = "[" if low == "ge" else "(", "]" if high == "le" else ")"
        return f"in {begin}{limits[low]:g}, {limits[high]:g}{end}"
    return " and ".join(text.format(limits[key]) for key, text in LIMITS.items() if key in limits)
