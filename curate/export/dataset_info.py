"""LLaMA-Factory's dataset_info.json with one entry more, every other byte as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from curate.errors import CurateError, reason

_SPACE = re.compile(r"[ \t\r\n]*")
NAME = "dataset_info.json"


def merged(path: Path, name: str, entry: dict[str, Any]) -> str:
    """The text of dataset_info.json with this entry; a new text if there is no such file.

    An entry of this name is replaced if it is for the same file.  Raises CurateError if it is for another one, or if
    the file is no JSON object.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}. Nothing was written.") from None
    if not text.strip():
        return json.dumps({name: entry}, indent=2) + "\n"
    pairs, end = _pairs(text, path)
    for key, start, stop in pairs:
        if key == name:
            entries = json.loads(text[start:stop])
            if not isinstance(entries, dict) or entries.get("file_name") != entry["file_name"]:
                raise CurateError(
                    f"{path} has an entry {name!r} already, of other data; choose another with --name. "
                    "Nothing was written."
                )
            return text if entries == entry else text[:start] + _indented(entry, text) + text[stop:]
    line = _line_end(text)
    indent = _indent(text)
    added = f"{indent}{json.dumps(name)}: {_indented(entry, text)}{line}"
    last = pairs[-1][2] if pairs else text.index("{") + 1
    return text[:last] + ("," if pairs else "") + line + added + text[end:]


def _pairs(text: str, path: Path) -> tuple[list[tuple[str, int, int]], int]:
    """([(key, start and end of its value)], position of the closing brace) of a JSON object."""
    decoder = json.JSONDecoder()
    pairs: list[tuple[str, int, int]] = []
    try:
        if not isinstance(json.loads(text.lstrip("\ufeff")), dict):
            raise CurateError(f"{path} holds no JSON object; mend it first. Nothing was written.")
        at = _skip(text, text.index("{") + 1)
        while text[at] != "}":
            key, at = decoder.raw_decode(text, at)
            start = _skip(text, _skip(text, at) + 1)  # past the colon
            _, at = decoder.raw_decode(text, start)
            pairs.append((key, start, at))
            at = _skip(text, at)
            if text[at] == ",":
                at = _skip(text, at + 1)
    except ValueError as error:
        raise CurateError(f"{path} is not JSON ({error}); mend it first. Nothing was written.") from None
    return pairs, at


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _indent(text: str) -> str:
    match = re.match(r"\s*\{\s*\n([ \t]+)\"", text)
    return match.group(1) if match else "  "


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indented(entry: dict[str, Any], text: str) -> str:
    """The entry as JSON, indented as the file is."""
    indent = _indent(text)
    lines = json.dumps(entry, indent=indent).split("\n")
    return (_line_end(text) + indent).join(lines)
