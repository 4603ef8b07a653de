"""The law that nothing is lost unsaid: of any row of any format, at any depth, through every format and container.

A value that is put anywhere into a row is, once the row has been converted and the file read back, in the row, or in
what `curate_origin` restores, or in a field that the summary names as lost; and with `--on-loss error` such a row is
refused.  With `--lossless` the row that comes back is the same JSON value, number by number.

`CURATE_LAW_EXAMPLES=20000 pytest tests/test_nothing_lost.py` tries so many rows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.convert.accounts import ConvertSummary, RowRanges
from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.errors import CurateError
from curate.io import blocks
from curate.io.table_losses import NO_TURN_VALUE, NO_VALUE
from curate.table.reading import detect_file
from schemas import thoughts, weights
from schemas.decode import Read, RowDecoder
from schemas.registry import FORMATS
from schemas.row import Shape
from tests.rows import JSON, ROWS

NAMES = sorted(FORMATS)
TARGETS = NAMES + [f"{f.name}/{v.name}" for f in FORMATS.values() for v in f.variants]
CONTAINERS = ["jsonl", "json", "csv", "tsv", "parquet", "arrow", "jsonl.gz"]
EXAMPLES = int(os.environ.get("CURATE_LAW_EXAMPLES", "150"))
TYPED = {"parquet", "arrow"}
MARK = "mark\ue0007"
NEW = "unheard_of"
# What other tools call fields that the formats have under another name.
ALIASES = {
    "row": ["output", "response", "input", "context", "text", "history", "instances", "label", "id", "source"],
    "turn": ["text", "value", "content", "weight", "loss_weight", "loss", "train", "trainable", "name", "reasoning"],
    "inner": ["parameters", "arguments", "thought", "type", "index", "id", "text", "name", "value"],
}
# Spelt otherwise or not held at all by other kinds of file.
NUMBERS = ["1.0", "1e5", "-0", "12345678901234567890123", "0.1000000000000000000001", "1E400", "18446744073709551615"]
Path_ = tuple[str | int, ...]

# Of strings only these are read as JSON.
JSON_NAMES = frozenset({"tools", "functions", "arguments", "call"})


class JSONText(list):
    """The value of a string that holds JSON, as its only item."""


def opened(value: object, name: str = "") -> object:
    """A JSON value in which strings of one of JSON_NAMES that hold an object or a list are JSONText."""
    if isinstance(value, dict):
        call = value.get("from") == "function_call" or value.get("type") == "tool_call"
        return {key: opened(part, "call" if call and key == "value" else key) for key, part in value.items()}
    if isinstance(value, list):
        return [opened(part) for part in value]
    if name in JSON_NAMES and isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return JSONText([opened(json.loads(value))])
        except ValueError:
            return value
    return value


def closed(value: object) -> object:
    """The opposite of `opened`."""
    if isinstance(value, JSONText):
        return json.dumps(closed(value[0]), ensure_ascii=False)
    if isinstance(value, dict):
        return {name: closed(part) for name, part in value.items()}
    return [closed(part) for part in value] if isinstance(value, list) else value


def objects(value: object, at: Path_ = ()) -> Iterator[tuple[Path_, dict]]:
    """The objects of a JSON value with the way to each, on which a call as text is `function_call`."""
    if isinstance(value, dict):
        yield at, value
        for name, part in value.items():
            is_call = value.get("from") == "function_call" and name == "value"
            yield from objects(part, (*at, "function_call" if is_call else name))
    for i, part in enumerate(value) if isinstance(value, list) else ():
        yield from objects(part, (*at, i))


def says_nothing(shape: Shape, at: Path_, name: str, value: object) -> bool:
    """Whether a field that the format names is empty, which is the same as none."""
    if at:
        return value is None and name in NO_TURN_VALUE
    return value in (None, "", []) and name in NO_VALUE & {f.encode_name for f in msgspec.structs.fields(shape.row)}


def strict(value: object) -> str:
    """JSON text that tells 1 from 1.0 and true, whatever the order of fields."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def converted(folder: Path, rows: list[str], to: str, kind: str, **options) -> tuple[Path, ConvertSummary]:
    source, out = folder / "in.jsonl", folder / f"out.{kind}"
    source.write_text("\n".join(rows), encoding="utf-8")
    return out, convert([str(source)], str(out), ConvertOptions(to=to, **options))


