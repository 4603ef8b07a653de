"""Laws of the formats, for every pair of them, on generated rows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.table.reading import detect_file
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.registry import FORMATS, IN_TABLE, lookup
from tests.rows import ROWS

NAMES = sorted(FORMATS)
TARGETS = NAMES + [f"{f.name}/{v.name}" for f in FORMATS.values() for v in f.variants]
# Of the formats without a column in the table, the pairs with one of turns and one of a single exchange.
PAIRS = [(a, b) for a in IN_TABLE for b in TARGETS if b.partition("/")[0] in IN_TABLE]
PAIRS += [
    pair for name in NAMES if name not in IN_TABLE for to in ("sft", "alpaca") for pair in ((name, to), (to, name))
]
PAIRS += [(a, b) for a in NAMES for b in TARGETS if FORMATS[a].holds and lookup(b).holds and a != b]
FAST, MANY = 40, 10_000


def dumped(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def converted(folder: Path, rows: list, name: str, to: str, **options) -> tuple[list, list]:
    """(rows converted from format `name` to `to`, numbers of those rejected)."""
    source, out = folder / "there.jsonl", folder / "there.out.jsonl"
    source.write_bytes(b"\n".join(map(dumped, rows)))
    summary = convert([str(source)], str(out), ConvertOptions(to=to, name=name, **options))
    rejects = Path(rejects_path(str(out)))
    rejected = [json.loads(line)["row"] for line in rejects.read_bytes().split(b"\n")[:-1]] if rejects.exists() else []
    output = [json.loads(line) for line in out.read_bytes().split(b"\n")[:-1]]
    assert summary.read == len(rows)
    assert len(output) == summary.written
    assert len(rejected) == summary.rejected
    assert summary.written + summary.rejected == summary.read + summary.more
    return output, rejected


def strict(value: object) -> str:
    """JSON text that tells 1 from 1.0 and true, whatever the order of fields."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def restored(folder: Path, name: str, chain: list[str], rows: list) -> None:
    """What --lossless carries through a chain of formats is, back in the first, the same JSON value."""
    kept_rows, at = list(rows), list(rows)
    before = name
    for to in chain:
        at, rejected = converted(folder, at, before, to, lossless=True)
        kept_rows = [row for i, row in enumerate(kept_rows, 1) if i not in rejected]
        before = to.partition("/")[0]
    back, rejected = converted(folder, at, before, name)
    assert not rejected
    assert [strict(row) for row in back] == [strict(row) for row in kept_rows]


@given(st.data())
@settings(deadline=None, max_examples=FAST)
def test_lossless_there_and_back(tmp_path_factory, data):
    _lossless(tmp_path_factory, data, data.draw(st.sampled_from(NAMES)))


