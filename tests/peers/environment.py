"""Other tools' Python, in environments of their own that `make peers` makes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FOLDER = ROOT / ".venv-peers"


def python(peer: str) -> Path:
    """The interpreter of a peer; skips the test, with the reason, where it is not installed."""
    folder = FOLDER / peer
    reason = folder / "failed.txt"
    if reason.is_file():
        pytest.skip(f"{peer} could not be installed: {reason.read_text().strip().splitlines()[-1]}")
    if not (folder / "installed.txt").is_file():
        pytest.skip(f"{peer} is not installed; `make peers` installs it")
    return folder / "bin" / "python"


def run(peer: str, script: str, *args: object, stdin: str = "", cwd: Path | None = None) -> str:
    """The standard output of a script in `inside`, run by a peer's interpreter."""
    command = [str(python(peer)), str(HERE / "inside" / script), *map(str, args)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, input=stdin, cwd=cwd, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, f"{peer}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