def read_back(path: Path) -> list[dict | list]:
    return [json.loads(row) for block in blocks(str(path)) for row in block.rows]


def holds(row: object, value: object, name: str) -> bool:
    """Whether a value is somewhere in a row under a field of this name, in it or in a text of JSON."""
    if isinstance(row, str) and row.lstrip()[:1] in ("{", "["):
        try:
            return holds(json.loads(row), value, name)
        except ValueError:
            return False
    if isinstance(row, dict):
        return any(key == name and (same(part, value) or _lists(part, value)) for key, part in row.items()) or any(
            holds(part, value, name) for part in row.values()
        )
    return isinstance(row, list) and any(holds(part, value, name) for part in row)


def _lists(part: object, value: object) -> bool:
    """Whether a value is one of a list, as turns by column have a field of each turn."""
    return isinstance(part, list) and any(same(one, value) for one in part)


def same(one: object, other: object) -> bool:
    """Whether two JSON values are the same; 1 is 1.0 but not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def says(row: object, name: str, value: object, own: frozenset[str]) -> bool:
    """Whether a field that the format names, and so reads, is in a row: its value under any of its names, or its text.

    Args:
        row: as it is read back.
        name: of the field.
        value: of the field.
        own: names that the format has for what it reads.
    """
    if name in weights.ALIASES and isinstance(value, bool | int | float):
        return any(holds(row, kind(value), other) for other in weights.ALIASES for kind in (float, bool))
    return name in own | set(thoughts.FIELDS) and isinstance(value, str) and value in "\n".join(texts(row))


def texts(value: object) -> Iterator[str]:
    """The strings in a JSON value."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(part)


def named(lost: list[str], at: Path_, name: str) -> bool:
    """Whether the names of what was lost say that the field, or something around it, was lost."""
    steps = {step for step in (*at, name) if isinstance(step, str)} - {"messages", "conversations"}
    if "content" in steps:
        steps.add("parts")
    if steps & set(weights.ALIASES):
        steps.add("weight")
    paths = [f".{field.partition(' (')[0].replace('[]', '')}." for field in lost]
    return any(f".{step}." in path for step in steps for path in paths)


VALUES = st.one_of(
    JSON,
    st.sampled_from([MARK, None, True, False, 0, 1, 1.5, "", [], {}, [None], {"k": None}, [[]], [1, "a"], {"k": {}}]),
)


def planted(data: st.DataObject, row: object) -> tuple[object, Path_, str, object]:
    """(the row with one field more, the way to the object that has it, its name, its value)."""
    row = opened(row)
    at, fields = data.draw(st.sampled_from([*objects(row)]), label="object")
    kind = "row" if not at else "turn" if len(at) == 2 and isinstance(at[1], int) else "inner"
    name = data.draw(st.sampled_from([NEW, *(n for n in ALIASES[kind] if n not in fields)]), label="name")
    fields[name] = value = data.draw(VALUES, label="value")
    return closed(row), at, name, value


def is_kept_or_named(text: str, at: Path_, name: str, value: object, read: Read, back: object, lost: list[str]) -> bool:
    own = frozenset(f.encode_name for f in msgspec.structs.fields(read.shape.row)) if not at else frozenset()
    return holds(back, value, name) or says(back, name, value, own) or named(lost, at, name)


def read_row(format_name: str, text: str) -> Read | None:
    read = RowDecoder([FORMATS[format_name]]).one(text.encode())
    return read if isinstance(read, Read) else None


@given(st.data())
@settings(max_examples=EXAMPLES)
def test_a_field_put_anywhere_is_kept_or_named(tmp_path_factory, data):
    format_name = data.draw(st.sampled_from(NAMES))
    row, at, name, value = planted(data, data.draw(ROWS[format_name]))
    text = json.dumps(row, ensure_ascii=False)
    read = read_row(format_name, text)
    if read is None or says_nothing(read.shape, at, name, value):
        return
    to, kind = data.draw(st.sampled_from(TARGETS)), data.draw(st.sampled_from(CONTAINERS))
    folder = tmp_path_factory.getbasetemp()
    try:
        out, summary = converted(folder, [text], to, kind, name=format_name)
    except CurateError as error:
        assert "column" in str(error) and kind in TYPED  # nothing was written
        return
    if not summary.written:
        return
    rows = read_back(out)
    assert len(rows) == summary.written == 1 + summary.more
    lost = list(summary.lost)
    for back in rows:  # a pair may become two labelled rows, each of which has it
        assert is_kept_or_named(text, at, name, value, read, back, lost), (text, back, lost)
    if not all(is_kept_or_named(text, at, name, value, read, back, []) for back in rows):
        _, refused = converted(folder, [text], to, kind, name=format_name, on_loss="error")
        assert refused.rejected == 1 and "E304" in refused.codes, (text, lost)


