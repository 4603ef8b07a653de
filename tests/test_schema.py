"""The printed JSON Schemas are right: valid rows are valid by them, rows with wrong or missing fields are not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import json_schema
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.problems import CODES, Invalid
from schemas.registry import FORMATS, lookup
from tests.rows import JSON, ROWS

LABELS = [*FORMATS, *(f"{f.name}/{v.name}" for f in FORMATS.values() for v in f.variants)]
VALIDATORS = {label: Draft202012Validator(json_schema.of_format(lookup(label))) for label in LABELS}
# What a schema can say; the order of turns and blank text it cannot.
TYPES = ["E003", "E004", "E101", "E102", "E103", "E105", "E108", "E201"]


@pytest.mark.parametrize("label", LABELS)
def test_schema_is_one(label):
    Draft202012Validator.check_schema(json_schema.of_format(lookup(label)))


@pytest.mark.parametrize("name", FORMATS)
def test_example_is_valid(name):
    (example,) = json_schema.of_format(FORMATS[name])["examples"]
    assert example == json.loads(FORMATS[name].example)
    VALIDATORS[name].validate(example)


@pytest.mark.parametrize("name", FORMATS)
def test_rows_that_are_read_are_valid(name):
    @given(ROWS[name])
    @settings(deadline=None, max_examples=60)
    def check(row):
        if isinstance(RowDecoder([FORMATS[name]]).one(json.dumps(row).encode()), Read):
            VALIDATORS[name].validate(row)

    check()


@pytest.mark.parametrize("label", LABELS)
def test_rows_that_are_written_are_valid(label):
    @given(st.one_of(*ROWS.values()))
    @settings(deadline=None, max_examples=40)
    def check(row):
        found = RowDecoder(list(FORMATS.values())).one(json.dumps(row).encode())
        try:
            written = RowEncoder(lookup(label)).encode(found.conversation).data if isinstance(found, Read) else None
        except Invalid:
            return
        if written is not None:
            VALIDATORS[label].validate(json.loads(written))

    check()


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_what_the_schema_takes_of_changed_rows_has_no_wrong_type(data):
    """One field of a valid row is changed or removed; the decoder and the schema agree on types and missing fields."""
    name = data.draw(st.sampled_from(sorted(FORMATS)))
    row = data.draw(ROWS[name])
    places = list(_places(row))
    where, key = data.draw(st.sampled_from(places))
    if data.draw(st.booleans()) and isinstance(where, dict):
        del where[key]
    else:
        where[key] = data.draw(JSON)
    found = RowDecoder([FORMATS[name]]).one(json.dumps(row).encode())
    valid = VALIDATORS[name].is_valid(row)
    if isinstance(found, Read):
        assert valid, row
    # A row may fit one shape by its types and be told as another by its names, so these rows have only one shape.
    elif name in ("alpaca", "dolly", "sharegpt", "sft", "instruction-json") and found.code in TYPES:
        assert not valid, (row, found)


def _places(value):
    """Every (container, key) within a JSON value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


@pytest.mark.parametrize("code", TYPES)
def test_bad_row_of_a_type_code_is_not_valid_and_the_good_one_is(code):
    about = CODES[code]
    assert not VALIDATORS[about.format].is_valid(json.loads(about.bad))
    VALIDATORS[about.format].validate(json.loads(about.good))


def test_schema_on_the_command_line(curate):
    done = curate("schema", "self-instruct/seed")
    assert done.returncode == 0
    assert json.loads(done.stdout) == json_schema.of_format(lookup("self-instruct/seed"))
    assert json.loads(curate("schema", "ChatML").stdout)["anyOf"][0]["type"] == "array"
    wrong = curate("schema", "sharegt")
    assert wrong.returncode == 2 and "did you mean 'sharegpt'?" in wrong.stderr


def test_lines_of_rejects_are_problems(curate, tmp_path):
    validator = Draft202012Validator(json.loads(curate("schema", "problem").stdout))
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"\n".join(about.row for about in CODES.values() if about.format == "alpaca"))
    curate("convert", source, out, "--to", "sft", "--from", "alpaca")
    curate("validate", source, "--format", "alpaca", "--json", tmp_path / "problems.jsonl")
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    problems = [json.loads(line) for line in (tmp_path / "problems.jsonl").read_bytes().splitlines()]
    assert len(problems) > 5
    # A bad answer is a valid row, which no conversion makes a good one.
    assert [line["code"] for line in rejects if line["code"] != "E305"] == [line["code"] for line in problems]
    for line in rejects + problems:
        validator.validate(line)
    assert not validator.is_valid({**problems[0], "code": "E999"})
