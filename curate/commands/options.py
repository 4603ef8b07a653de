"""The options of commands: those of a step, made from its record, and those that many commands share."""

from __future__ import annotations

import contextlib
import functools
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

import click
import msgspec

from curate.options import EMBEDDERS, Described, StepOptions, check, described, members, nested

Command = TypeVar("Command", bound=Callable[..., Any])
PLAIN = {int: int, float: float, str: str}

to_option = click.option("--to", metavar="NAME", help="Format to write; that of the input if not given.")
embedder_option = click.option("--embedder", default="auto", show_default=True, help=f"What embeds texts: {EMBEDDERS}.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard output.")
quiet_option = click.option("--quiet", is_flag=True, help="Print errors only.")


def _format_option(*flags: str) -> Callable[[Command], Command]:
    """Adds --format and what maps the fields of rows; the command gets both as one argument `format_name`.

    Args:
        flags: of the second one.
    """

    def decorate(command: Command) -> Command:
        @click.option(
            "--format",
            "format_name",
            metavar="NAME",
            help="Format of the input rows; detected if not given, `mixed` for any.",
        )
        @click.option(
            *flags,
            "field_map",
            metavar="FIELD=NAME,...",
            help="Names in the input of fields of their format: instruction=question,output=answer.",
        )
        @functools.wraps(command)
        def wrapper(*args: Any, format_name: str | None, field_map: str | None, **values: Any) -> Any:
            name = f"{format_name or ''}:{field_map}" if field_map else format_name
            return command(*args, format_name=name, **values)

        return wrapper  # type: ignore[return-value]

    return decorate


format_option = _format_option("--map", "--fields")
# Beside pictures and evaluation files, which have a --map of their own.
format_option_by_fields = _format_option("--fields")


def step_options(
    record: type[StepOptions],
    defaults: Mapping[str, Any] | None = None,
    without: Collection[str] = (),
) -> Callable[[Command], Command]:
    """A decorator that adds the options of a step; the command gets them as one argument `options`, checked.

    Args:
        record: the step's options.
        defaults: values, by argument (the field's name, see `_arguments`), in place of the record's.
        without: fields that the command does not have, of nested records as well; they keep their defaults.

    Raises:
        CurateError: when the command is called with a value outside its limits or choices.
    """
    start = defaults or {}
    arguments = _arguments(record, without)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapper(*args: Any, **values: Any) -> Any:
            options = _build(record, values, start, without, arguments)
            check(options, "--")
            return command(*args, options=options, **values)

        for field, owner in reversed(list(_flat(record, without))):
            argument = arguments[owner, field.name]
            wrapper = _click_option(field, argument, start.get(argument, field.default))(wrapper)
        return wrapper  # type: ignore[return-value]

    return decorate


def _flat(record: type[StepOptions], without: Collection[str]) -> Iterator[tuple[Described, type[StepOptions]]]:
    """The fields that become options, those of nested records in the place of the record."""
    for field in described(record):
        if field.name in without or field.flag == "-":
            continue
        inner = nested(field)
        if inner is None:
            yield field, record
        else:
            yield from _flat(inner, without)


def _arguments(record: type[StepOptions], without: Collection[str]) -> dict[tuple[type[StepOptions], str], str]:
    """The command's argument for each field: its name, after that of its record where two names are the same."""
    arguments: dict[tuple[type[StepOptions], str], str] = {}
    for field, owner in _flat(record, without):
        taken = field.name in arguments.values()
        arguments[owner, field.name] = f"{owner.__name__.lower()}_{field.name}" if taken else field.name
    return arguments


