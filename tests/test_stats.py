"""`curate stats` counts what a file or a ledger holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.dedup import exact
from curate.table import stats, table

SAMPLE = Path(__file__).parent.parent / "sample_data"


def test_stats_of_a_file_and_of_the_ledger_made_from_it(tmp_path, curate):
    words = "one two three four five six seven eight nine ten eleven twelve"
    outputs = [words, f"{words} \n", words.rpartition(" ")[0], "我今天去了北京的图书馆借书。"]
    rows = [{"instruction": "Count.", "input": "", "output": output} for output in outputs]
    lines = [json.dumps(row, ensure_ascii=False) for row in [*rows, {"instruction": 1}]]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(lines) + "\n", "utf-8")
    found = json.loads(curate("stats", source, "--json").stdout)
    assert (found["rows"], found["valid"], found["duplicates"]) == (5, 4, {"exact": 1})
    assert found["scripts"] == {"Latin": 3, "Han": 1}
    assert found["response_characters"]["min"] == 14
    curate("dedup", source, tmp_path / "out.jsonl", "--near", "0.7", "--key", "response")
    found = json.loads(curate("stats", tmp_path / "out.jsonl.ledger.parquet", "--json").stdout)
    assert found["duplicates"] == {"exact": 1, "near": 1}
    assert "Latin 3, Han 1" in curate("stats", source).stdout


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_stats_are_the_same_in_batches_of_any_size(size):
    files = [SAMPLE / "alpaca.json", SAMPLE / "sft.jsonl", SAMPLE / "alpaca.json"]
    rows = table.read(files)
    found = stats.describe(rows.to_batches(max_chunksize=size))
    assert found == stats.describe(table.batches(files))
    methods = exact.mark(rows)["duplicate_method"]
    assert found["duplicates"] == {"exact": len(rows) - methods.null_count}
    assert found["rows"] == len(rows) and found["valid"] == len(table.valid(rows))


def test_stats_of_nothing():
    found = stats.describe([])
    assert found["rows"] == 0 and found["duplicates"] == {} and found["prompt_characters"] == {}
