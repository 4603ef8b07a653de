"""Rows of data sets on the Hugging Face hub, read as they arrive."""

from __future__ import annotations

import logging
import os
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from curate.errors import CurateError
from curate.extras import require
from curate.io.arrow import BLOCK_ROWS, numbered, rows_of
from curate.io.container import HUB
from curate.io.lines import Block


def parsed(path: str) -> tuple[str, str | None, str | None]:
    """(name, config, split) of hf://owner/name[/config][:split].

    What begins with / or . after hf:// is a folder on this machine, which `datasets` reads in the same way.

    Raises:
        CurateError: for a name without owner and name.
    """
    name, _, split = path.removeprefix(HUB).partition(":")
    if name.startswith(("/", ".")):
        return name, None, split or None
    parts = name.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise CurateError(
            f"{path}: a data set is named hf://owner/name, hf://owner/name/config or hf://owner/name:split"
        )
    return "/".join(parts[:2]), parts[2] if len(parts) == 3 else None, split or None


def hub_blocks(path: str) -> Iterator[Block]:
    """The rows of a data set, without downloading it first; without a split, of all its splits, numbered on.

    Raises:
        CurateError: if the package datasets is not installed, the data set is not found, or there is no network.
    """
    name, config, split = parsed(path)
    datasets = require("datasets", "train", f"{path}: reading from the hub")
    if not name.startswith(("/", ".")) and not reachable():
        raise CurateError(f"{path}: the hub cannot be reached; check the network, or name downloaded files")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it would report each retry
    try:
        loaded = datasets.load_dataset(name, config, split=split, streaming=True)
        parts = loaded.values() if isinstance(loaded, dict) else [loaded]
        yield from numbered(rows for part in parts for rows in _rows(path, part))
    except CurateError:
        raise
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0]
        raise CurateError(
            f"{path}: cannot load: {type(error).__name__}: {reason}; check the name and the network, "
            "or download the files and name their folder"
        ) from None


def reachable() -> bool:
    """Whether the hub's name resolves, or a proxy would resolve it.  Without this, its client retries for a minute."""
    if urllib.request.getproxies():
        return True
    host = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co").hostname
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        return False
    return True


def _rows(path: str, part: Any) -> Iterator[list[bytes]]:
    for table in part.with_format("arrow").iter(BLOCK_ROWS):
        for batch in table.to_batches():
            yield rows_of(path, batch)