def _click_option(field: Described, argument: str, default: Any) -> Callable[[Any], Any]:
    names = field.flag.split() if field.flag else [f"--{field.name.strip('_').replace('_', '-')}"]
    kinds = members(field.kind)
    attributes: dict[str, Any] = {"help": field.text}
    if field.metavar:
        attributes["metavar"] = field.metavar
    if kinds == (bool,):
        if default is True and len(names) == 1:
            names = [f"{names[0]}/--no-{names[0][2:]}"]
        attributes |= {"is_flag": True, "default": default, "show_default": default is True}
    elif _fixed_length(kinds[0]):
        types = typing.get_args(kinds[0])
        attributes |= {"type": PLAIN[types[0]], "nargs": len(types), "default": default, "show_default": True}
    elif field.commas:
        attributes |= {"default": ",".join(default), "show_default": bool(default)}
    elif any(_is_mapping(kind) or _is_list(kind) for kind in kinds):
        attributes |= {"multiple": True, "default": ()}
    else:
        choice = click.Choice(field.choices) if field.choices and kinds == (str,) else None
        attributes |= {"type": choice or (str if str in kinds else PLAIN[kinds[0]]), "default": default}
        attributes["show_default"] = default not in (None, "")
    return click.option(*names, argument, **attributes)


def _is_mapping(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is dict


def _fixed_length(kind: Any) -> bool:
    """Whether a type is a tuple of so many values, as `tuple[float, float]`."""
    return typing.get_origin(kind) is tuple and Ellipsis not in typing.get_args(kind)


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) in (list, tuple)


def _build(
    record: type[StepOptions],
    values: dict[str, Any],
    start: Mapping[str, Any],
    without: Collection[str],
    arguments: Mapping[tuple[type[StepOptions], str], str],
) -> Any:
    """The record of the values that the command line gave, which are taken out of `values`."""
    fields: dict[str, Any] = {}
    for field in described(record):
        inner = nested(field)
        if field.name in without or field.flag == "-":
            fields[field.name] = start.get(field.name, field.default)
        elif inner is not None:
            fields[field.name] = _build(inner, values, start, without, arguments)
        else:
            argument = arguments[record, field.name]
            fields[field.name] = _value(field, values.pop(argument), start.get(argument, field.default))
    return record(**fields)


def _value(field: Described, value: Any, default: Any) -> Any:
    kinds = members(field.kind)
    if field.commas:
        return [part.strip() for part in value.split(",") if part.strip()]
    if any(_is_mapping(kind) for kind in kinds):
        return _numbers(value, field, bare_allowed=int in kinds) if value else default
    if any(_is_list(kind) for kind in kinds):
        return (tuple(value) if typing.get_origin(kinds[0]) is tuple else [*value]) if value else default
    if isinstance(value, str) and float in kinds:
        with contextlib.suppress(ValueError):
            return float(value)
    return value


def _numbers(texts: tuple[str, ...], field: Described, bare_allowed: bool) -> int | dict[str, int]:
    """Numbers by name from NAME=N; a bare N, where it is allowed, is the number of every name."""
    option = field.flag.split()[0] if field.flag else f"--{field.name}"
    numbers: dict[str, int] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if not number.strip().isdigit() or (not name and not bare_allowed):
            raise click.BadParameter(f"{text!r} is not NAME=N" + (", nor N" if bare_allowed else ""), param_hint=option)
        if name.strip() in numbers:
            raise click.BadParameter(f"{name.strip() or 'a bare number'} is given twice", param_hint=option)
        numbers[name.strip()] = int(number)
    return numbers[""] if [*numbers] == [""] else numbers


def engine_options(command: Command) -> Command:
    """Adds --engine and --ray-address, which come as `engine` and `ray_address`."""
    command = click.option(
        "--ray-address",
        metavar="ADDR",
        help="The cluster for --engine ray: HOST:PORT, or auto.  [default: RAY_ADDRESS, else one started here]",
    )(command)
    return click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where the work is done: on this machine, or on a Ray cluster.",
    )(command)


def print_json(summary: object, out: str | None = None) -> None:
    """Print a summary as JSON on standard output.

    Args:
        summary: what msgspec can encode.
        out: where the command's rows go; where that is standard output itself (`-`), JSON goes to standard error.
    """
    click.echo(msgspec.json.encode(summary).decode(), err=out == "-")


def print_note(text: str) -> None:
    """Print a line for people on standard error."""
    click.echo(text, err=True)
