"""Rows as JSON lines, other scripts as they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Write a row a line, in UTF-8."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for row in rows:
            file.write(encode(row) + b"\n")
