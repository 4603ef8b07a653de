"""Keys that stand twice in an object are found wherever they are, and nothing else is taken for one."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from schemas.adapt import Adapter
from schemas.decode import Read, RowDecoder
from schemas.duplicate_keys import first_twin, twins, without_copies
from schemas.registry import FORMATS
from tests.rows import JSON, ROWS, TEXT

ALPACA = '{"instruction": "Name a prime.", "input": "", "output": "2"}'
TURNS = '{"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}'
CALL = (
    '{"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": null, "tool_calls": [{"type": '
    '"function", "function": {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "content": "1"}, {"role": '
    '"assistant", "content": "y"}]}'
)
TWICE = [
    ("alpaca", ALPACA.replace('"output"', '"output": "3", "output"'), "$.output"),
    ("alpaca", ALPACA.replace('"output"', '"topic": {"a": [{"b": 1, "b": 2}]}, "output"'), "$.topic.a[0].b"),
    ("alpaca", ALPACA.replace('"output"', '"outp\\u0075t" : "3", "output"'), "$.output"),
    ("alpaca", ALPACA.replace('"output"', '"topic": {"a":1,"a":1}, "output"'), "$.topic.a"),
    ("sft", TURNS.replace('"content": "x"', '"content": "x", "content": "z"'), "$.messages[0].content"),
    ("sft", TURNS.replace('{"messages"', '{"id": 1, "id": 2, "messages"'), "$.id"),
    ("chatml", TURNS[13:-1].replace('"y"', '"y", "role": "user"'), "$[1].role"),
    ("sft", CALL.replace('"name": "f"', '"name": "f", "name": "g"'), "$.messages[1].tool_calls[0].function.name"),
    ("sft", CALL.replace('"type"', '"type": "x", "type"'), "$.messages[1].tool_calls[0].type"),
]


@pytest.mark.parametrize(("name", "row", "path"), TWICE)
@pytest.mark.parametrize("beside", [[], [ALPACA], [ALPACA] * 300, [TURNS] * 200])
def test_a_key_that_stands_twice_is_named(name, row, path, beside):
    rows = [text.encode() for text in (*beside, row, *beside)]
    decoder = RowDecoder([FORMATS[name]])
    for results in (decoder.block(rows), [decoder.one(r) for r in rows]):
        found = results[len(beside)]
        assert (found.code, found.path) == ("E008", path)
        assert not any(getattr(r, "code", "") == "E008" for i, r in enumerate(results) if i != len(beside))


def rewritten(tmp_path, lines: list[str], **options):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return convert([str(source)], str(out), ConvertOptions(**options)), out.read_text("utf-8").splitlines()


SPACED = [json.dumps({"instruction": f"Say {i}.", "input": "", "output": str(i)}) for i in range(400)]
COMPACT = [json.dumps(json.loads(row), separators=(",", ":")) for row in SPACED]


@pytest.mark.parametrize(
    "rows", [SPACED, COMPACT, [row + "\r" for row in COMPACT], SPACED[:20] + COMPACT[20:], SPACED[:9]]
)
@pytest.mark.parametrize("value", ["3", "x" * 8, "x" * (3 * 401 - 12), "x" * (5 * 401 - 12)])
def test_the_short_way_sees_it_whatever_its_length(tmp_path, rows, value):
    """Of rows of one exchange only lengths are compared."""
    twice = rows[0].replace("}", f',"output":"{value}"}}')
    summary, written = rewritten(tmp_path, [*rows, twice], to="sharegpt")
    assert (summary.written, summary.rejected, list(summary.codes)) == (len(rows), 1, ["E008"])
    assert len(written) == len(rows)


@pytest.mark.parametrize("rows", [SPACED, COMPACT])
def test_rows_as_programs_write_them_need_no_closer_look(rows):
    from schemas.lane import lane

    way = lane(FORMATS["alpaca"].shapes[0], FORMATS["sft"], False)
    text = "\n".join(rows).encode()
    assert None not in way.block(text, len(rows))
    assert way.block(text.replace(b'"Say 7."', b'"Say 7.","output":"x"'), len(rows)) is None


def test_equal_values_are_mended_and_recorded(tmp_path):
    same = '{"instruction": "Say a.", "output": "a", "output": "\\u0061", "topic": {"k": 1, "k": 1}}'
    other = '{"instruction": "Say a.", "output": "a", "output": "b"}'
    number = '{"instruction": "Say a.", "output": "a", "n": 1, "n": 1.0}'
    summary, written = rewritten(tmp_path, [same, other, number], to="sft", on_invalid="repair")
    assert (summary.written, summary.rejected, summary.repaired) == (1, 2, 1)
    assert summary.repairs["E008"].rows == 1 and "output" in summary.examples["E008 repaired"][0].message
    assert json.loads(written[0])["topic"] == {"k": 1}


def test_names_that_are_mapped_do_not_hide_it():
    row = b'{"question": "a", "answer": "b", "answer": "c"}'
    adapter = Adapter({"question": "instruction", "answer": "output"}, {})
    found = RowDecoder([FORMATS["alpaca"]], adapter).one(row)
    assert (found.code, found.path) == ("E008", "$.answer")
    mended = RowDecoder([FORMATS["alpaca"]], adapter, repair=True).one(row.replace(b'"c"', b'"b"'))
    assert isinstance(mended, Read) and [repair.code for repair in mended.repairs] == ["E008"]


@given(st.one_of(*ROWS.values()), st.booleans(), st.booleans())
@settings(max_examples=150)
def test_rows_without_are_let_through(row, ascii_only, compact):
    text = json.dumps(row, ensure_ascii=ascii_only, separators=(",", ":") if compact else None).encode()
    assert list(twins(text)) == [] and first_twin(text) is None


def nested(value: object) -> list[dict]:
    """The objects of a JSON value."""
    found = [value] if isinstance(value, dict) else []
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found += nested(part)
    return found


@given(st.one_of(*ROWS.values()), st.data())
@settings(max_examples=150)
def test_one_more_of_any_key_is_found(row, data):
    holders = [fields for fields in nested(row) if fields]
    fields = data.draw(st.sampled_from(holders))
    name = data.draw(st.sampled_from(sorted(fields)))
    mark = "\ue000again"
    fields[mark] = data.draw(JSON)
    text = json.dumps(row, ensure_ascii=False).replace(json.dumps(mark, ensure_ascii=False), json.dumps(name), 1)
    twin = first_twin(text.encode())
    assert twin is not None and twin.path.endswith(f".{name}")


@given(TEXT, st.integers(0, 3))
@settings(max_examples=60)
def test_strings_that_look_like_keys_are_none(text, more):
    row = json.dumps({"instruction": f'{text}": {text}" :', "output": '{"a":1,"a":2}' * (more + 1)}).encode()
    assert isinstance(RowDecoder([FORMATS["alpaca"]]).block([row])[0], Read)


MANY = '{"a":1,' + '"a":1,' * 20_000 + '"b":2}'
DEEP = '{"x":' + '{"a":1,"a":' * 900 + "1" + "}" * 901


@pytest.mark.parametrize(("row", "mended"), [(MANY, b'{"a":1,"b":2}'), (DEEP, None)], ids=["many", "deep"])
def test_many_of_them_take_no_time(row, mended):
    began = time.process_time()
    assert first_twin(row.encode()) is not None
    found = without_copies(row.encode())
    assert time.process_time() - began < 2
    assert (found and found[0]) == mended
