"""Formats of other packages: found by their entry points, used like the others, and named where they are broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "format_package"
ROW = {"dialogue": ["Name a lake.", "Como", "Another.", "Garda"], "topic": "lakes"}


def python(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Python with the packages of a folder installed."""
    paths = [str(folder), str(Path(__file__).parent.parent)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run([sys.executable, *map(str, words)], env=env, capture_output=True, text=True, timeout=60)


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return python(folder, "-m", "curate.cli", *words)


def test_a_format_of_another_package_is_read_written_and_restored(tmp_path):
    source, out, back = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "back.jsonl"))
    source.write_text(json.dumps(ROW) + "\n")
    assert "dialogue in jsonl, 1 row" in run(PACKAGE, "detect", source).stdout
    done = run(PACKAGE, "convert", source, out, "--to", "sft", "--lossless")
    assert done.returncode == 0, done.stderr
    assert [turn["content"] for turn in json.loads(out.read_text())["messages"]] == ROW["dialogue"]
    done = run(PACKAGE, "convert", out, back, "--to", "dialogue")
    assert "restored 1" in done.stderr and json.loads(back.read_text()) == ROW
    assert [entry["format"] for entry in json.loads(run(PACKAGE, "formats", "--json").stdout)][-1] == "dialogue"


def installed(folder: Path, text: str, entry: str) -> Path:
    """A folder with a package of this source and entry point."""
    (folder / "broken.py").write_text(text)
    about = folder / "broken_formats-2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-formats\nVersion: 2\n")
    (about / "entry_points.txt").write_text(f"[curate.formats]\n{entry}\n")
    return folder


GOOD = (PACKAGE / "curate_dialogue/__init__.py").read_text()


@pytest.mark.parametrize(
    ("text", "entry", "said"),
    [
        ("import no_such_module", "mine = broken:FORMAT", "cannot be loaded: ModuleNotFoundError: No module"),
        ("FORMAT = 3", "mine = broken:FORMAT", "broken:FORMAT is a int, not a schemas.row.Format"),
        (GOOD, "mine = broken:FORMAT", "it calls itself 'dialogue'"),
        (GOOD.replace('name="dialogue"', 'name="sft"'), "sft = broken:FORMAT", "a format of this name already"),
        (GOOD.replace('", "2"]', '"]'), "dialogue = broken:FORMAT", "its example is not read: $.dialogue[0]: E206"),
        (GOOD.replace("prompt.content,", "reply.content,"), "dialogue = broken:FORMAT", "is read as something else"),
    ],
)  # fmt: skip
def test_a_broken_package_is_named_and_stops_nothing(tmp_path, text, entry, said):
    folder = installed(tmp_path, text, entry)
    code = "from schemas.registry import BROKEN, FORMATS; print(*BROKEN.values()); print(*FORMATS)"
    done = python(folder, "-c", code)
    broken, names = done.stdout.splitlines()
    assert "of the package broken-formats is not used: " in broken and said in broken
    assert "sft" in names.split() and "dialogue" not in names.split()


def test_a_broken_format_that_is_asked_for_says_why(tmp_path):
    folder = installed(tmp_path, "FORMAT = 3", "mine = broken:FORMAT")
    source = tmp_path / "in.jsonl"
    source.write_text('{"x": 1}\n')
    for words in (["validate", source, "--format", "mine"], ["validate", source], ["formats", "--json"]):
        assert "the format 'mine' of the package broken-formats is not used" in run(folder, *words).stderr
