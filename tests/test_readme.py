"""The examples in the README files are what the commands print.

UPDATE_README=1 writes what they print now into both files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = ("README.md", "README.zh.md")
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
# Lines with figures of models, whose last digits differ from processor to processor.
MODELLED = re.compile(r"quality|standard deviations|select  |dedup  |where  ")
PROGRESS = re.compile(r" *\d+%  \w")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the sample data, where the examples run one after the other."""
    made = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "sample_data", made / "sample_data")
    return made


def printed(block: str, folder: Path) -> str:
    """The block with the output of its commands as it is now."""
    out = ""
    scripts = folder / "bin"
    scripts.mkdir(exist_ok=True)
    script = scripts / "curate"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m curate.cli "$@"\n')
    script.chmod(0o755)
    environment = {**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}", "COLUMNS": "100", "NO_COLOR": "1"}
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        # Lines on how far work has come are only there where it takes long.
        lines = [line.rstrip() for line in process.stdout.splitlines() if not PROGRESS.match(line)]
        out += "\n".join([f"$ {command}", *lines]) + "\n"
    return out


def steady(block: str) -> str:
    """The block without the digits of figures that models compute, and without the list that hangs on them."""
    block = re.sub(r"(?<=^Diversity: ).*", "...", block, flags=re.MULTILINE)
    lines = block.splitlines(keepends=True)
    return "".join(re.sub(r"\d", "#", line) if MODELLED.search(line) else line for line in lines)


def test_examples_are_what_the_commands_print(folder):
    text = (ROOT / FILES[0]).read_text("utf-8")
    blocks = BLOCK.findall(text)
    assert blocks
    now = [printed(block, folder) for block in blocks]
    if os.environ.get("UPDATE_README"):
        for name in FILES:
            fresh = iter(now)
            page = (ROOT / name).read_text("utf-8")
            (ROOT / name).write_text(BLOCK.sub(lambda _: f"```console\n{next(fresh)}```", page), "utf-8")  # noqa: B023
        return
    assert [*map(steady, blocks)] == [*map(steady, now)]


def test_both_languages_show_the_same():
    english, chinese = (BLOCK.findall((ROOT / name).read_text("utf-8")) for name in FILES)
    assert english == chinese
