"""No command writes over a file that it reads."""

from __future__ import annotations

import json

import pytest

ROWS = [{"instruction": f"Name planet {i}.", "output": f"Planet {i} 号行星。"} for i in range(3)]
COMMANDS = {
    "convert": ("--to", "sft"),
    "filter": ("--where", "turns > 1"),
    "dedup": (),
    "select": ("--method", "random"),
    "score": ("--with", "length"),
    "decontaminate": ("--against", "CONTRIBUTING.md", "--flag"),
}


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    return path


def refused(curate, *arguments, file):
    before = file.read_bytes()
    done = curate(*arguments)
    assert file.read_bytes() == before and done.returncode == 2, done.stderr
    return done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_an_input_is_no_output_by_whatever_name(curate, rows, tmp_path, command):
    (tmp_path / "link.jsonl").symlink_to(rows)
    for source in (rows, tmp_path / "link.jsonl", tmp_path, tmp_path / "*.jsonl"):
        said = refused(curate, command, source, rows, *COMMANDS[command], file=rows)
        assert said.startswith(f"error: {rows}: is an input and the output, and {command} would overwrite it; name")


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "ROWS", "--json", "ROWS"],
        ["conflicts", "ROWS", "--ledger", "ROWS"],
        ["decontaminate", "ROWS", "OUT", "--against", "CONTRIBUTING.md", "--report", "ROWS"],
        ["decontaminate", "CONTRIBUTING.md", "ROWS", "--against", "ROWS"],
        ["dedup", "CONTRIBUTING.md", "ROWS", "--against", "ROWS"],
        ["score", "ROWS", "OUT", "--report", "ROWS"],
        ["diversity", "ROWS", "--report", "ROWS"],
    ],
)
def test_nor_is_a_file_that_an_option_names(curate, rows, tmp_path, arguments):
    places = {"ROWS": str(rows), "OUT": str(tmp_path / "out.jsonl")}
    said = refused(curate, *(places.get(word, word) for word in arguments), file=rows)
    assert str(rows) in said and ("is an input" in said or "is Parquet" in said)


def test_nor_are_the_files_beside_an_output(curate, rows, tmp_path):
    rejects = tmp_path / "out.jsonl.rejects.jsonl"
    rows.rename(rejects)
    said = refused(curate, "convert", rejects, tmp_path / "out.jsonl", "--to", "sft", file=rejects)
    assert "the file of rejected rows" in said and "is an input" in said
    shard = tmp_path / "part-00000.jsonl"
    rejects.rename(shard)
    assert "is an input" in refused(curate, "convert", shard, tmp_path / "part-*.jsonl", "--to", "sft", file=shard)


def test_a_run_keeps_its_inputs(curate, rows, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    rows.rename(made / "subset.jsonl")
    said = refused(
        curate, "run", "lima-1000.yaml", "--input", made / "subset.jsonl", "--out", made, file=made / "subset.jsonl"
    )
    assert "is an input, and the run would overwrite it; name another folder with --out" in said


def test_a_table_is_given_more_scores_in_its_place(curate, rows, tmp_path):
    scored = tmp_path / "scored.parquet"
    assert curate("score", rows, scored, "--with", "length").returncode == 0
    assert curate("score", scored, scored, "--with", "urls").returncode == 0
    assert "of 3 rows" not in refused(curate, "score", scored, rows, scored, "--with", "emails", file=scored)
    assert "urls" in curate("score", scored, "--explain", 1).stdout