# A format at a time, so that several workers share the examples.
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(deadline=None, max_examples=-(-MANY // len(NAMES)))
def test_lossless_there_and_back_many(tmp_path_factory, name, data):
    _lossless(tmp_path_factory, data, name)


FOLDER: list[Path] = []
CHAINS = st.lists(st.sampled_from(TARGETS), min_size=1, max_size=3)
SOME_ROWS = {name: st.lists(ROWS[name], min_size=1, max_size=3) for name in NAMES}


def _lossless(factory, data, name) -> None:
    if not FOLDER:
        FOLDER.append(factory.mktemp("rows"))
    restored(FOLDER[0], name, data.draw(CHAINS), data.draw(SOME_ROWS[name]))


@pytest.mark.parametrize(("name", "to"), PAIRS)
def test_every_pair_accounts_for_every_row(tmp_path_factory, name, to):
    @given(st.lists(ROWS[name], min_size=1, max_size=4), st.sampled_from(["keep", "drop", "error"]))
    @settings(deadline=None, max_examples=5)
    def check(rows, on_loss):
        converted(tmp_path_factory.mktemp("pair"), rows, name, to, on_loss=on_loss)

    check()


@pytest.mark.parametrize("name", NAMES)
def test_generated_rows_are_valid(name):
    """The laws would say little if most rows were rejected."""
    outcomes: Counter[bool] = Counter()

    @given(ROWS[name])
    @settings(deadline=None, max_examples=100, database=None)
    def check(row):
        outcomes[isinstance(RowDecoder([FORMATS[name]]).one(dumped(row)), Read)] += 1

    check()
    assert outcomes[True] > 0.6 * outcomes.total()


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_its_own_format_changes_no_value(tmp_path_factory, data):
    name = data.draw(st.sampled_from(NAMES))
    rows = data.draw(st.lists(ROWS[name], min_size=1, max_size=4))
    written, rejected = converted(tmp_path_factory.mktemp("own"), rows, name, name)
    assert [strict(r) for r in written] == [strict(r) for i, r in enumerate(rows, 1) if i not in rejected]


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_what_a_row_is_read_as_does_not_depend_on_those_before_it(data):
    name = data.draw(st.sampled_from([*NAMES, "mixed"]))
    pool = st.one_of(*ROWS.values()) if name == "mixed" else ROWS[name]
    rows = [dumped(row) for row in data.draw(st.lists(pool, min_size=1, max_size=6))]
    formats = list(FORMATS.values()) if name == "mixed" else [FORMATS[name]]

    def read(decoder: RowDecoder, row: bytes) -> object:
        result = decoder.one(row)
        return (result.conversation, result.format.name, result.shape.name) if isinstance(result, Read) else result

    together = RowDecoder(formats)
    alone = [read(RowDecoder(formats), row) for row in rows]
    assert [read(together, row) for row in rows] == alone
    blocks = [RowDecoder(formats).block(rows), together.block(rows)]
    for results in blocks:
        got = [(r.conversation, r.format.name, r.shape.name) if isinstance(r, Read) else r for r in results]
        assert got == alone


PLAIN = st.text(st.characters(codec="utf-8"), max_size=12)


@given(
    st.lists(
        st.fixed_dictionaries({"instruction": PLAIN, "output": PLAIN}, optional={"input": st.one_of(st.none(), PLAIN)}),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([to for to in TARGETS if not lookup(to).holds]),
    st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_the_short_way_writes_what_the_long_way_writes(tmp_path_factory, rows, to, ascii_only):
    folder = tmp_path_factory.mktemp("lane")
    source, out = folder / "in.jsonl", folder / "out.jsonl"
    lines = [json.dumps(row, ensure_ascii=ascii_only).encode() for row in rows]
    source.write_bytes(b"\n".join(lines))
    convert([str(source)], str(out), ConvertOptions(to=to, name="alpaca"))
    encoder = RowEncoder(lookup(to), bare=to == "chatml")
    if to in ("alpaca",):
        expected = [line for line in lines if isinstance(RowDecoder([FORMATS["alpaca"]]).one(line), Read)]
    else:
        read = [RowDecoder([FORMATS["alpaca"]]).one(line) for line in lines]
        records = [r.conversation for r in read if isinstance(r, Read)]
        expected = []
        for record in records:
            try:
                expected.append(encoder.encode(record).data)
            except Exception as error:
                assert "holds a mark" in str(error)
    assert out.read_bytes().split(b"\n")[:-1] == expected


@pytest.mark.slow
@pytest.mark.parametrize("to", TARGETS)
def test_real_files_there_and_back(tmp_path, real_data, to):
    for path in sorted(real_data.glob("*.json*")):
        if path.suffix == ".gz":
            continue
        text = path.read_text("utf-8")
        rows = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
        out, back = tmp_path / "out.jsonl", tmp_path / "back.jsonl"
        summary = convert([str(path)], str(out), ConvertOptions(to=to, lossless=True))
        assert summary.read == len(rows) == summary.written + summary.rejected
        if not summary.written:
            continue
        rejects = Path(rejects_path(str(out)))
        lines = rejects.read_text("utf-8").splitlines() if rejects.exists() else []
        rejected = {json.loads(line)["row"] for line in lines}
        to_back = detect_file(str(path)).format
        convert([str(out)], str(back), ConvertOptions(to=to_back, name=to.partition("/")[0]))
        restored = [json.loads(line) for line in back.read_text("utf-8").splitlines()]
        assert [strict(r) for r in restored] == [strict(r) for i, r in enumerate(rows, 1) if i not in rejected]


def test_an_edited_row_is_written_as_it_is_now(tmp_path):
    (row,), _ = converted(tmp_path, [{"instruction": "a", "input": "b", "output": "c"}], "alpaca", "sft", lossless=True)
    row["messages"][1]["content"] = "d"
    source, out = tmp_path / "edited.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(dumped(row))
    summary = convert([str(source)], str(out), ConvertOptions(to="alpaca"))
    assert summary.edited == 1
    assert json.loads(out.read_bytes()) == {"instruction": "a\nb", "input": "", "output": "d"}


def test_a_restorable_row_can_be_selected_and_restored(tmp_path):
    from curate.table import subset, table

    rows = [{"instruction": "a", "input": "b", "output": "c", "n": 1}]
    at, _ = converted(tmp_path, rows, "alpaca", "sharegpt", lossless=True)
    source = tmp_path / "pool.jsonl"
    source.write_bytes(dumped(at[0]))
    pool = table.read([source])
    for to in ("sft", "alpaca"):
        subset.write(pool, [0], str(tmp_path / f"{to}.jsonl"), FORMATS[to])
    assert json.loads((tmp_path / "alpaca.jsonl").read_bytes()) == rows[0]
    convert([str(tmp_path / "sft.jsonl")], str(tmp_path / "back.jsonl"), ConvertOptions(to="alpaca"))
    assert json.loads((tmp_path / "back.jsonl").read_bytes()) == rows[0]
