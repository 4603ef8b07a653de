"""Mistakes in conditions are told before anything is measured."""

from __future__ import annotations

import json

import pytest

from curate.errors import CurateError
from curate.filter import ahead
from curate.filter.ahead import check_ahead
from curate.run import plan, recipe_file
from curate.table import table

ROWS = [{"instruction": f"第 {i} 题", "output": f"answer {i}", "stars": i, "meta": {"by": "a"}} for i in range(5)]


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    rows = [*ROWS, {**ROWS[0], "instruction": "last", "late": 1}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("qualty > 0.2", "unknown column 'qualty'; did you mean 'quality'"),
        ("lenght > 5 and turns > 1", "unknown column 'lenght'; did you mean 'length'"),
        ("star > 2", "unknown column 'star'; did you mean 'stars'"),
        ("not qualty", "unknown column 'qualty'; did you mean 'quality'"),
        ("ifd > 0.5", "curate score IN scored.parquet --with ifd"),
        ("stars >", "syntax error"),
        ("nowhere(stars) > 2", "nowhere does not exist"),
        ("quality > 'good'", "'good' is a text and not a number"),
        ("quality", "is a number, not true or false"),
        ("prompt", "is a text, not true or false"),
        ("avg(length) > 3", "at `avg(length)`: it counts over several rows"),
        ("len(quality) > 3", "condition 'len(quality) > 3'"),
        ("filtered_by is null", "unknown column 'filtered_by'"),
    ],
)
def test_mistakes(pool, condition, message):
    with pytest.raises(CurateError) as raised:
        check_ahead([condition], [pool])
    assert message in str(raised.value) and raised.value.code == 2


@pytest.mark.parametrize(
    "condition",
    ["quality > 0.2", "not refusal", "not faulty", "STARS > 2", "meta.by = 'a'", "late = 1", "stars in ('1', 'one')",
     "len(stars) > 2 or 'x' in faults", "prompt like '%题%'", "null", "turns = 2"],
)  # fmt: skip
def test_what_may_be_asked(pool, condition):
    check_ahead([condition], [pool])


def test_rows_are_read_only_for_names_that_are_no_columns(pool, monkeypatch):
    monkeypatch.setattr(ahead, "_fields_by_row", lambda coming: pytest.fail("read"))
    check_ahead(["turns > 1 and category = 'a'", "not faulty"], [pool])
    check_ahead(["score > 0.5"], [pool], made={"score": table.SCHEMA.field("turns").type})


def test_the_columns_of_a_ledger_count(pool, tmp_path):
    ledger = tmp_path / "ledger.parquet"
    rows = table.read([pool])
    table.write(rows.append_column("good", rows["turns"]), ledger)
    check_ahead(["good > 1 and stars > 2"], [ledger])
    with pytest.raises(CurateError, match="did you mean 'good'"):
        check_ahead(["goood > 1"], [ledger])


def test_what_can_be_read_once_is_left_to_the_step():
    check_ahead(["anything > 1"], ["-"])
    with pytest.raises(CurateError, match="syntax error"):
        check_ahead(["anything >"], ["-"])


def checked(pool, folder, where, score):
    recipe = recipe_file.convert({"inputs": [str(pool)], "where": [where], "score": score}, "here")
    plan.check(plan.resolved(recipe, folder))


def test_a_recipe_knows_the_columns_of_its_steps(pool, tmp_path):
    checked(pool, tmp_path / "out", "score > 0.5 and length > 2", {"with": ["length"]})
    checked(pool, tmp_path / "out", "duplicate_of is null and ifd > 0.1", {"with": ["ifd"]})
    for where, score in (
        ("score > 0.5", {"with": ["quality"]}),
        ("contaminated_by is null", {"with": ["length"]}),
        ("ifd > 0.1", {"with": ["length"]}),
        ("qualty > 0.5", {"with": ["quality"]}),
    ):
        with pytest.raises(CurateError) as raised:
            checked(pool, tmp_path / "out", where, score)
        assert raised.value.code == 2


def test_rows_are_read_as_the_run_reads_them(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text('[{"instruction": "a", "output": "b", "stars": 1}, {"instruction": "c", "output": NaN, "late": 1}]')
    values = {"inputs": [str(path)], "where": ["late = 1"], "score": None}
    with pytest.raises(CurateError, match="unknown column 'late'"):
        recipe = recipe_file.convert(values, "here")
        plan.check(plan.resolved(recipe, tmp_path / "out"))
    path.write_text('[{"instruction": "a", "output": "b", "stars": 1}, {"instruction": "c", "output": 7, "late": 1}]')
    recipe = recipe_file.convert({**values, "validate": {"repair": True}}, "here")
    plan.check(plan.resolved(recipe, tmp_path / "out"))


def test_a_run_with_a_mistake_does_nothing(curate, pool, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("score: {with: [quality]}\nwhere: [qualty > 0.2]\n")
    done = curate("run", recipe, "--input", pool, "--out", tmp_path / "out")
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    assert done.stderr.startswith("error: unknown column 'qualty'; did you mean 'quality'")
    done = curate("filter", pool, tmp_path / "out.jsonl", "--where", "qualty > 0.2")
    assert done.returncode == 2 and done.stderr.startswith("error: unknown column 'qualty'; did you mean 'quality'")
