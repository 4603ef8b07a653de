"""The inputs that a user named, one file after the other."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatch

from curate.errors import CurateError
from curate.io.container import HUB, by_ending, saved_dataset, splits
from curate.io.remote import is_remote, listed

# Files in data folders that are not data: our own reports and other tools' metadata.
SKIPPED = (
    "*.rejects.jsonl",
    "*.ledger.parquet",
    "ledger.parquet",
    "*.report.*",
    "manifest.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dataset_dict.json",
    "state.json",
)


def expand(paths: Iterable[str]) -> list[str]:
    """The inputs that these names stand for, in the order given, each once.

    A name is a file; a folder, for all data files in it and below, sorted, without hidden ones and our own reports;
    a folder that `save_to_disk` of the package datasets wrote, for its splits; a pattern with *, ?, [...] or ** that
    the shell left alone; - for standard input; or hf://owner/name[/config][:split], which is kept as it is;
    or a URL of a file, of a folder or with a pattern (s3://bucket/raw/*.jsonl).
    A file whose name looks like a pattern is taken for itself.

    Raises:
        CurateError: for a name that nothing answers to.
    """
    inputs: dict[str, None] = {}
    for path in paths:
        for name in _expanded(path):
            inputs.setdefault(name)
    return list(inputs)


def _expanded(path: str) -> Iterator[str]:
    if is_remote(path):
        names = listed(path)
        inputs = names if names == [path] else [name for name in names if _is_input(name)]
        if not inputs:
            raise CurateError(f"{path}: there is no data file (.json, .jsonl, .parquet, .arrow, .csv, .tsv)")
        yield from inputs
    elif path == "-" or path.startswith(HUB):
        yield path
    elif os.path.isdir(path):
        names = list(_in_folder(path))
        if not names:
            raise CurateError(
                f"{path}: the folder has no data file in it (.json, .jsonl, .parquet, .arrow, .csv, .tsv)"
            )
        yield from names
    elif os.path.lexists(path):
        yield path
    elif glob.has_magic(path):
        names = sorted(glob.glob(path, recursive=True))
        inputs = [name for name in names if not os.path.isdir(name) or saved_dataset(name)]
        # Files within a saved dataset are read with it, not beside it.
        folders = tuple(os.path.join(name, "") for name in inputs if os.path.isdir(name))
        inputs = [name for name in inputs if not name.startswith(folders)]
        inputs = [name for name in inputs if not _is_skipped(os.path.basename(name))]
        if not inputs:
            raise CurateError(f"{path}: no file matches this pattern")
        for name in inputs:
            yield from _in_folder(name) if os.path.isdir(name) else [name]
    else:
        raise CurateError(f"{path}: there is no such file or folder{_nearest(path)}")


def _nearest(path: str) -> str:
    """What to do about a name that is nothing: the nearest one beside it, or the first folder that is not there."""
    folder, name = os.path.split(path)
    while folder and not os.path.isdir(folder):
        folder, name = os.path.split(folder)
    with suppress(OSError):
        close = difflib.get_close_matches(name, os.listdir(folder or "."), 1, 0.75)
        if close:
            return f"; did you mean {os.path.join(folder, close[0])}?"
    return "" if os.path.isabs(path) else f"; names are looked for from {os.getcwd()}"


def _in_folder(path: str) -> Iterator[str]:
    saved = saved_dataset(path)
    if saved:
        yield from splits(path) if saved == "dataset_dict" else [path]
        return
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise CurateError(f"{path}: cannot read: {error.strerror}") from None
    for name in names:
        inner = os.path.join(path, name)
        if name.startswith("."):
            continue
        if os.path.isdir(inner):
            if not os.path.islink(inner):  # a link may lead back up
                yield from _in_folder(inner)
        elif not _is_skipped(name) and _is_data(name):
            yield inner


def _is_input(url: str) -> bool:
    name = url.rpartition("/")[2]
    return not name.startswith(".") and not _is_skipped(name) and _is_data(name)


def _is_skipped(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in SKIPPED)


def _is_data(name: str) -> bool:
    try:
        return by_ending(name) is not None
    except CurateError:  # as .parquet.gz: to be complained of when it is read, not passed over
        return True
