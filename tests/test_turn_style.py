"""Turns written in one format's way under another's name, and turns as JSON text in columns, are read."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.table.reading import detect_file, read
from schemas.decode import Read, RowDecoder
from schemas.problems import Problem
from schemas.registry import FORMATS

ROLES = [{"role": "user", "content": "Name a river."}, {"role": "assistant", "content": 'The "from": Rhine'}]
SENDERS = [{"from": "human", "value": "Name a river."}, {"from": "gpt", "value": 'The "role": Rhine'}]


@pytest.mark.parametrize(
    ("row", "name", "shape"),
    [
        ({"conversations": ROLES, "id": "1"}, "sharegpt", "role/content"),
        ({"messages": SENDERS, "note": 3}, "sft", "from/value"),
        ({"conversations": SENDERS}, "sharegpt", "sharegpt"),
        ({"messages": ROLES}, "sft", "sft"),
        ({"conversations": [{**turn, "role": "x"} for turn in SENDERS]}, "sharegpt", "sharegpt"),
    ],
)
@pytest.mark.parametrize("formats", [True, False])
def test_either_style_of_turns_is_read_under_either_name(row, name, shape, formats):
    decoder = RowDecoder(list(FORMATS.values()) if formats else [FORMATS[name]])
    data = json.dumps(row).encode()
    for result in (decoder.one(data), *decoder.block([data, data]), *decoder.block([data])):
        assert isinstance(result, Read)
        assert (result.format.name, result.shape.name) == (name, shape)
        assert [message.role for message in result.conversation.messages] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("row", "own"),
    [({"conversations": ROLES, "id": "1"}, "sharegpt"), ({"messages": SENDERS, "id": "1"}, "sft")],
)
def test_borrowed_turns_are_written_in_the_formats_own_way_and_restored(curate, tmp_path, row, own):
    path, out, back = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "back.jsonl"))
    path.write_text(json.dumps(row) + "\n")
    assert detect_file(str(path)).format == own
    assert curate("validate", path).returncode == 0
    assert curate("convert", path, out, "--to", own).returncode == 0
    turns = json.loads(out.read_text())[next(iter(row))]
    assert set(turns[0]) == ({"from", "value"} if own == "sharegpt" else {"role", "content"})
    assert curate("convert", path, out, "--to", "chatml", "--lossless").returncode == 0
    done = curate("convert", out, back, "--to", own, "--from", "chatml")
    assert json.loads(back.read_text()) == row and "restored 1" in done.stderr


@pytest.mark.parametrize(("name", "turns"), [("messages", ROLES), ("conversations", SENDERS)])
def test_turns_as_json_text_in_a_column_are_read(tmp_path, name, turns):
    path = tmp_path / "rows.parquet"
    tools = ' [ {"name": "f"} ]'
    pq.write_table(pa.table({name: [json.dumps(turns, indent=1)], "tools": [tools], "note": ["[1]"]}), path)
    (_, results) = next(read(str(path)))
    assert isinstance(results[0], Read)
    assert results[0].conversation.tools == tools and results[0].conversation.extra == {"note": '"[1]"'}
    pq.write_table(pa.table({name: ["[broken", "plain"], "n": [1, 2]}), path)
    assert [result.code for _, results in read(str(path)) for result in results] == ["E101", "E101"]


def test_turns_as_json_text_in_json_lines_are_named_and_read_when_asked():
    row = json.dumps({"messages": json.dumps(ROLES)}).encode()
    problem = RowDecoder([FORMATS["sft"]]).one(row)
    assert isinstance(problem, Problem)
    assert problem.code == "E101" and problem.message.startswith("found a list as JSON text, ")
    mended = RowDecoder([FORMATS["sft"]], repair=True).one(row)
    assert isinstance(mended, Read)
    assert [repair.done for repair in mended.repairs] == ["read the list from its JSON text"]
    broken = json.dumps({"messages": "[broken"}).encode()
    assert isinstance(RowDecoder([FORMATS["sft"]], repair=True).one(broken), Problem)
