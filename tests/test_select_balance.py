"""Quotas by any column, alone or crossed; quality; and that the ledger says why of every row."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import exact
from curate.errors import CurateError
from curate.select import groups, lima, quality, quotas
from curate.select import selection as select
from curate.select.options import ALLOCATIONS, METHODS, plain
from curate.table import fields, ledger, table
from tests.builders.tables import pool

SIZES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1)
POWER = st.sampled_from(sorted(ALLOCATIONS.values()))


@given(SIZES, st.integers(0, 150), POWER, st.data())
def test_minima_and_maxima_hold(sizes, size, power, data):
    least = data.draw(st.dictionaries(st.sampled_from(sorted(sizes)), st.integers(0, 5)))
    most = data.draw(st.dictionaries(st.sampled_from(sorted(sizes)), st.integers(5, 40)))
    if sum(min(n, sizes[g]) for g, n in least.items()) > size:
        with pytest.raises(ValueError, match="more than the size"):
            quotas.allocate(sizes, size, None, power, least, most)
        return
    shares = quotas.allocate(sizes, size, None, power, least, most)
    room = {g: min(n, most.get(g, n)) for g, n in sizes.items()}
    assert sum(shares.values()) == min(size, sum(room.values()))
    assert all(min(least.get(g, 0), sizes[g]) <= shares[g] <= room[g] for g in sizes)


@given(SIZES, st.integers(1, 150), POWER)
def test_shares_are_in_proportion(sizes, size, power):
    shares = quotas.allocate(sizes, size, power=power)
    weights = {g: n**power for g, n in sizes.items() if n}
    # Webster's method: no group that could give more has a better claim to any row than the one that gave it.
    claims = [weights[g] / (2 * shares[g] + 1) for g in weights if shares[g] < sizes[g]]
    given = [weights[g] / (2 * shares[g] - 1) for g in weights if shares[g]]
    assert not claims or not given or max(claims) <= min(given) + 1e-12


@given(SIZES, st.integers(0, 150), POWER)
def test_merged_orders_give_the_shares_at_every_size(sizes, size, power):
    orders = {g: [i * 1000 + ord(g) for i in range(n)] for g, n in sizes.items()}
    merged = quotas.by_turns(orders, power, size, sizes)
    assert {g: sum(i % 1000 == ord(g) for i in merged) for g in sizes} == quotas.allocate(sizes, size, power=power)
    assert merged.tolist() == quotas.by_turns(orders, power, 1000, sizes)[:size].tolist()


def test_a_number_for_a_value_is_shared_among_its_groups():
    sizes = {"QA / en": 30, "QA / zh": 10, "Poem / en": 20, "Poem / zh": 20}
    asked = groups.numbers_by_group(sizes, 1, {"QA": 20}, {}, {"": 7})
    assert asked.exact == {"QA / en": 15, "QA / zh": 5}
    assert asked.at_most == {"Poem / en": 7, "Poem / zh": 7}
    assert asked.names == {"QA": (20, ["QA / en", "QA / zh"])}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"QA": 5, "QA / en": 2}, "both speak of 'QA / en'"),
        ({"QA": 5, "en": 2}, "both speak of 'QA / en'"),
        ({"Song": 5}, "no row is of Song"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(given, message):
    with pytest.raises(CurateError, match=message):
        groups.numbers_by_group({"QA / en": 30, "Poem / en": 20}, 0, given, {}, {})


def test_a_value_of_two_columns_is_refused():
    with pytest.raises(CurateError, match="a value of two columns"):
        groups.numbers_by_group({"a / b": 1, "b / a": 1}, 0, {"a": 1}, {}, {})


@given(st.lists(st.one_of(st.integers(-5, 5).map(float), st.just(float("nan"))), min_size=1))
def test_ranks_keep_the_order_of_scores(scores):
    ranks = quality.ranks(np.array(scores))
    assert ((ranks >= 0) & (ranks <= 1)).all()
    known = [(s, r) for s, r in zip(scores, ranks, strict=True) if s == s]
    assert all((a[0] < b[0]) == (a[1] < b[1]) for a in known for b in known)
    assert all(r == 0.5 for s, r in zip(scores, ranks, strict=True) if s != s)
    if len({s for s, _ in known}) > 1:
        assert min(r for _, r in known) == 0 and max(r for _, r in known) == 1


TEXTS = ["what is {}?", "请问{}是什么？"]
ROWS = [(TEXTS[i % 2].format(i), "一首诗" if i % 2 else "a poem", ["QA", "Poem", None][i % 3]) for i in range(60)]


def scored(rows: list[tuple[str, str, str | None]] = ROWS) -> pa.Table:
    made = pool(rows)
    return made.append_column("quality", pa.array([float(i % 10) for i in range(made.num_rows)]))


def test_two_columns_are_crossed_exactly():
    selection = select.choose(
        pool(ROWS), plain(method="random", size=24, balance="category,language", quotas={"QA": 10})
    )
    got = [(ROWS[i][2], "zh" if "诗" in ROWS[i][1] else "en") for i in selection.order]
    assert {pair: got.count(pair) for pair in got} == {
        ("QA", "en"): 5,
        ("QA", "zh"): 5,
        (None, "en"): 4,  # what is left over goes to the first groups by name, and this one is "(none)"
        (None, "zh"): 4,
        ("Poem", "en"): 3,
        ("Poem", "zh"): 3,
    }
    assert selection.shortfalls == {}


TALES = ("The cat sat on the mat and it was warm.", "Der Hund ist nicht in dem Haus.", "42", "一首诗", "Кот спит дома")


@pytest.mark.parametrize("name", ["language", "script"])
def test_languages_and_scripts_are_the_same_before_and_after_scoring(name):
    from curate.score.metrics import language, script
    from curate.score.texts import RowTexts
    from curate.table.table import records

    raw = pool([(prompt, tale, None) for tale in TALES for prompt in ("what is that?", "请问那是什么？", "1 + 1")])
    rows = RowTexts(raw["prompt"].to_pylist(), raw["response"].to_pylist())
    scores = {"language": language.values(rows), "script": script.values(rows)}
    both = raw
    for column, values in scores.items():
        both = both.append_column(column, pa.array(values))
    groups = [fields.values(made, records(made, range(made.num_rows)), name) for made in (raw, both)]
    assert groups[0] == groups[1]
    # Where the response has no letters, the prompt's counts.
    in_prompts = {"language": ["en", "zh", "und"], "script": ["Latin", "Han", "none"]}[name]
    of_tales = {"language": ["en", "de", "", "zh", "ru"], "script": ["Latin", "Latin", "", "Han", "Cyrillic"]}[name]
    assert groups[0] == [of or in_prompt for of in of_tales for in_prompt in in_prompts]
    chosen = [select.choose(made, plain(method="random", size=9, balance=name)) for made in (raw, both)]
    assert chosen[0].order.tolist() == chosen[1].order.tolist()
    assert chosen[0].columns["select_group"].equals(chosen[1].columns["select_group"])


def test_what_a_quota_lacks_is_said():
    chosen = select.choose(pool(ROWS), plain(method="random", size=50, balance="category,language", quotas={"QA": 40}))
    assert chosen.shortfalls["QA"] == (40, 20)
    assert len(chosen.order) == 50


def chosen_messages(counts: dict[str, int], **values) -> tuple[dict[str, int], list[str]]:
    rows = [(f"q {name} {i}", f"a {name} {i}", name) for name, count in counts.items() for i in range(count)]
    options = plain(method="random", balance="category", **values)
    chosen = select.choose(pool(rows), options)
    groups_of = [rows[i][2] for i in chosen.order]
    return {name: groups_of.count(name) for name in counts}, chosen.messages(options)


def test_a_quota_is_exact_though_the_other_groups_run_short():
    got, messages = chosen_messages({"A": 60, "B": 20, "C": 2}, size=50, quotas={"A": 13}, min=2)
    assert got == {"A": 13, "B": 20, "C": 2}
    assert "35 rows, not the 50 asked for: the quotas allow no more" in messages
    assert not any("came from the other groups" in message for message in messages)


def test_minima_that_cannot_be_met_are_named():
    got, messages = chosen_messages({"A": 60, "B": 20, "C": 2}, size=30, min=5)
    assert got["C"] == 2 and sum(got.values()) == 30
    assert "C: not enough rows, 2 of at least 5; the rest came from the other groups" in messages
    got, messages = chosen_messages({"A": 60, "B": 20}, size=70, quotas={"A": 30}, min={"B": 25})
    assert got == {"A": 30, "B": 20}
    assert "B: not enough rows, 20 of at least 25" in messages


def test_when_all_rows_are_taken_no_limit_is_blamed():
    got, messages = chosen_messages({"A": 6, "B": 3}, size=20, quotas={"A": 10})
    assert got == {"A": 6, "B": 3}
    assert "A: not enough rows, 6 of 10" in messages
    assert "9 rows, not the 20 asked for: not enough rows to choose from" in messages


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"quotas": {"A": 13}, "min": {"A": 20}}, "A cannot have exactly 13 and at least 20 rows"),
        ({"quotas": {"A": 13}, "max": {"A": 5}}, "A cannot have exactly 13 and at most 5 rows"),
        ({"quotas": {"A": 13}, "min": 10}, "quotas and minima ask for 23 rows, .* 20: A 13, B at least 10"),
    ],
)
def test_limits_that_no_selection_meets_are_named(limits, message):
    with pytest.raises(CurateError, match=message):
        chosen_messages({"A": 60, "B": 20}, size=20, **limits)


def test_names_of_groups_are_read_without_white_space_at_their_ends():
    rows = [(f"q {i}", f"a {i}", ("A", "A ", " A", " ", None, "B  b", "B b")[i % 7]) for i in range(70)]
    options = plain(method="random", size=12, balance="category", quotas={"A ": 6})
    chosen = select.choose(pool(rows), options)
    got = [(rows[i][2] or "").split() for i in chosen.order]
    assert (got.count(["A"]), got.count([]), got.count(["B", "b"])) == (6, 3, 3)
    assert chosen.messages(options) == []


def test_any_field_of_the_rows_balances(tmp_path):
    rows = [{"instruction": f"i {i}", "output": "o", "level": i % 3, "good": i / 10} for i in range(30)]
    (tmp_path / "f.json").write_text(json.dumps(rows))
    rows_read = table.read([tmp_path / "f.json"])
    chosen = select.choose(rows_read, plain(method="top_score", size=6, balance="level", quality="good"))
    assert [rows[i]["level"] for i in chosen.order] == [0, 1, 2, 0, 1, 2]
    assert [rows[i]["good"] for i in chosen.order] == [2.7, 2.8, 2.9, 2.4, 2.5, 2.6]
    worst = select.choose(rows_read, plain(method="top_score", size=3, quality="-good"))
    assert [rows[i]["good"] for i in worst.order] == [0, 0.1, 0.2]
    with pytest.raises(CurateError, match="the rows have good, level"):
        select.choose(rows_read, plain(method="random", size=6, balance="colour"))
    with pytest.raises(CurateError, match="quality must be numbers"):
        select.choose(rows_read, plain(method="top_score", size=6, quality="prompt"))


def noted(rows: pa.Table, method: str) -> str:
    return "\n".join(select.choose(rows, plain(method=method, size=5)).notes)


def test_without_scores_all_rows_count_alike_and_that_is_said():
    assert "no row has a quality score" in noted(pool(ROWS), "top_score")
    assert "the rank of quality" in noted(scored(), "top_score")
    assert "quality" not in noted(pool(ROWS), "random")
    both = scored().append_column("score", pa.array([float(i) for i in range(60)]))
    assert select.order(both, plain(method="top_score", size=2, quality="score")).tolist() == [59, 58]
    by_quality = select.order(scored(), plain(method="top_score", size=2)).tolist()
    assert select.order(both, plain(method="top_score", size=2)).tolist() == by_quality != [59, 58]
    alike = pool(ROWS).append_column("quality", pa.array([3.0] * 60))
    chosen = select.choose(alike, plain(method="top_score", size=5, floor=0.9))
    assert "one number only" in "\n".join(chosen.notes) and len(chosen.order) == 5


def test_rows_under_the_floor_stay_out_and_say_so():
    made = scored()
    chosen = select.choose(made, plain(method="random", size=60, floor=0.3))
    assert chosen.below == 18 and len(chosen.order) == 42
    assert min(made["quality"].take(pa.array(chosen.order)).to_pylist()) == 3
    assert "is below the floor, 0.3" in chosen.columns["select_reason"][0].as_py()


def test_lima_takes_strata_by_the_root_and_leaves_the_worst():
    pytest.importorskip("sklearn")
    rows = [(f"question {i} of {i * 7}", f"answer {i}", "big" if i < 54 else "small") for i in range(60)]
    chosen = select.choose(scored(rows), plain(method="lima", size=12), embedder="tfidf")
    got = [rows[i][2] for i in chosen.order]
    assert got.count("small") == 4  # of 12 by cube roots of 45 and 4 rows, of which all are taken
    assert all(i % 10 > 1 for i in chosen.order)


def test_lima_makes_no_strata_of_what_each_row_has_of_its_own():
    made = scored()
    assert lima.strata(made) == "category"
    at = made.schema.get_field_index("source")
    own = made.set_column(at, "source", pa.array([f"page {i}" for i in range(60)]))
    assert lima.strata(own) == "category"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_row_says_why(method):
    pytest.importorskip("sklearn")
    made = exact.mark(pa.concat_tables([scored(), scored(ROWS[:3])]))
    selection = select.choose(made, plain(method=method, size=9, balance="category", floor=0.2), embedder="tfidf")
    ranked = selection.ledger(made)
    reasons = ranked["select_reason"].to_pylist()
    out_of_it = [of is not None for of in ranked["duplicate_of"].to_pylist()]
    assert [reason is None for reason in reasons] == out_of_it
    for i, rank in enumerate(ranked["rank"].to_pylist()):
        if rank is not None:
            assert "had its" not in reasons[i] and "below" not in reasons[i]
        elif reasons[i] is not None:
            assert "had its 3 rows" in reasons[i] or "below the floor" in reasons[i]
    assert "select_reason: " in ledger.explain(ranked, 5)
    if method in set(METHODS) - {"random", "top_score"}:
        first = ranked["rank"].to_pylist().index(1)
        assert ranked["select_similar"][first].as_py() is None
        assert ranked["select_similar"].null_count == 1 + sum(out_of_it) + selection.below


def test_nearest_is_the_most_like_of_those_before():
    from curate.select import reasons

    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]], np.float32)
    found = reasons.nearest(vectors, np.array([2, 0]))
    assert found.rank.tolist() == [0, 1, -1, 0]
    assert found.similarity == pytest.approx([0, 0.8, 0, 0.8])


@given(st.permutations(range(12)))
@settings(deadline=None, max_examples=10)
def test_rows_that_say_the_same_do_not_bring_in_the_order_of_the_file(permutation):
    rows = [("same", "answer", "abc"[i % 3]) for i in range(12)]
    shuffled = [rows[i] for i in permutation]
    first = [rows[i][2] for i in select.order(pool(rows), plain(method="random", size=5))]
    assert first == [shuffled[i][2] for i in select.order(pool(shuffled), plain(method="random", size=5))]


def test_vectors_that_are_there_need_no_embedder():
    vectors = np.repeat(np.eye(6, dtype=np.float32), 10, axis=0)
    chosen = select.choose(pool(ROWS), plain(method="k_center", size=6), vectors=vectors, embedder="no such thing")
    assert sorted(i // 10 for i in chosen.order) == [0, 1, 2, 3, 4, 5]


def test_clusters_are_named_by_what_tells_them_apart():
    pytest.importorskip("sklearn")
    from curate.select import clusters

    texts = [
        "how to bake bread",
        "bake a cake",
        "烤面包的方法",
        "bake cookies",
        "orbit of mars",
        "mars and venus orbit",
    ]
    names = clusters.names(np.array([0, 0, 0, 0, 1, 1]), texts)
    assert names[0].startswith("bake") and names[1].startswith(("mars", "orbit"))
    assert clusters.names(np.array([0, 1]), ["bake", "bake"]) == ["bake", "bake (2)"]
    rows = [(text, "yes", None) for text in texts]
    chosen = select.choose(
        pool(rows),
        plain(method="random", size=2, balance="cluster"),
        vectors=np.eye(2, dtype=np.float32)[[0, 0, 0, 0, 1, 1]],
    )
    assert {i > 3 for i in chosen.order} == {True, False}


@pytest.mark.slow
def test_categories_are_assigned_where_there_are_none():
    pytest.importorskip("sklearn")
    rows = [
        ("Brainstorm ten names for a bakery", "One, two", None),
        ("Write a short poem about the sea", "Waves", None),
        ("Summarize this text: the cat sat on the mat and slept.", "A cat slept.", None),
        ("What is the capital of France?", "Paris", "Open QA"),
    ]
    selection = select.choose(
        pool(rows),
        plain(method="random", size=4, balance="category", assign_categories=True),
        embedder="tfidf",
    )
    assert selection.columns["category_assigned"].to_pylist() == [
        "Brainstorming",
        "Creative Writing",
        "Summarization",
        None,
    ]
    confidence = selection.columns["category_confidence"].to_pylist()
    assert confidence[3] is None and all(1 / 7 < c <= 1 for c in confidence[:3])
    assert "5-fold" in "\n".join(selection.notes)


@pytest.mark.slow
def test_the_classifier_is_right_on_topics_that_it_did_not_see():
    pytest.importorskip("sklearn")
    from curate.select import categories

    assert categories.assign(["Write a poem"], "tfidf").accuracy > 0.75


def test_a_cluster_of_several_languages_is_named_in_one():
    """In that of most of its texts, and without the words of the others."""
    from curate.select import clusters

    chinese = ["番茄汤怎么煮？", "我买了番茄。", "如何种番茄", "番茄酱太酸了。", "冰箱里还有番茄"]
    english = ["Fry the tomato with the eggs and add some salt.", "Tomato soup is easy to cook."]
    labels = np.array([0] * 7 + [1] * 7)
    mixed = [*chinese, *english, *(f"The {name} orbits the planet Jupiter." for name in "abcdef"), "木星有很多卫星。"]
    first, second = clusters.names(labels, mixed)
    assert not any("a" <= c <= "z" for c in first) and "番茄" in first
    assert second.isascii() and "orbits" in second
    assert clusters.names(labels[:7], mixed[6::-1]) == [first]
