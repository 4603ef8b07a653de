"""Folders in the cache that are made once, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def cache_home() -> Path:
    """Where curate keeps what can be made again: $XDG_CACHE_HOME/curate, else ~/.cache/curate."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "curate"


def cached_folder(folder: Path, file: str, make: Callable[[Path], None]) -> Path:
    """The folder, made if it does not hold the file yet; a process that dies leaves nothing half made.

    Args:
        folder: where it is, or will be.
        file: one of its files, by which a complete folder is known.
        make: writes the files into an empty folder.
    """
    if (folder / file).is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        make(scratch)
        os.replace(scratch, folder)
    except OSError:
        if not (folder / file).is_file():  # else another process was first
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder
