"""The inputs and outputs that a command names: no output may be one of the inputs, which would be lost."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterator

from curate.errors import CurateError


def sources_and_output(paths: tuple[str, ...], command: str, usage: str = "") -> tuple[list[str], str]:
    """The inputs and the output of IN... OUT.

    Args:
        paths: as given.
        command: its name.
        usage: what the command asks for besides, for the error.

    Raises:
        CurateError: for a single path, with the command's usage, and for an input that would be overwritten.
    """
    *sources, out = paths
    if not sources:
        example = f"curate {command} IN... OUT {usage}".rstrip()
        raise CurateError(f"{command} needs at least one input and an output: {example}")
    if is_among(out, sources):
        raise CurateError(
            f"{out}: is an input and the output, and {command} would overwrite it; "
            "name another file as the output, which is the last name"
        )
    return sources, out


def keep_inputs(path: str | None, sources: Collection[str], option: str) -> None:
    """Check that a file that an option names for writing is none of the inputs.

    Args:
        path: the file; None for none.
        sources: the inputs.
        option: its name, for the error.

    Raises:
        CurateError: if it is.
    """
    if path and is_among(path, sources):
        raise CurateError(f"{option} {path}: is an input, which would be overwritten; name another file")


def is_among(path: str, sources: Collection[str]) -> bool:
    """Whether a path is a file that the sources stand for, by whatever name; with a `*`, whether any of its files is.

    A source may be a file, a folder or a pattern, see `curate.io.expand`; of URLs the names are compared.
    """
    from curate.io import expand
    from curate.io.remote import is_remote

    if is_remote(path):
        return path in sources
    written = [name for name in _written(path) if os.path.isfile(name)]
    if not written:
        return False
    read = [name for source in sources if not is_remote(source) for name in expand([source]) if os.path.isfile(name)]
    return any(os.path.samefile(one, other) for one in written for other in read)


def _written(path: str) -> Iterator[str]:
    """The files that an output would replace."""
    yield path
    if glob.has_magic(path):
        yield from glob.glob(path)
