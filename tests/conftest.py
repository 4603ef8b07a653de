"""What several test files need."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.builders import ROOT

REAL_DATA = ROOT.parent / "shared" / "data"

# Several workers and their processes share the cores: with a thread for each core in each of them, they mostly wait for
# one another. Read when numpy or torch is first imported; tests about threads say how many they want.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# A cache of the suite's own, which its processes share: nothing is left in the user's, and nothing of it is used.
if "PYTEST_XDIST_WORKER" not in os.environ:
    # What others keep there may stay where it is: a test may need a model of the hub that was downloaded before.
    os.environ.setdefault(
        "HF_HOME", str(Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "huggingface")
    )
    CACHE = tempfile.TemporaryDirectory(prefix="curate-tests-")
    os.environ["XDG_CACHE_HOME"] = CACHE.name
# No test needs the model hub, and a name that it lacks is looked for again and again where there is no network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

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
def two_threads() -> Iterator[None]:
    """Two threads for torch, between which training shares out its rows, on any machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def real_data() -> Path:
    """A folder of public data files beside the checkout; tests that want it are skipped without."""
    if not REAL_DATA.is_dir():
        pytest.skip("the folder of public data files is not here")
    return REAL_DATA
