"""`curate select`, `curate diff` and `curate explain` as users run them."""

from __future__ import annotations

import json

import pytest

from curate.table import table


@pytest.fixture
def rows(tmp_path):
    """A file of forty rows of two categories, with a score that falls."""
    path = tmp_path / "rows.jsonl"
    made = [
        {"instruction": f"question {i}", "response": f"answer {i * 7}", "category": "ab"[i % 2], "good": 40 - i}
        for i in range(40)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in made))
    return path


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_quotas_minima_and_maxima(curate, rows, tmp_path):
    out = tmp_path / "out.jsonl"
    options = ["--method", "top_score", "--quality", "good", "--balance", "category", "--quota", "a=7"]
    done = curate("select", rows, out, "--size", 10, *options)
    assert done.returncode == 0
    assert [row["category"] for row in read(out)].count("a") == 7
    assert "the rank of good, a field of the rows, higher is better" in done.stderr
    done = curate("select", rows, out, "--method", "random", "--balance", "category", "--max", 5, "--min", "b=5")
    assert len(read(out)) == 10
    assert "10 rows, not the 1,000 asked for: the maxima allow no more" in done.stderr


def test_a_pool_without_groups_that_is_too_small(curate, rows, tmp_path):
    done = curate("select", rows, tmp_path / "out.jsonl", "--method", "random", "--size", 50)
    assert done.stderr.splitlines()[0] == "40 rows, not the 50 asked for: not enough rows to choose from"


def test_threshold_out_of_its_limits(curate, rows, tmp_path):
    done = curate("select", rows, tmp_path / "out.jsonl", "--method", "score_first", "--threshold", 3)
    assert done.returncode == 2 and "--threshold is 3; it must be in (0, 1]" in done.stderr


def test_a_pool_that_is_too_small_is_said(curate, rows, tmp_path):
    done = curate("select", rows, tmp_path / "out.jsonl", "--method", "random", "--size", 100)
    assert done.returncode == 0
    assert "40 rows, not the 100 asked for: not enough rows to choose from" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--quota", "a=3"], "--quota needs --balance"),
        (["--balance", "category", "--quota", "a"], "is not NAME=N"),
        (["--balance", "category", "--max", "a=1", "--max", "a=2"], "given twice"),
        (["--balance", "category", "--min", "a=3", "--max", "a=2"], "at least 3 and at most 2"),
        (["--quality", "god"], "no column 'god'"),
        (["--floor", "1.5"], "--floor is 1.5; it must be in [0, 1)"),
    ],
)
def test_mistakes_are_answered_in_one_line(curate, rows, tmp_path, options, message):
    done = curate("select", rows, tmp_path / "out.jsonl", "--method", "random", *options)
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_explain_says_why_and_why_not(curate, rows, tmp_path):
    out = tmp_path / "out.jsonl"
    curate("select", rows, out, "--method", "top_score", "--quality", "good", "--size", 4, "--balance", "category")
    chosen = curate("explain", f"{out}.ledger.parquet", 1).stdout
    assert "selected, rank 1" in chosen and "select_reason: a: quality 1.000" in chosen
    assert (
        "select_reason: b had its 2 rows before this one; quality"
        in curate("explain", f"{out}.ledger.parquet", 40).stdout
    )


def test_the_summary_is_json_too(curate, rows, tmp_path):
    done = curate(
        "select", rows, tmp_path / "o.jsonl", "--method", "random", "--size", 50, "--balance", "category", "--json"
    )
    found = json.loads(done.stdout)
    assert found["selected"] == 40 and found["shortfalls"] == {
        "a": {"wanted": 25, "got": 20},
        "b": {"wanted": 25, "got": 20},
    }


def test_without_a_balance_no_group_is_short(curate, rows, tmp_path):
    done = curate("select", rows, tmp_path / "o.jsonl", "--method", "random", "--size", 50, "--json")
    assert json.loads(done.stdout)["shortfalls"] == {}
    told = curate("select", rows, tmp_path / "p.jsonl", "--method", "random", "--size", 50)
    assert "40 rows, not the 50 asked for: not enough rows to choose from" in told.stdout + told.stderr


def test_reasons_name_the_file_of_a_similar_row_without_its_folder(curate, rows, tmp_path):
    out = tmp_path / "o.jsonl"
    curate("select", rows, out, "--method", "k_center", "--size", 5, "--embedder", "tfidf")
    ledger = table.read([f"{out}.ledger.parquet"])
    passed_over = [text for text in ledger["select_reason"].to_pylist() if "most like rank" in text]
    assert passed_over and not any("/" in text for text in passed_over)
    assert str(rows) in ledger["select_similar"][0].as_py()


def test_twice_is_once(curate, rows, tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    options = ["--method", "random", "--size", 12, "--balance", "category"]
    curate("select", rows, one, *options)
    curate("select", one, two, *options)
    assert one.read_bytes() == two.read_bytes()
    before = (tmp_path / "one.jsonl.ledger.parquet").read_bytes()
    curate("select", rows, one, *options)
    assert (tmp_path / "one.jsonl.ledger.parquet").read_bytes() == before


def test_diff_says_what_is_shared(curate, rows, tmp_path):
    best, drawn = tmp_path / "best.jsonl", tmp_path / "drawn.jsonl"
    curate("select", rows, best, "--method", "top_score", "--quality", "good", "--size", 20)
    curate("select", rows, drawn, "--method", "random", "--size", 20)
    found = json.loads(curate("diff", best, drawn, "--json").stdout)
    both = {row["instruction"] for row in read(best)} & {row["instruction"] for row in read(drawn)}
    assert found["rows"] == [20, 20] and found["shared"] == len(both)
    assert len(found["only_in_a"]) == 20 - len(both) == len(found["only_in_b"])
    assert found["balance"]["category"]["a"][0] == 10
    assert found["lengths"]["response"]["mean"][0] == pytest.approx(
        sum(len(row["response"]) for row in read(best)) / 20
    )
    same = json.loads(curate("diff", best, f"{best}.ledger.parquet", "--json").stdout)
    assert same["shared"] == 20 and same["order_agreement"] == pytest.approx(1)
    assert same["only_in_a"] == same["only_in_b"] == []
    shown = curate("diff", best, drawn).stdout
    assert f"shared {len(both)} (" in shown and "only in A" in shown and "response characters" in shown


def test_diff_compares_scores_that_both_have(tmp_path, curate, rows):
    import pyarrow as pa

    scored = table.read([rows]).append_column("quality", pa.array([i / 40 for i in range(40)]))
    table.write(scored, tmp_path / "scored.parquet")
    ledgers = []
    for method in ("top_score", "random"):
        out = tmp_path / f"{method}.jsonl"
        curate("select", tmp_path / "scored.parquet", out, "--method", method, "--size", 10)
        ledgers.append(f"{out}.ledger.parquet")
    found = json.loads(curate("diff", *ledgers, "--json").stdout)
    assert list(found["scores"]) == ["quality"]
    assert found["scores"]["quality"]["mean"][0] == pytest.approx(0.8625)
    assert found["scores"]["quality"]["effect"] < 0


def test_explain_of_a_row_that_the_ledger_does_not_have(curate, rows, tmp_path):
    curate("select", rows, tmp_path / "out.jsonl", "--method", "random", "--size", 5)
    done = curate("explain", tmp_path / "out.jsonl.ledger.parquet", 99)
    assert done.returncode == 1 and f"has no row 99; its rows are of {rows}" in done.stderr