def numbers_as_written(text: str | bytes) -> str:
    """JSON text in which numbers are strings, and fields in order of their names."""
    return strict(json.loads(text, parse_int="int {}".format, parse_float="float {}".format))


def restored(folder: Path, texts: list[str], name: str, to: str, kind: str) -> None:
    """What --lossless carries through a file of this kind is, back in its own format, the same JSON value."""
    out, summary = converted(folder, texts, to, kind, name=name, lossless=True)
    if not summary.written:
        return
    rejected = rejected_rows(out)
    back = folder / "back.jsonl"
    again = convert([str(out)], str(back), ConvertOptions(to=name, name=to.partition("/")[0]))
    assert again.rejected == again.edited == 0
    rows = back.read_bytes().split(b"\n")[:-1]
    wanted = [text for i, text in enumerate(texts, 1) if i not in rejected]
    assert list(map(numbers_as_written, rows)) == list(map(numbers_as_written, wanted))


@given(st.data())
@settings(max_examples=EXAMPLES)
def test_lossless_gives_back_any_value_through_any_file(tmp_path_factory, data):
    name = data.draw(st.sampled_from(NAMES))
    texts = []
    for row in data.draw(st.lists(ROWS[name], min_size=1, max_size=2)):
        text = json.dumps(planted(data, row)[0], ensure_ascii=False)
        texts.append(text.replace(json.dumps(MARK, ensure_ascii=False), data.draw(st.sampled_from(NUMBERS))))
    to, kind = data.draw(st.sampled_from(TARGETS)), data.draw(st.sampled_from(CONTAINERS))
    restored(tmp_path_factory.getbasetemp(), texts, name, to, kind)


def rejected_rows(out: Path) -> set[int]:
    rejects = Path(rejects_path(str(out)))
    return {json.loads(line)["row"] for line in rejects.read_bytes().splitlines()} if rejects.exists() else set()


def real_rows(path: Path) -> list[object]:
    text = path.read_bytes()
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("to", TARGETS)
@pytest.mark.parametrize("value", [MARK, None], ids=["text", "null"])
def test_a_field_put_anywhere_into_real_rows_is_kept_or_named(tmp_path, real_data, to, value):
    """Into every row at one of its places, another one from row to row."""
    for path in sorted(real_data.glob("*.json*")):
        if path.suffix == ".gz":
            continue
        format_name = detect_file(str(path)).format
        texts, places, reads = [], [], []
        for number, row in enumerate(map(opened, real_rows(path))):
            ways = [*objects(row)]
            at, fields = ways[number % len(ways)]
            fields[NEW] = value
            text = json.dumps(closed(row), ensure_ascii=False)
            read = read_row(format_name, text)
            if read is not None:
                texts.append(text)
                places.append(at)
                reads.append(read)
        for kind in ("jsonl", "csv", "parquet"):
            try:
                out, summary = converted(tmp_path, texts, to, kind, name=format_name)
            except CurateError as error:  # nothing is written where a column holds text and a list, say
                assert kind == "parquet" and "a table has one type a column" in str(error)
                continue
            rejected = rejected_rows(out)
            kept = [i for i in range(len(texts)) if i + 1 not in rejected]
            lost = {i: [name for name, rows in summary.lost.items() if has(rows, i + 1)] for i in kept}
            for i, back in zip(kept, read_back(out) if kept else (), strict=True):
                found = is_kept_or_named(texts[i], places[i], NEW, value, reads[i], back, lost[i])
                assert found, (texts[i], back, lost[i])


def has(rows: RowRanges, number: int) -> bool:
    return any(first <= number <= last for ranges in rows.ranges.values() for first, last in ranges)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_lossless_gives_back_real_rows_through_any_file(tmp_path, real_data, kind):
    for path in sorted(real_data.glob("*.json*")):
        if path.suffix != ".gz":
            texts = [json.dumps(row, ensure_ascii=False) for row in real_rows(path)]
            for to in NAMES:
                restored(tmp_path, texts, detect_file(str(path)).format, to, kind)
