"""`curate ablate` as a process of its own, on a tiny model in a folder."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("scipy")

from tests import tiny_model
from tests.builders import ROOT
from tests.builders.processes import FOREVER, Reader, running, wait_until
from train.study import results


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    loaded = tiny_model.loaded()
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    return folder


def options(model, out):
    files = ("sample_data/dolly.jsonl", "--heldout", "test=sample_data/heldout.jsonl", "--heldout-rows", "10")
    fast = ("--max-length", "160", "--epochs", "1", "--batch-size", "4", "--embedder", "tfidf", "--processes", "1")
    return ("ablate", *files, "--model", model, *fast, "--out", out)


@pytest.mark.slow
def test_the_whole_way(curate, model, tmp_path):
    out = tmp_path / "out"
    command = (*options(model, out), "--sizes", "4,8,12,16", "--seeds", "2", "--arms", "random,selected,full")
    process = curate(*command)
    assert process.returncode == 0, process.stderr
    assert "plan: 3 arms (random, selected, full), sizes 4, 8, 12, 16, the full pool of" in process.stderr
    assert "19 runs with the base model's, 0 done" in process.stderr
    assert "0 with the same prompt, 0 near-duplicates" in process.stderr
    assert "time: about" in process.stderr and "measured in a warm-up" in process.stderr
    for name in ("results.parquet", "ablation.json", "curve.png", "curve.svg", "report.html"):
        assert (out / name).stat().st_size > 1000, name
        assert str(out / name) in process.stdout
    told = json.loads((out / "ablation.json").read_text("utf-8"))
    assert told["command"].startswith("curate ablate sample_data/dolly.jsonl --sizes 4,8,12,16 ")
    assert "With random rows the held-out loss goes from" in " ".join(told["sentences"])
    found = results.read(out / "results.parquet")
    assert len(found) == 1 + 2 * (2 * 4 + 1)
    before = (out / "results.parquet").read_bytes(), (out / "report.html").read_bytes()
    again = curate(*command)
    assert "19 runs with the base model's, 19 done" in again.stderr
    assert ((out / "results.parquet").read_bytes(), (out / "report.html").read_bytes()) == before


@pytest.mark.slow
def test_a_plan_alone_starts_nothing_and_a_budget_is_kept(curate, model, tmp_path):
    out = tmp_path / "out"
    command = (*options(model, out), "--sizes", "4,8,16,32,64", "--seeds", "9", "--plan")
    planned = curate(*command)
    assert "91 runs with the base model's" in planned.stderr
    assert not (out / "results.parquet").exists()
    some = curate(*command, "--budget", "1s")
    assert some.returncode in (0, 2), some.stderr
    assert "91 runs" not in some.stderr
    if some.returncode == 0:
        assert curate(*command, "--budget", "1s").stderr.count(some.stderr.partition("plan:")[2].partition("\n")[0])


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--sizes", "4,x"), "'4,x' is not a list of numbers"),
        (("--arms", "best"), "unknown arm 'best'"),
        (("--arms", "file:nowhere.jsonl"), "nowhere.jsonl"),
        (("--heldout", "test=sample_data/heldout.jsonl"), "two held-out sets are called 'test'"),
        (("--budget", "soon"), "'soon' is not a length of time"),
    ],
)
def test_errors_say_what_to_change(curate, model, tmp_path, extra, said):
    done = curate(*options(model, tmp_path / "out"), *extra)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_terminal_is_asked(model, tmp_path):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "curate.cli", *map(str, options(model, tmp_path / "out"))]
    # A terminal that nobody reads holds a few kilobytes; the process waits for ever to write more.
    screen = Reader(ours)
    with running(
        subprocess.Popen([*command, "--sizes", "4"], cwd=ROOT, stdin=theirs, stderr=theirs, stdout=subprocess.DEVNULL)
    ) as process:
        os.close(theirs)
        wait_until(lambda: "start?" in screen.text(), "asked whether to start", process)
        os.write(ours, b"n\n")
        process.wait(FOREVER)
    assert process.returncode == 130, screen.text()
    os.close(ours)
    assert not (tmp_path / "out" / "results.parquet").exists()
