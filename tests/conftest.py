"""What several test files need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.builders import ROOT

REAL_DATA = ROOT.parent / "shared" / "data"

# How long an example takes, or is thought up in, is a matter of the machine and of what else it does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture
def curate():
    """Runs the command line in a process of its own; gives the finished process with text output."""

    def run(*args: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "curate.cli", *map(str, args)]
        return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, encoding="utf-8")

    return run


@pytest.fixture
def real_data() -> Path:
    """A folder of public data files beside the checkout; tests that want it are skipped without."""
    if not REAL_DATA.is_dir():
        pytest.skip("the folder of public data files is not here")
    return REAL_DATA
