"""CSV, Parquet and Arrow: what they cannot hold is restored with --lossless, and named without."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.io import blocks, writer
from curate.io.table_losses import losses

TABLES = ["csv", "tsv", "parquet", "arrow"]
ROW = {"instruction": "Name a prime.", "input": "", "output": "2"}
# What a row may carry that a table changes: (JSON text of the row's further fields).
VALUES = {
    "null beside": '"topic": null',
    "number as id": '"id": 1',
    "null within": '"topic": {"k": null, "l": [null, {"m": null}]}',
    "no field": '"topic": {}',
    "mixed list": '"topic": [1, "a", [2], {"b": 3}]',
    "long number": '"topic": 12345678901234567890123',
    "beyond any type": '"topic": 1E400',
    "spelling": '"topic": [1.0, 1e5, -0, 0.10000000000000000000001]',
    "truth": '"topic": true',
    "empty text": '"topic": ""',
    "text of JSON": '"history": null, "conversations": "[1]"',
    "order": '"z": {"b": 1, "a": 2}, "a": {"a": 1, "b": 2}',
}


def written(tmp_path, lines: list[str], file: str, **options):
    source, out = tmp_path / "in.jsonl", tmp_path / file
    source.write_text("\n".join(lines), encoding="utf-8")
    return out, convert([str(source)], str(out), ConvertOptions(**options))


def with_field(field: str) -> str:
    return json.dumps(ROW)[:-1] + f", {field}}}"


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("to", ["alpaca", "dolly", "sft"])
def test_every_value_comes_back_as_it_was_written(tmp_path, kind, to):
    """All of them in one file, so that columns have values of several kinds."""
    lines = [with_field(field) for field in VALUES.values()]
    out, summary = written(tmp_path, lines, f"out.{kind}", to=to, name="alpaca", lossless=True)
    assert (summary.written, summary.lossy) == (len(lines), 0)
    back = tmp_path / "back.jsonl"
    again = convert([str(out)], str(back), ConvertOptions(to="alpaca", name=to))
    assert (again.restored, again.edited) == (len(lines), 0)
    assert [line.replace(" ", "") for line in back.read_text("utf-8").splitlines()] == [
        line.replace(" ", "") for line in lines
    ]


def test_the_text_of_tools_comes_back_as_it_was_spaced(tmp_path):
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    line = json.dumps({"conversations": turns, "tools": '[ {"name" : "w",\n "parameters": {"b": null, "a": 1.0}} ]'})
    for kind in TABLES:
        out, _ = written(tmp_path, [line], f"out.{kind}", to="sft", lossless=True)
        convert([str(out)], str(tmp_path / "back.jsonl"), ConvertOptions(to="sharegpt"))
        assert json.loads((tmp_path / "back.jsonl").read_bytes()) == json.loads(line)


LOST = [
    ("csv", '"id": 1', "id (a number in csv)"),
    ("csv", '"topic": true', "topic (true or false in csv)"),
    ("tsv", '"topic": {"a": 1}', "topic (an object in tsv)"),
    ("csv", '"topic": ""', "topic (empty text in csv)"),
    ("csv", '"topic": null', "topic (null in csv)"),
    ("csv", '"messages": "[1]"', "messages (text of JSON in csv)"),
    ("parquet", '"topic": null', "topic (null in parquet)"),
    ("arrow", '"topic": {"a": [{"k": null}]}', "topic.a[].k (null in arrow)"),
    ("parquet", '"topic": 0.1000000000000000000001', "topic (digits in parquet)"),
    ("parquet", '"messages": "[1]"', "messages (text of JSON in parquet)"),
]


@pytest.mark.parametrize(("kind", "field", "name"), LOST)
def test_what_a_table_cannot_hold_is_named_or_refused(tmp_path, kind, field, name):
    rows = [json.dumps(ROW), with_field(field)]
    _, summary = written(tmp_path, rows, f"out.{kind}", to="alpaca")
    assert (list(summary.lost), summary.lost[name].rows, summary.written) == ([name], 1, 2)
    assert list(summary.lost[name].ranges.values()) == [[(2, 2)]]
    _, summary = written(tmp_path, rows, f"out.{kind}", to="alpaca", on_loss="error")
    assert (summary.written, summary.rejected, list(summary.codes)) == (1, 1, ["E304"])


@pytest.mark.parametrize("kind", [*TABLES, "jsonl", "json"])
def test_plain_rows_lose_nothing(tmp_path, kind):
    rows = [json.dumps(ROW), with_field('"input": "x"'), json.dumps({**ROW, "system": "", "topic": "null 1.25"})]
    for to in ("alpaca", "sharegpt", "chatml"):
        _, summary = written(tmp_path, [rows[0], rows[2]], f"out.{kind}", to=to, on_loss="keep")
        assert (summary.lost, summary.written) == ({}, 2)


def test_texts_lose_nothing():
    assert [losses(kind) for kind in ("jsonl", "json")] == [None, None]


def test_numbers_that_a_decimal_holds_are_not_named():
    of_parquet = losses("parquet")
    for number in ("1e5", "0.1", "1.0", "123456789012345", "1234567890123456789", "3.141592653589793", "2.5E-7"):
        assert of_parquet(f'{{"n": {number}, "m": null}}'.encode(), frozenset()) == ["m (null in parquet)"]


@pytest.mark.parametrize("kind", TABLES)
def test_an_edited_row_says_which_column_was_changed(tmp_path, kind):
    out, _ = written(tmp_path, [with_field('"topic": "a", "n": 1')] * 2, f"out.{kind}", to="alpaca", lossless=True)
    rows = [json.loads(row) for block in blocks(str(out)) for row in block.rows]
    rows[1] |= {"topic": "b", "output": "3"}
    with writer(str(tmp_path / "edited.jsonl")) as write:
        write([json.dumps(row).encode() for row in rows])
    summary = convert([str(tmp_path / "edited.jsonl")], str(tmp_path / "back.jsonl"), ConvertOptions(to="alpaca"))
    assert (summary.restored, summary.edited) == (1, 1)
    assert summary.changed == Counter({"messages": 1, "topic": 1})


def test_values_that_another_program_wrote_anew_are_not_called_restored(tmp_path):
    """The turns still say the same, but the blanks in the text of the tools are gone and cannot be made up."""
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    line = json.dumps({"conversations": turns, "tools": '[{"name": "w"}]'})
    out, _ = written(tmp_path, [line], "out.jsonl", to="sft", lossless=True)
    out.write_text(json.dumps(json.loads(out.read_bytes()), separators=(",", ":")), encoding="utf-8")
    summary = convert([str(out)], str(tmp_path / "back.jsonl"), ConvertOptions(to="sharegpt"))
    assert (summary.restored, summary.edited) == (0, 1)
    assert summary.changed == Counter({"how values are written": 1})


def test_a_row_in_its_own_format_keeps_its_origin_through_a_table(tmp_path):
    first, _ = written(tmp_path, [with_field('"id": 1')], "first.jsonl", to="sft", lossless=True)
    second, back = tmp_path / "second.csv", tmp_path / "back.jsonl"
    convert([str(first)], str(second), ConvertOptions(to="sft"))
    assert convert([str(second)], str(back), ConvertOptions(to="alpaca")).restored == 1
    assert json.loads(back.read_bytes()) == {**ROW, "id": 1}


def test_a_table_of_a_selection_can_be_restored(tmp_path):
    from curate.table import subset, table
    from schemas.registry import FORMATS

    first, _ = written(tmp_path, [with_field('"topic": {"k": null}')], "first.jsonl", to="sft", lossless=True)
    pool = table.read([first])
    subset.write(pool, [0], str(tmp_path / "pool.parquet"), FORMATS["sft"])
    back = tmp_path / "back.jsonl"
    assert convert([str(tmp_path / "pool.parquet")], str(back), ConvertOptions(to="alpaca")).restored == 1
    assert json.loads(back.read_bytes()) == {**ROW, "topic": {"k": None}}


FORGED = [
    {"format": "nosuch", "row": '{"instruction": "a", "output": "b"}'},
    {"format": "alpaca", "row": "not JSON"},
    {"format": "alpaca", "row": '{"instruction": "a", "output": "b"}\n{"instruction": "c", "output": "d"}'},
    {"format": "alpaca", "row": '{"instruction": "a", "output": ""}'},
    {"format": "alpaca", "boundary": -3},
    {"format": "alpaca", "boundary": 2, "digest": "0"},
]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("forged", FORGED)
def test_an_origin_that_does_not_hold_what_it_says_restores_nothing(tmp_path, forged, kind):
    out, _ = written(tmp_path, [json.dumps(ROW)], "out.jsonl", to="sft", lossless=True)
    row = json.loads(out.read_bytes())
    honest = json.loads(row["curate_origin"])
    row["curate_origin"] = json.dumps({"check": honest["check"], **forged})
    out.write_text(json.dumps(row), encoding="utf-8")
    for to in ("alpaca", "sft"):
        back = tmp_path / f"back.{kind}"
        summary = convert([str(out)], str(back), ConvertOptions(to=to))
        (found,) = (json.loads(text) for block in blocks(str(back)) for text in block.rows)
        assert (summary.restored, summary.edited, "curate_origin" in found) == (0, 1, False)
