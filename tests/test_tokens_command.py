"""`curate stats --model`, and the page of a run that counts tokens, from the command line on a tiny real model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch")
pytest.importorskip("peft")

from curate import cli as curate_cli
from curate.errors import CurateError
from tests import tiny_model
from tests.builders import ROOT
from tests.builders.pages import ATTRIBUTES, ELEMENTS, HOSTILE, Page

GOLDEN = Path(__file__).parent / "golden" / "tokens.txt"


def talk(question: str, answer: str, **reply) -> dict:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer, **reply}]}


ROWS = [
    *(talk(f"say {i}", "it is " + "so " * (i % 9)) for i in range(24)),
    talk("说", "好", reasoning_content="想一想"),
    talk("说", "好", weight=0),
    talk("long " * 30, "lost"),
    talk("tell", "all of " * 20),
    {"messages": "none"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a model and a file of rows."""
    made = tmp_path_factory.mktemp("tokens")
    tiny_model.save(made / "tiny")
    (made / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return made


def run_process(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line in that folder, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    command = [sys.executable, "-m", "curate.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def run(folder, monkeypatch):
    """The command line in that folder, in this process, since importing torch takes seconds; gives click's result."""
    monkeypatch.chdir(folder)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(curate_cli.curate, [*map(str, arguments)])

    return invoke


def test_the_text_of_a_report(folder):
    done = run_process(folder, "stats", "rows.jsonl", "--model", "tiny", "--max-length", 100, "--no-warm-up")
    assert done.returncode == 0, done.stderr
    shown = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
    shown = shown[shown.index("model ") :]
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")


def test_numbers_for_machines_are_those_of_training_which_is_measured(run, folder):
    options = ("--model", "tiny", "--max-length", 100, "--batch", 4, "--epochs", 2)
    done = run("stats", "rows.jsonl", *options, "--warm-up", "--report", "page.html", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["tokens"]
    masks = run("train", "rows.jsonl", "--show-masks", "--rows", 99, *options[:4]).stdout
    trained = [tuple(map(int, pair)) for pair in re.findall(r"(\d+) of (\d+) tokens are trained", masks)]
    assert (sum(k for k, _ in trained), sum(n for _, n in trained)) == (
        found["tokens"]["trained"]["fitting"],
        found["tokens"]["all"]["fitting"],
    )
    left_out = re.findall(r"^(\S+) row (\d+): not trained on: (.*)$", masks, re.M)
    assert [(row["file"], str(row["row"]), row["reason"]) for row in found["untrained"]["first"]] == left_out
    rows = found["rows"] - found["untrained"]["rows"]
    assert (found["rows"], len(left_out), found["cut"]["rows"]) == (28, 2, 2)
    assert found["steps"] == 2 * -(-rows // 4)
    assert found["run_tokens"] == 2 * found["tokens"]["all"]["fitting"]
    cost = found["cost"]
    speed = int(re.search(r"([\d,]+) tokens a second", cost["source"])[1].replace(",", ""))
    assert cost["seconds"] == pytest.approx(found["run_tokens"] / speed, rel=0.02, abs=0.01)
    assert cost["memory_bytes"] > cost["weights_bytes"] > 0
    page = Page((folder / "page.html").read_bytes())
    assert {tag for tag, _ in page.elements} <= ELEMENTS and {a for _, at in page.elements for a in at} <= ATTRIBUTES
    assert "beyond the maximum length of 100" in page.text and "tokens a second" in page.text


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--max-length", 100), "--max-length is about tokens, which a model's tokenizer makes; name it with --model"),
        (("--no-warm-up",), "--warm-up is about tokens"),
        (("--model", "tiny", "--max-length", 1), "--max-length is 1; it must be at least 2"),
        (("--model", "tiny", "--template", "chatlm"), "no template is called 'chatlm'; did you mean 'chatml'?"),
        (("--model", "./absent"), "./absent is neither a folder nor a .gguf file"),
        (("--model", "nobody/nothing"), "the hub cannot be reached"),
        (("--report", "page.pdf"), "use .html or .json"),
    ],
)
def test_what_cannot_be_counted_is_refused_before_any_row_is_read(run, arguments, error):
    done = run("stats", "rows.jsonl", *arguments)
    assert not done.stdout
    if isinstance(done.exception, CurateError):
        assert done.exception.code == 2 and error in str(done.exception)
    else:
        assert done.exit_code == 2 and error in " ".join(done.stderr.split())


def test_standard_input_is_not_read_twice(run):
    done = run("stats", "-", "--model", "tiny")
    assert done.exit_code == 2 and "save standard input to a file first" in done.stderr


def test_a_length_beyond_the_model_is_noted_and_nothing_is_measured_without_rows(run, folder):
    (folder / "untrained.jsonl").write_text(json.dumps(talk("hm?", "no", weight=0)) + "\n", "utf-8")
    done = run("stats", "untrained.jsonl", "--model", "tiny", "--max-length", 513, "--json")
    assert "tiny reads at most 512 tokens; curate train refuses it" in done.stderr
    found = json.loads(done.stdout)["tokens"]
    assert (found["steps"], found["trained_share"]) == (0, None)
    assert found["cost"]["seconds"] is None and found["cost"]["source"] == "not measured: no row is trained on"


def test_the_page_of_a_run_counts_the_tokens_of_its_subset(folder):
    rows = [{"instruction": f"{HOSTILE} {i}?", "output": f"{'word ' * i}in {i}"} for i in range(30, 36)]
    (folder / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    changes = [
        "embedder=tfidf",
        "select.floor=null",
        "where=[]",
        "report.tokens.model=tiny",
        "report.tokens.max_length=240",
    ]
    sets = [word for change in changes for word in ("--set", change)]
    done = run_process(folder, "run", "lima-1000", "--input", "pool.jsonl", "--out", "out", *sets)
    assert done.returncode == 0, done.stderr
    page = Page((folder / "out" / "report.html").read_bytes())
    assert "tokens" in {attrs.get("id") for _, attrs in page.elements}
    assert re.search(r"rows cut[1-6] of 6", page.text) and "tokens a second" not in page.text


def test_a_run_refuses_a_model_before_any_step(run):
    arguments = ("--input", "rows.jsonl", "--out", "none", "--dry-run", "--set", "report.tokens.model=./no")
    assert "./no is neither a folder nor a .gguf file" in str(run("run", "lima-1000", *arguments).exception)
