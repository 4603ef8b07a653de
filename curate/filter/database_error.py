"""What the database says of a condition that it cannot work with, in our words: where in it, what, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curate.errors import CurateError

# Signs that people write for others.
SIGNS = {"=>": ">=", "=<": "<=", "===": "=", "=!": "!=", "&&": "and", "||": "or"}
_PLACE = re.compile(r"\nLINE \d+: (?P<line>.*)\n(?P<before> *)(?P<marks>\^+)")
_NO_FUNCTION = re.compile(r'Function with name (?P<name>.+?) does not exist!(?:\s*Did you mean "(?P<close>[^"]+)")?')
_NO_FIT = re.compile(r"argument types '(?P<name>.+?)\((?P<types>.*)\)'\.")
_COMPARED = re.compile(r"Cannot compare values of type (?P<one>\S+?) and (?:values )?(?:of )?type (?P<other>\S+)")
_NO_NUMBER = re.compile(r"Could not convert string '(?P<text>.*?)' to (?P<type>\w+)", re.DOTALL)
_AGGREGATE = "cannot contain aggregates"


class ConditionError(CurateError):
    """A condition that the database cannot work with; `unknown_function` says whether for a function's name."""

    unknown_function = False


def condition_error(text: str, message: str, columns: Sequence[tuple[str, str]], code: int) -> ConditionError:
    """The error for a condition.

    Args:
        text: of the condition.
        message: of the database, with the line that shows where.
        columns: those that the condition reads, each with its type as SQL has it.
        code: of the error, 1 where the data do not fit.
    """
    place = _PLACE.search(message)
    part = ""
    if place:
        start = len(place["before"]) - (place.start("line") - place.start() - 1)
        part = place["line"][start : start + len(place["marks"])].strip()
    at = f" at `{part}`" if part and part != text.strip() else ""
    error = ConditionError(f"condition {text!r}{at}: {_said(message, columns)}", code)
    error.unknown_function = bool(_NO_FUNCTION.search(message))
    return error


def _said(message: str, columns: Sequence[tuple[str, str]]) -> str:
    """What is wrong and what to do, for the kinds of mistakes that people make; else the database's first sentence."""
    types = "; ".join(f"{name} is {in_words(kind)}" for name, kind in columns if name)
    types = f"; {types}" if types else ""
    if found := _NO_FUNCTION.search(message):
        name = found["name"]
        if not name[0].isalpha():
            wanted = SIGNS.get(name) or found["close"] or "one of =, !=, <, <=, >, >="
            return f"there is no operator {name}; write {wanted}"
        close = f"did you mean {found['close']}? " if found["close"] else ""
        return f"a function {name} does not exist; {close}functions are those of DuckDB's SQL"
    if found := _NO_NUMBER.search(message):
        kind = in_words(found["type"])
        return f"'{found['text']}' is a text and not {kind}{types}; write {kind} without quotes"
    if found := _COMPARED.search(message):
        one, other = in_words(found["one"]), in_words(found["other"])
        return f"{one} is compared with {other}{types}; texts stand in single quotes, numbers without"
    if found := _NO_FIT.search(message):
        given = " and ".join(in_words(kind.strip()) for kind in found["types"].split(",") if kind.strip()) or "nothing"
        name, cast = found["name"], "cast(x as varchar) makes a text of a number"
        return f"{name} does not take {given}{types}; {f'write {SIGNS[name]}' if name in SIGNS else cast}"
    if _AGGREGATE in message:
        return "it counts over several rows, but must be told of each row by itself; leave sum, count, avg and such out"
    first = message.split("\n")[0]
    return first.partition(": ")[2] or first


def in_words(kind: str) -> str:
    """A type of SQL as people say it: `a number`, `a text`, `a flag`, `a list`; the type itself for any other."""
    upper = kind.upper().strip('"')
    if upper.endswith("[]") or upper.startswith("LIST"):
        return "a list"
    if upper.startswith(("VARCHAR", "STRING")):
        return "a text"
    if ("INT" in upper and not upper.startswith("INTERVAL")) or upper.startswith(
        ("DOUBLE", "FLOAT", "DECIMAL", "REAL")
    ):
        return "a number"
    return "a flag (true or false)" if upper.startswith("BOOL") else kind
