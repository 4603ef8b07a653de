"""The report of a conversion as a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from curate.convert.accounts import ConvertSummary
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.errors import CurateError
from curate.io import atomic

ENDINGS = (".html", ".json")


def check_report_path(path: str, sources: Sequence[str], out: str) -> None:
    """Check, before any work is done, that a report can be written.

    Args:
        path: of the report.
        sources: that are converted.
        out: of the conversion.

    Raises:
        CurateError: if it cannot be written to `path`, or would replace data.
    """
    if Path(path).suffix.lower() not in ENDINGS:
        raise CurateError(f"--report {path}: the ending says what to write; use {' or '.join(ENDINGS)}")
    folder = Path(path).parent
    if not folder.is_dir():
        raise CurateError(f"--report {path}: there is no folder {folder}; make it first")
    if Path(path).is_dir() or not os.access(folder, os.W_OK):
        raise CurateError(f"--report {path}: cannot write here; name a file in a folder that is yours")
    for other in (*sources, out, rejects_path(out)):
        if other != "-" and os.path.realpath(other) == os.path.realpath(path):
            raise CurateError(f"--report {path} would replace data: {other}; give the report a name of its own")


def write_report(path: str, out: str, options: ConvertOptions, summary: ConvertSummary) -> None:
    """Write the report of a conversion to a .html or .json file, whole or not at all."""
    from curate.convert.report import report, to_json
    from curate.convert.report_page import html

    result = report(out, options, summary)
    data = to_json(result) if path.lower().endswith(".json") else html(result)
    with atomic(path) as file:
        file.write(data)
