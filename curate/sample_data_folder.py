"""Where the sample data are."""

from __future__ import annotations

from pathlib import Path

from curate.errors import CurateError


def sample_data() -> Path:
    """The folder of the sample data, in the installed package or beside it in a checkout.

    Raises:
        CurateError: if it is in neither.
    """
    package = Path(__file__).parent
    for folder in (package / "sample_data", package.parent / "sample_data"):
        if (folder / "MANIFEST.json").is_file():
            return folder
    raise CurateError("the sample data are not installed; run this in a checkout of the project")
