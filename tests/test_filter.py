"""Rows that fulfil conditions: `curate filter`, and the step `where` of a recipe."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import exact
from curate.errors import CurateError
from curate.filter.condition import connect, parse
from curate.filter.where import where
from curate.table import ledger, table
from curate.table.counting import rows_that_count
from tests.builders.tables import pool as pool_of

ROWS = [
    {"instruction": "Name a planet.", "response": "Mars is a planet.", "stars": 5, "类别": "天文"},
    {"instruction": "讲个笑话", "response": "很抱歉，我无法提供帮助。", "stars": 2, "类别": "闲聊"},
    {"instruction": "Say hi.", "response": "I'm sorry, but I can't assist with that.", "meta": {"by": "a"}},
    {"instruction": "Say hi.", "response": "Hello there!", "stars": 4, "meta": {"by": "b"}},
    {"instruction": "把 hello 翻译成中文", "response": "你好。", "category": "翻译", "stars": 3},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def pool(tmp_path):
    return write(tmp_path / "pool.jsonl", [*ROWS, {"instruction": "", "response": ""}])


def rows_kept(path, *conditions):
    return (rows_that_count(where(table.read([path]), conditions).table, "unique") + 1).tolist()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("stars >= 3", [1, 4, 5]),
        ("stars is null", [3]),
        ("not (stars >= 3)", [2]),
        ("coalesce(stars, 5) = 5", [1, 3]),
        ("Stars > 3 and STARS < 5", [4]),
        ("not refusal", [1, 4, 5]),
        ("refusal = 1", [2, 3]),
        ("not faulty", [1, 4, 5]),
        ("'refusal' in faults", [2, 3]),
        ("list_contains(faults, 'refusal') or category = '翻译'", [2, 3, 5]),
        ("len(list_filter(faults, lambda fault: fault = 'refusal')) = 1", [2, 3]),
        ("类别 = '天文'", [1]),
        ("meta.by = 'b'", [4]),
        ("prompt like '%翻译%'", [5]),
        ("script = 'Han'", [2, 5]),
        ("length between 3 and 12", [2, 4, 5]),
        ("row % 2 = 1 -- every other", [1, 3, 5]),
        ("turns > 2", []),
        ("stars + turns - 1 >= 5 and -stars < 0", [1, 4]),
        ("year(date '2024-02-29') = 2024 and stars * 2 > 8", [1]),
    ],
)
def test_names_and_values(pool, condition, expected):
    assert rows_kept(pool, condition) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("lenght > 5", "unknown column 'lenght'; did you mean 'length'? columns are file, row"),
        ('category = "qqqq"', "unknown column 'qqqq'; if it is a text, write 'qqqq' with single quotes"),
        ("stars >", "condition 'stars >': syntax error"),
        ("", "condition ''"),
        ("true; drop table rows", "must be one expression"),
        ("true limit 1", "must be one expression"),
        ("true group by stars", "must be one expression"),
        ("true union select 1", "must be one expression"),
        ("true) or (true", "syntax error"),
        ("stars > (select avg(stars) from rows)", "a query in a condition is not allowed"),
        ("exists (from read_text('/etc/hostname'))", "a query in a condition is not allowed"),
        ("columns(*) is null", "`*` is not allowed"),
        ("row_number() over () > 1", "a window is not allowed"),
        ("avg(stars) > 3", "must be told of each row by itself"),
        ("random() < 0.5", "random() has another value each time"),
        ("now() > '2020-01-01'", "now() has another value each time"),
        ("stars / 2", "is a number, not true or false"),
        ("turns", "condition 'turns': is a number (2 in a row), not true or false; write it as: quality >= 0.4"),
        ("stars - 1", "not true or false"),
        ("prompt || 'x'", "is a text, not true or false"),
        ("current_timestamp > '2020-01-01'", "current_timestamp"),
        ("nowhere(stars)", "a function nowhere does not exist"),
        ("ifd > 0.5", "curate score IN scored.parquet --with ifd"),
    ],
)
def test_what_is_no_condition(pool, condition, message):
    with pytest.raises(CurateError) as raised:
        rows_kept(pool, condition)
    assert message in str(raised.value) and raised.value.code == 2 and "\n" not in str(raised.value)


def test_values_that_a_condition_cannot_be_told_of(pool):
    with pytest.raises(CurateError, match="is a text and not a number") as raised:
        rows_kept(pool, "cast(prompt as integer) > 1")
    assert raised.value.code == 1
    # Rows that an earlier condition has left out are not looked at.
    assert rows_kept(pool, "prompt = '12'", "cast(prompt as integer) > 1") == []


@pytest.mark.parametrize(
    "condition", ["1/0 > 1", "stars / (turns - 2) > 1", "0/0 > 1", "stars // 0 < 9", "stars % 0 < 9"]
)
def test_what_is_divided_by_zero_is_null(pool, condition):
    result = where(table.read([pool]), [condition])
    assert rows_that_count(result.table, "unique").tolist() == [] and result.counts == [(condition, 5, 5)]
    assert result.notes == [f"{condition}: 5 rows left out, 5 of them since it is null"]


def test_a_flag_is_zero_or_one(tmp_path):
    rows = [{"instruction": "a", "response": f"b{i}", "x": x} for i, x in enumerate([1, 0, None, 1])]
    assert rows_kept(write(tmp_path / "rows.jsonl", rows), "(x)") == [1, 4]


def test_what_is_not_a_number_is_not_measured(pool):
    scores = pa.array([float("nan"), 0.9, None, 0.1, 0.5, 0.5], pa.float64())
    result = where(table.read([pool]).append_column("worth", scores), ["worth > 0.2"])
    assert (rows_that_count(result.table, "unique") + 1).tolist() == [2, 5]
    assert result.counts == [("worth > 0.2", 3, 2)]


FLAGS = st.lists(st.sampled_from([0, 1, None]), min_size=1, max_size=8)


@settings(deadline=None, max_examples=40)
@given(values=FLAGS, kind=st.sampled_from([pa.int8(), pa.bool_(), pa.int64()]), negated=st.booleans())
def test_a_flag_is_read_without_a_database_as_it_is_by_one(values, kind, negated):
    flags = pa.array(values).cast(pa.int8()).cast(kind) if any(v is not None for v in values) else pa.nulls(1, kind)
    rows = pool_of([(f"q{i}", "a", None) for i in range(len(flags))]).append_column("flag", flags)
    name = "not flag" if negated else "flag"
    plain, by_sql = where(rows, [name]), where(rows, [f"({name})"])
    assert rows_that_count(plain.table, "unique").tolist() == rows_that_count(by_sql.table, "unique").tolist()
    assert [count[1:] for count in plain.counts] == [count[1:] for count in by_sql.counts]


def test_no_file_is_read(pool):
    with connect() as connection, pytest.raises(Exception, match="disabled by configuration"):
        connection.execute(f"SELECT * FROM read_text('{pool}')")


def test_the_columns_of_a_condition():
    with connect() as connection:
        [one, two] = parse(["a.b > 1 and \"c d\" = 'e'", "list_filter(f, lambda x: x = y) = [] or F = []"], connection)
    assert one.columns == ["a", "c d"]
    assert two.columns == ["f", "y", "F"]


def test_fields_of_mixed_kinds_are_text(tmp_path):
    rows = [{"instruction": "a", "response": f"b{i}", "x": x} for i, x in enumerate([1, "one", [2], None])]
    assert rows_kept(write(tmp_path / "rows.jsonl", rows), "x in ('1', 'one', '[2]')") == [1, 2, 3]


def test_fields_that_differ_in_case_only(tmp_path):
    path = write(tmp_path / "rows.jsonl", [{"instruction": "a", "response": "b", "x": 1, "X": 2}])
    assert rows_kept(path, "x = 1") == rows_kept(path, "X = 2") == [1]
    assert rows_kept(path, "x = 1 and x < 2") == [1]


NUMBERS = st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=12)
CONDITIONS = st.sampled_from(["n > 1", "n <> 3", "not n = 2", "n is null or n < 4", "n % 2 = 0", "true", "m = '甲'"])


@settings(deadline=None, max_examples=60)
@given(numbers=NUMBERS, first=CONDITIONS, second=CONDITIONS)
def test_both_at_once_are_one_after_the_other(tmp_path_factory, numbers, first, second):
    rows = [
        {"instruction": f"q{i // 2}", "response": f"a{i // 4}", "n": n, "m": "甲乙"[i % 2]}
        for i, n in enumerate(numbers)
    ]
    data = exact.mark(table.read([write(tmp_path_factory.mktemp("laws") / "rows.jsonl", rows)]))
    start = rows_that_count(data, "unique")
    names = {"n", "m"} if any(n is not None for n in numbers) else set()
    if not names and ("n" in first or "n" in second):
        return
    both = where(data, [f"({first}) and ({second})"]).table
    after = where(where(data, [first]).table, [second])
    listed = where(data, [first, second])
    expected = rows_that_count(both, "unique").tolist()
    assert rows_that_count(after.table, "unique").tolist() == expected
    assert after.table.equals(listed.table)
    assert len(expected) + sum(rows for _, rows, _ in listed.counts) == len(start)
    # Each row names the first condition that it does not fulfil.
    alone = set(rows_that_count(where(data, [first]).table, "unique").tolist())
    for position, reason in enumerate(listed.table["filtered_by"].to_pylist()):
        kept = position in expected or position not in start
        assert reason == (None if kept else second if position in alone else first)


def test_the_command(curate, pool, tmp_path):
    out = tmp_path / "out.jsonl"
    done = curate("filter", pool, out, "--where", "not faulty", "--where", "stars > 3")
    assert done.returncode == 0, done.stderr
    curate("dedup", pool, tmp_path / "all.jsonl")
    lines = (tmp_path / "all.jsonl").read_bytes().splitlines(keepends=True)
    assert out.read_bytes() == lines[0] + lines[3], "rows are written as by any other step"
    assert done.stderr.splitlines() == [
        "not faulty: 2 rows left out",
        "stars > 3: 1 row left out",
        "faults of rows left out: refusal 2",
        f"rejected 1 for E203, first {pool}:6: $.instruction: the prompt is empty",
        "read 6",
        "valid 5",
        "passed 2",
        f"ledger: {out}.ledger.parquet",
    ]
    kept = f"{out}.ledger.parquet"
    assert "pool.jsonl row 2: left out by the condition `not faulty`" in curate("explain", kept, 2).stdout
    assert "pool.jsonl row 5: left out by the condition `stars > 3`" in curate("explain", kept, 5).stdout
    assert "pool.jsonl row 4: kept" in curate("explain", kept, 4).stdout
    assert "pool.jsonl row 6: invalid" in curate("explain", kept, 6).stdout


def test_json_and_standard_output(curate, pool):
    done = curate("filter", pool, "-", "--where", "stars > 3", "--json")
    assert [json.loads(line)["stars"] for line in done.stdout.splitlines()] == [5, 4]
    assert json.loads(done.stderr) == {
        "read": 6,
        "valid": 5,
        "passed": 2,
        "invalid": [{"code": "E203", "rows": 1, "first": f"{pool}:6: $.instruction: the prompt is empty"}],
        "conditions": [{"where": "stars > 3", "left_out": 3, "null": 1}],
    }


def test_an_input_is_not_overwritten(curate, pool):
    before = pool.read_bytes()
    done = curate("filter", pool, pool, "--where", "stars > 3")
    assert done.returncode == 2 and "filter would overwrite it" in done.stderr
    assert pool.read_bytes() == before


def test_later_steps_do_not_look_at_rows_left_out(curate, pool, tmp_path):
    first, second, third = (tmp_path / f"{name}.jsonl" for name in "abc")
    write(pool, [*ROWS, {**ROWS[1], "stars": 1}, {**ROWS[3], "stars": 9}])
    assert curate("filter", pool, first, "--where", "not faulty").returncode == 0
    done = curate("dedup", f"{first}.ledger.parquet", second, "--near", 0.7)
    assert done.stderr.splitlines()[-5:-1] == ["read 7", "valid 7", "unique 6", "passed 3"]
    assert len(read(second)) == 3
    done = curate("select", f"{first}.ledger.parquet", third, "--method", "random", "--size", 10)
    assert sorted(row["response"] for row in read(third)) == ["Hello there!", "Mars is a planet.", "你好。"]
    assert "passed 3" in done.stderr and "selected 3" in done.stderr
    rows = json.loads(curate("stats", f"{first}.ledger.parquet", "--json").stdout)
    assert rows["duplicates"] == {"exact": 1}, "the two refusals were left out, which is no duplicate"


def test_a_copy_of_a_row_left_out(pool):
    write(pool, [ROWS[1], ROWS[1], ROWS[0]])
    result = where(exact.mark(table.read([pool])), ["not faulty"]).table
    [one, other, kept] = ledger.fates(result)
    assert one == "left out by the condition `not faulty`"
    then = "which was kept of its group and then left out by the condition `not faulty`"
    assert other == f"exact duplicate of {pool} row 1, {then}"
    assert kept == "kept" and ledger.fates(result) == [ledger.fate(result, i) for i in range(3)]
    assert ledger.funnel(result) == [("read", 3), ("valid", 3), ("unique", 2), ("passed", 1)]


def test_a_recipe_leaves_rows_out_before_it_compares(curate, pool, tmp_path):
    # The longer twin is the better one for dedup; a condition leaves it out, and so the shorter one remains.
    text = "The capital of France is Paris, a city on the river Seine with two million people"
    write(
        pool,
        [
            {"instruction": "Capital?", "response": f"{text} in it", "ok": 0},
            {"instruction": "Capital?", "response": text, "ok": 1},
            *ROWS,
        ],
    )
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "score: null\ndedup: {near: 0.5}\nwhere: ['coalesce(ok, 1) = 1', not faulty]\n"
        "select: {method: random, size: 9}\n"
    )
    out = tmp_path / "out"
    done = curate("run", recipe, "--input", pool, "--out", out, "--set", "embedder=tfidf")
    assert done.returncode == 0, done.stderr
    kept = [row["response"] for row in read(out / "subset.jsonl")]
    assert text in kept and f"{text} in it" not in kept and len(kept) == 4
    assert "where          4 passed" in done.stdout + done.stderr
    fate = curate("explain", out / "ledger.parquet", 1).stdout
    assert "left out by the condition `coalesce(ok, 1) = 1`" in fate
    assert "Left out by the condition not faulty" in (out / "report.html").read_text("utf-8")
    recipe.write_text("where: [quality >=]\n")
    done = curate("run", recipe, "--input", pool, "--out", out)
    assert done.returncode == 2 and "condition 'quality >=': syntax error" in done.stderr


@pytest.mark.parametrize("command", [("filter", "--where", "stars > 1"), ("dedup", "--best", "stars")])
def test_a_number_beyond_all_floats_is_one_error(curate, tmp_path, command):
    rows = [{"instruction": f"What is {i}+{i}?", "output": str(2 * i)} for i in (1, 2)]
    texts = [json.dumps(row)[:-1] + f', "stars": {stars}}}\n' for row, stars in zip(rows, ("3", "1e999"), strict=True)]
    (tmp_path / "in.jsonl").write_text("".join(texts))
    done = curate(command[0], tmp_path / "in.jsonl", tmp_path / "out.jsonl", *command[1:])
    assert done.returncode in (1, 2) and "1e999" in done.stderr and "stars" in done.stderr
    assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr


@pytest.mark.parametrize(("field", "column"), [("instruction", "prompt"), ("output", "response")])
def test_the_names_that_formats_have_for_texts_lead_to_the_columns(curate, pool, tmp_path, field, column):
    done = curate("filter", pool, tmp_path / "out.jsonl", "--where", f"length({field}) > 3")
    assert done.returncode == 2 and f"unknown column '{field}'; did you mean '{column}'?" in done.stderr
