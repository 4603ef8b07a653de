"""`curate score`: what is planted is found, what is written can be read again, what is missing is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from curate.commands.score import score as command
from curate.errors import CurateError
from curate.score import registry
from curate.score.column import of_table
from curate.table import table
from tests.builders.scores import with_scores

SAMPLE = Path(__file__).parent.parent / "sample_data"


@pytest.mark.parametrize("kind", ["refusal", "truncated", "repeated"])
def test_planted_faults_are_found_and_nothing_else(kind):
    manifest = json.loads((SAMPLE / "MANIFEST.json").read_text("utf-8"))
    planted = {(d["file"], d["row"]) for d in manifest["defects"] if d["note"].startswith(f"{kind}:")}
    pool = table.read([SAMPLE / name for name in manifest["files"] if name != "heldout.jsonl"])
    name = {"repeated": "loop"}.get(kind, kind)
    rows = with_scores(pool, ["faults", "suspicions"]).select(["file", "row", "faults", "suspicions"]).to_pylist()
    rows = [row for row in rows if row["faults"] is not None]
    certain = {(Path(row["file"]).name, row["row"]) for row in rows if name in row["faults"]}
    suspected = {(Path(row["file"]).name, row["row"]) for row in rows if name in row["suspicions"]}
    # A caption without a stop is no broken sentence, though this one was cut.
    assert certain | suspected == planted - {("alpaca.json", 48)}
    assert kind == "truncated" or certain == planted


def test_score_writes_the_rows_with_their_scores_and_the_table(curate, tmp_path):
    out = tmp_path / "out.jsonl"
    done = curate("score", SAMPLE / "alpaca.json", out, "--with", "length,refusal", "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == 320 and json.loads(done.stdout)["valid"] == 320
    assert rows[0]["scores"].keys() == {"length", "refusal", "score"}
    assert rows[0]["scores"]["length"] == len(rows[0]["output"])
    ledger = table.read([f"{out}.ledger.parquet"])
    assert ledger.num_rows == 325 and ledger["length"].null_count == 5
    again = curate("score", out, tmp_path / "again.jsonl", "--with", "length,refusal")
    assert again.returncode == 0
    assert (tmp_path / "again.jsonl").read_bytes() == out.read_bytes()


def test_explain_says_value_place_and_source(curate):
    done = curate("score", SAMPLE / "alpaca.json", "--explain", "57", "--with", "refusal,repetition")
    assert "A FAULT, above the limit of 0" in done.stdout and "Welleck" in done.stdout
    bad = curate("score", SAMPLE / "alpaca.json", "--explain", "9999")
    assert bad.returncode == 1 and "no row 9999" in bad.stderr


def test_score_says_what_is_missing(curate, tmp_path):
    for args, message in (
        ((), "needs at least one input"),
        ((SAMPLE / "alpaca.json", tmp_path / "o.parquet", "--with", "nonsense"), "unknown score 'nonsense'"),
        ((SAMPLE / "alpaca.json", tmp_path / "o.parquet", "--with", "rating"), "--judge-url"),
        ((SAMPLE / "alpaca.json", tmp_path / "o.parquet", "--with", "reward"), "--reward"),
        ((SAMPLE / "alpaca.json", tmp_path / "o.parquet", "--price", "x"), "two numbers"),
    ):
        done = curate("score", *args)
        assert done.returncode == 2 and message in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "o.parquet").exists()


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("httpx", "judge", ("--with", "rating", "--judge-url", "http://127.0.0.1:9/v1", "--judge-model", "m")),
        ("torch", "train", ("--with", "ifd")),
        ("transformers", "train", ("--with", "tokens")),
        ("torch", "train", ("--with", "reward", "--reward", "owner/name")),
        ("matplotlib", "train", ("--with", "length", "--png", "png")),
    ],
)
def test_a_package_that_a_base_install_lacks_is_one_line(monkeypatch, tmp_path, package, extra, arguments):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    paths = [str(SAMPLE / "self_instruct_seed.jsonl"), str(tmp_path / "o.parquet")]
    result = CliRunner().invoke(command, [*paths, "--quiet", *arguments])
    assert isinstance(result.exception, CurateError), result.exception
    first = str(result.exception).splitlines()[0]
    assert f"needs {package}" in first and f"curate-sft[{extra}]" in first


def test_lists_name_every_score(curate):
    shown = curate("score", "--list").stdout
    assert all(f"{name}: " in shown for name in registry.SCORES)


def test_a_scored_table_is_combined_anew(curate, tmp_path):
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    assert curate("score", SAMPLE / "chatml.jsonl", first, "--with", "length,repetition").returncode == 0
    again = curate("score", first, second, "--with", "length", "--combine", "rank:-length", "--by", "")
    assert again.returncode == 0, again.stderr
    a, b = table.read([first]), table.read([second])
    assert a["score"] != b["score"] and of_table(b)["score"].made_by == "rank:-length"
    bad = curate("score", first, second, "--by", "topic")
    assert bad.returncode == 2 and "'topic'" in bad.stderr


def test_pictures_are_one_page_that_loads_nothing_and_png_files(curate, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    page, folder = tmp_path / "r.html", tmp_path / "png"
    pictures = ("--report", page, "--png", folder, "--embedder", "tfidf")
    done = curate("score", SAMPLE / "instruction_json.jsonl", tmp_path / "o.parquet", *pictures)
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert text.count("<svg") >= 6 and "The lowest rows" in text and "instruction_json.jsonl:85" in text
    assert "default-src &#x27;none&#x27;" in text and "<script" not in text
    names = {path.name for path in folder.iterdir()}
    assert {"histogram-length.png", "shares-category.png", "map-category.png", "map-quality.png"} <= names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.iterdir())
