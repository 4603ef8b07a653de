"""Rows with one prompt and different answers: `curate conflicts`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import exact
from curate.dedup.conflicts import conflicts, with_conflicts
from curate.table import table

ROWS = [
    ("What is the capital of Australia?", "Canberra."),
    ("what is  the capital of Australia?", "Sydney."),
    ("What is the capital of Australia?", "canberra"),
    ("一年有几天？", "365天。"),
    ("一年有几天？", "366 天"),
    ("Compute 2⁵.", "32"),
    ("Compute 25.", "25"),
    ("Name a fruit.", "An apple!"),
    ("Name a fruit.", "an apple"),
    ("What is the capital of Australia?", "Melbourne"),
]


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def pool(tmp_path):
    return write(tmp_path / "pool.jsonl", [{"instruction": q, "response": a} for q, a in ROWS])


def numbers(groups):
    """Row numbers of each answer of each conflict."""
    return [[(own + 1).tolist() for own in group.answers] for group in groups]


def test_prompts_with_different_answers(pool):
    groups = conflicts(table.read([pool]))
    assert numbers(groups) == [[[1, 3], [2], [10]], [[4], [5]]]
    marked = with_conflicts(table.read([pool]), groups)
    assert marked["conflict_answers"].to_pylist() == [3, 3, 3, 2, 2, None, None, None, None, 3]
    names = marked["conflict"].to_pylist()
    assert names[0] == names[1] == names[9] != names[3] == names[4] and names[5] is None


def test_rows_that_were_dropped_are_not_looked_at(pool):
    rows = [{"instruction": "q", "response": a} for a in ("yes", "yes", "no")]
    marked = exact.mark(table.read([write(pool, rows)]))
    assert [group.rows for group in conflicts(marked)] == [2]


def test_system_prompts_and_earlier_turns_count(tmp_path):
    def row(system, *turns):
        roles = ("user", "assistant")
        messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(turns)]
        return {"messages": [{"role": "system", "content": system}, *messages]}

    rows = [
        row("Be kind.", "Hi", "Hello!"),
        row("Be rude.", "Hi", "What?"),
        row("Be kind.", "Hi", "Hello!", "Who are you?", "A model."),
        row("Be kind.", "Hi", "Hello!", "Who are you?", "A person."),
        {**row("Be kind.", "Hi", "Good day."), "rejected": "Go away."},
    ]
    assert numbers(conflicts(table.read([write(tmp_path / "rows.jsonl", rows)]))) == [[[3], [4]]]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcé水"), st.sampled_from("xyz火")), min_size=1, max_size=20))
def test_conflicts_are_those_of_all_pairs(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("pairs") / "rows.jsonl"
    rows = table.read([write(path, [{"instruction": q, "response": a} for q, a in pairs])])
    expected = {q: {a for other, a in pairs if other == q} for q, _ in pairs}
    groups = conflicts(rows)
    assert {pairs[g.answers[0][0]][0] for g in groups} == {q for q, answers in expected.items() if len(answers) > 1}
    for group in groups:
        [prompt] = {pairs[i][0] for own in group.answers for i in own}
        assert group.rows == sum(q == prompt for q, _ in pairs)
        assert [len({pairs[i][1] for i in own}) for own in group.answers] == [1] * len(expected[prompt])
    assert [g.rows for g in groups] == sorted((g.rows for g in groups), reverse=True)


def test_the_command(curate, pool, tmp_path):
    done = curate("conflicts", pool, "--limit", 1)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "2 prompts are answered differently, by 6 of 10 rows (60.0%)",
        "",
        "1. 4 rows, 3 answers: What is the capital of Australia?",
        "   2 × Canberra.",
        f"       {pool}:1, {pool}:3",
        "   1 × Sydney.",
        f"       {pool}:2",
        "   1 × Melbourne",
        f"       {pool}:10",
        "",
        "and 1 more; --limit 0 lists all",
    ]
    marked, agreed = tmp_path / "marked.parquet", tmp_path / "agreed.jsonl"
    done = curate("conflicts", pool, "--limit", 0, "--json", "--ledger", marked)
    summary = json.loads(done.stdout)
    assert (summary["conflicts"], summary["conflicting_rows"], len(summary["prompts"])) == (2, 6, 2)
    assert summary["prompts"][1]["answers"] == [
        {"answer": "365天。", "rows": [f"{pool}:4"]},
        {"answer": "366 天", "rows": [f"{pool}:5"]},
    ]
    assert curate("filter", marked, agreed, "--where", "conflict is null").returncode == 0
    assert len(agreed.read_text("utf-8").splitlines()) == 4


def test_quality_stands_beside_the_answers(curate, pool, tmp_path):
    import pyarrow as pa

    rows = table.read([pool])
    scored = tmp_path / "scored.parquet"
    table.write(rows.append_column("quality", pa.array([0.9, 0.2, 0.7, *[None] * 7], pa.float64())), scored)
    first = json.loads(curate("conflicts", scored, "--json").stdout)["prompts"][0]["answers"]
    assert [answer.get("quality") for answer in first] == [pytest.approx(0.8), 0.2, None]
    assert "quality 0.80" in curate("conflicts", scored).stdout


def test_a_ledger_is_parquet(curate, pool):
    done = curate("conflicts", pool, "--ledger", "marked.jsonl")
    assert done.returncode == 2 and "let its name end with .parquet" in done.stderr


def test_an_input_is_not_overwritten(curate, pool, tmp_path):
    scored = tmp_path / "scored.parquet"
    table.write(table.read([pool]), scored)
    done = curate("conflicts", scored, "--ledger", scored)
    assert done.returncode == 2 and "would be overwritten" in done.stderr
