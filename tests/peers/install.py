"""Makes an environment for each peer: python tests/peers/install.py [NAME...]

An environment has its own packages of `requirements/NAME.txt`, without what they depend on, before those of the
environment that this runs in, so that torch is not installed once more.  A peer that cannot be installed is left out,
with the reason in `failed.txt`, which its tests show when they are skipped.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / ".venv-peers"
REQUIREMENTS = {path.stem: path for path in sorted((HERE / "requirements").glob("*.txt"))}


def install(name: str) -> str:
    """Make the environment if it is not there; gives what was done, in a few words."""
    digest = hashlib.sha256(REQUIREMENTS[name].read_bytes()).hexdigest()
    target = FOLDER / name
    mark, failed = target / "installed.txt", target / "failed.txt"
    if mark.is_file() and mark.read_text() == digest:
        return "is installed"
    shutil.rmtree(target, ignore_errors=True)
    venv.create(target)
    python = target / "bin" / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    packages = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    (Path(packages) / "beside.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--ignore-installed",
    ]
    # DeepSpeed would compile kernels for a GPU; it asks for torch while it is built.
    pip += ["--no-build-isolation", "--requirement", str(REQUIREMENTS[name])]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        failed.write_text(done.stderr)
        return f"cannot be installed: {done.stderr.strip().splitlines()[-1]}"
    mark.write_text(digest)
    return "installed"


def main() -> None:
    for name in sys.argv[1:] or REQUIREMENTS:
        print(f"{name}: {install(name)}", flush=True)


if __name__ == "__main__":
    main()
