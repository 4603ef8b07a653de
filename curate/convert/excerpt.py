"""Where a JSON path stands in the text of a row, and the part of the text that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]

import msgspec

SHOWN = 800
BEFORE = 200
Span = tuple[int, int]

_SPACE = re.compile(r"[ \t\r\n]*")
_INDEX = re.compile(r"\[(\d*)\]")
_BYTE = re.compile(r"\\x[89a-f][0-9a-f]")
_skip_value = json.JSONDecoder(strict=False).raw_decode


class Excerpt(msgspec.Struct, frozen=True):
    """A part of a row's text: SHOWN characters, or all of it where little more would be left over.

    Attributes:
        start: how many characters of the row stand before it.
        more: how many stand after it.
        mark: [first, end) of the place in question, in characters of `text`; None where the row has no such place.
    """

    text: str
    start: int = 0
    more: int = 0
    mark: Span | None = None


def excerpt(text: str, place: Span | None) -> Excerpt:
    """The part of a row that shows a place, from the row's beginning if the place is near it."""
    first, end = place or (0, 0)
    if len(text) <= SHOWN + BEFORE:
        return Excerpt(text, mark=place)
    start = 0 if end <= SHOWN or first <= BEFORE else first - BEFORE
    start = max(0, min(start, len(text) - SHOWN))
    part = text[start : start + SHOWN]
    mark = (first - start, min(end - start, len(part))) if place else None
    return Excerpt(part, start, len(text) - start - len(part), mark)


def place(text: str, path: str) -> Span | None:
    """[first, end) of the value at a JSON path, in characters of the row's text.

    Of a value that is not there, the innermost one around it that is, unless that is the row; None then.
    In a row that is no JSON, or not UTF-8, the place where reading it stopped.

    Args:
        text: of the row.
        path: as in problems, `$.messages[1].content`; [] stands for the first element that has what follows.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        byte = _BYTE.search(text)
        first = min(byte.start() if byte else error.pos, max(len(text) - 1, 0))
        return (first, first + (4 if byte else 1)) if text else None
    except RecursionError:
        return None
    start = _space(text, 0)
    found = _find(text, start, path.removeprefix("$"), start)
    return found[1] if found and found[1][0] > start else None


def lost_place(text: str, name: str) -> Span | None:
    """[first, end) of a field that was lost, by the name that the record has for it; None if the row shows it nowhere.

    In the record turns are `messages`; the row may call them `conversations` or be itself the list of them.
    """
    path = "." + name.partition(" (")[0]
    start = _space(text, 0)
    for turns in (".messages[]", ".conversations[]", "[]"):
        try:
            found = _find(text, start, path.replace(".messages[]", turns, 1), start)
        except (json.JSONDecodeError, RecursionError):
            return None
        if found and not found[0]:
            return found[1]
    return None


def _find(text: str, at: int, path: str, root: int) -> tuple[str, Span] | None:
    """(what is left of the path, the span of the innermost value on it), from the value that begins at `at`."""
    best: tuple[str, Span] | None = None
    for value, rest in _steps(text, at, path) if path else ():
        found = _find(text, value, rest, root)
        # Of two fields of one name the last counts, as it does when the row is read.
        if found and (best is None or len(found[0]) <= len(best[0])):
            best = found
            if not found[0] and path.startswith("[]"):
                break
    return best or (path, (at, _skip_value(text, at)[1]))


def _steps(text: str, at: int, path: str) -> Iterator[tuple[int, str]]:
    """(where a value begins that the path leads through next, the path from there on)."""
    index = _INDEX.match(path)
    if index and text[at] == "[":
        for i, value in enumerate(_elements(text, at)):
            if not index[1] or int(index[1]) == i:
                yield value, path[index.end() :]
    elif text[at] == "{":
        for name, value in _members(text, at):
            rest = path.removeprefix("." + name)
            # Names may hold dots and brackets themselves.
            if rest != path and rest[:1] in ("", ".", "["):
                yield value, rest


def _elements(text: str, at: int) -> Iterator[int]:
    at = _space(text, at + 1)
    while text[at] != "]":
        yield at
        at = _space(text, _skip_value(text, at)[1])
        at = _space(text, at + 1) if text[at] == "," else at


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    at = _space(text, at + 1)
    while text[at] != "}":
        name, at = scanstring(text, at + 1, False)
        at = _space(text, _space(text, at) + 1)
        yield name, at
        at = _space(text, _skip_value(text, at)[1])
        at = _space(text, at + 1) if text[at] == "," else at


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
