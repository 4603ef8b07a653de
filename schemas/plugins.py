"""Formats of other packages, which name them as entry points of the group `curate.formats`.

    [project.entry-points."curate.formats"]
    dialogue = "my_package.dialogue:FORMAT"

FORMAT is a `schemas.row.Format` whose example is read and written again when the package is loaded.  A package that
cannot be loaded does not stop others: it is named where its format is asked for and where no format fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.row import Format

GROUP = "curate.formats"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


class BadPlugin(Exception):
    """Why a package's format is not used."""


def loaded(known: Iterable[str]) -> tuple[dict[str, Format], dict[str, str]]:
    """(the formats of other packages by name, why others are not used by the names of their entry points).

    Args:
        known: names of formats that a package may not take.
    """
    formats: dict[str, Format] = {}
    broken: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP)):
        package = point.dist.name if point.dist else point.module
        try:
            formats[point.name] = _checked(point, {*known, *formats})
        except BadPlugin as error:
            broken[point.name] = f"the format {point.name!r} of the package {package} is not used: {error}"
    return formats, broken


def _checked(point: EntryPoint, taken: set[str]) -> Format:
    """The format of an entry point.  Raises BadPlugin."""
    try:
        plugged = point.load()
    except Exception as error:  # whatever the code of another package raises
        raise BadPlugin(f"{point.value} cannot be loaded: {type(error).__name__}: {error}") from None
    if not isinstance(plugged, Format):
        raise BadPlugin(f"{point.value} is a {type(plugged).__name__}, not a schemas.row.Format")
    if plugged.name != point.name or not NAME.fullmatch(plugged.name):
        raise BadPlugin(f"it calls itself {plugged.name!r}; name both alike, in lower-case letters, digits and hyphens")
    if plugged.name in taken:
        raise BadPlugin("there is a format of this name already")
    try:
        read = RowDecoder([plugged]).one(plugged.example.encode())
        if not isinstance(read, Read):
            raise BadPlugin(f"its example is not read: {read.path}: {read.code} {read.message}")
        again = RowDecoder([plugged]).one(RowEncoder(plugged).encode(read.conversation).data)
    except BadPlugin:
        raise
    except Exception as error:
        raise BadPlugin(f"its example cannot be read and written: {type(error).__name__}: {error}") from None
    if not isinstance(again, Read) or again.conversation != read.conversation:
        raise BadPlugin("its example, read and written, is read as something else")
    return plugged
