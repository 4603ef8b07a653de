"""The score of quality: spoilt rows come last, whatever the order of the rows, though nobody said which they are."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("sklearn")
from curate.models.embed import embed
from curate.score.faults.registry import findings
from curate.score.quality.augmentation import AUGMENTATIONS, augmented
from curate.score.quality.breaks import MOST, Others, features, segments
from curate.score.quality.classifier import score_pool
from curate.score.quality.conversation import judged
from curate.score.quality.corruptions import CORRUPTIONS
from curate.score.quality.features import DIRECTIONS, NAMES
from curate.score.quality.model import CONTEXT, USED
from curate.score.quality.pairs import Pairs
from curate.score.quality.prior import GOOD_ROWS, prior_rows
from curate.score.quality.reasons import GROUPS


def spoilt(prompts, responses):
    """Every fifth answer replaced: by keys struck at random, by a placeholder, by another row's answer, by turns."""
    random = np.random.default_rng(0)
    result = list(responses)
    for turn, i in enumerate(range(0, len(result), 5)):
        mash = "".join(random.choice(list("qzxkvjw "), 60))
        result[i] = (mash, "TODO: write this", responses[(i + 7) % len(responses)])[turn % 3]
    return result


@pytest.mark.slow
def test_spoilt_rows_come_last_in_any_order():
    prompts, responses = (list(texts) for texts in prior_rows())
    pool, prior = slice(0, 150), slice(150, 700)
    bad = np.arange(150) % 5 == 0
    answers = spoilt(prompts[pool], responses[pool])

    def score(order):
        texts = [prompts[i] for i in order], [answers[i] for i in order]
        return score_pool(*texts, lambda t: embed(list(t)).vectors, (prompts[prior], responses[prior])).scores

    order = np.random.default_rng(1).permutation(150)
    quality = score(range(150))
    np.testing.assert_allclose(score(order), quality[order], atol=1e-9)
    better = (quality[~bad][:, None] > quality[bad]).mean()
    assert better > 0.9
    assert set(np.argsort(-quality)[:60]).isdisjoint(np.flatnonzero(bad))


PLANTED = {
    "placeholder": lambda answer, _: "TODO",
    "page": lambda answer, _: f'<div class="post"><p>{answer}</p></div><footer>Share this page</footer>',
    "shuffled": lambda answer, random: " ".join(random.permutation(answer.split())),
    "keys": lambda answer, random: "".join(random.choice(list("asdfjkl; "), 80)),
    "cut": lambda answer, _: answer[: len(answer) * 2 // 5].rstrip(" .,"),
    "promise": lambda answer, _: "Of course! I will write that for you.",
    "input": lambda answer, _: "Please provide the text that I should work with.",
}


@pytest.mark.slow
def test_next_to_no_planted_row_is_selected_by_the_recipe(curate, tmp_path):
    random, rows, kinds = np.random.default_rng(3), [], {}
    good = [(p, a) for p, a in zip(*prior_rows(), strict=True) if p.isascii() and len(a.split()) > 5][:400]
    for i, (prompt, answer) in enumerate(good):
        if i % 10 < 3:
            kind = list(PLANTED)[len(kinds) % len(PLANTED)]
            kinds[prompt], answer = kind, PLANTED[kind](answer, random)
        rows.append(json.dumps({"instruction": prompt, "output": answer}) + "\n")
    (tmp_path / "rows.jsonl").write_text("".join(rows))
    done = curate("run", "lima-1000.yaml", "--input", tmp_path / "rows.jsonl", "--out", tmp_path / "o", "--size", 80)
    assert done.returncode == 0, done.stderr
    subset = [json.loads(line)["instruction"] for line in (tmp_path / "o" / "subset.jsonl").read_text().splitlines()]
    planted = [kinds[prompt] for prompt in subset if prompt in kinds]
    assert len(subset) == 80 and len(planted) <= 3, planted  # of random rows, 24


def test_every_reason_is_a_group_of_features_that_count():
    named = [name for members in GROUPS.values() for name in members]
    assert len(named) == len(set(named)) and set(named) <= set(NAMES)
    # What the model looks at and no group names is context, or says how much there is of something.
    unnamed = {NAMES[i] for i in USED} - set(named) - set(CONTEXT)
    assert not unnamed, unnamed


@pytest.mark.slow
def test_score_and_select_take_quality_unless_told_otherwise(curate, tmp_path):
    scored, subset = tmp_path / "scored.parquet", tmp_path / "best.jsonl"
    rows = tmp_path / "rows.jsonl"
    prompts, responses = prior_rows()
    answers = spoilt(prompts[:120], responses[:120])
    rows.write_text(
        "".join(json.dumps({"instruction": p, "output": a}) + "\n" for p, a in zip(prompts, answers, strict=False))
    )
    done = curate("score", rows, scored)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(scored)
    quality, reasons = table["quality"].to_pylist(), table["quality_reasons"].to_pylist()
    assert "score" not in table.column_names and all(0 <= value <= 1 for value in quality)
    middle = sorted(quality)[60]
    assert all(reasons[i] for i in range(0, 120, 5)), "every spoilt row has a reason"
    assert not any(names for names, value in zip(reasons, quality, strict=True) if value > middle)
    lines = curate("score", scored, "--explain", "1").stdout
    assert "quality:" in lines and "quality_reasons:" in lines
    chosen = curate("select", scored, subset, "--size", "40", "--method", "top_score")
    assert "quality" in chosen.stderr, chosen.stderr
    best = {(row["instruction"], row["output"]) for row in map(json.loads, subset.read_text().splitlines())}
    # A fifth of the rows is spoilt; an answer swapped for that of a row of the same template cannot be told.
    assert len(best & {(prompts[i], answers[i]) for i in range(0, 120, 5)}) <= 2


def test_every_feature_has_a_direction_or_is_context():
    assert set(CONTEXT) <= set(DIRECTIONS)
    assert len(USED) < len(DIRECTIONS) and set(DIRECTIONS.values()) == {-1, 0, 1}
    assert len(CORRUPTIONS) >= 15


# Short answers, code, sums, and answers of Latin letters to Chinese prompts, none of them among the sample rows.
PLAIN = [
    ("Colour of grass?", "Green."),
    ("Is the sentence a question or a command? Answer with one word.\nClose the window.", "Command"),
    ("Multiply 15 by 6 and show the steps", "15 × 6 = 10 × 6 + 5 × 6 = 60 + 30 = 90"),
    (
        "Write SQL to list the cities with more than ten users",
        "SELECT city FROM users GROUP BY city HAVING COUNT(*) > 10;",
    ),
    (
        "A Python function that says whether a year is a leap year",
        "```python\ndef is_leap(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n```",
    ),
    ("写一个Python函数，返回列表中的最大值。", "def largest(values):\n    return max(values)"),
    ("把“谢谢”翻译成英文", "Thank you"),
    ("判断情感倾向（正面或负面）：\n房间又小又吵，再也不来了。", "负面"),
]


@pytest.mark.slow
def test_short_answers_code_and_sums_stay_above_the_floor():
    prompts, responses = prior_rows()
    pool, prior = slice(0, 300), slice(300, None)
    plain_prompts, plain_responses = zip(*PLAIN, strict=True)
    texts = [*prompts[pool], *plain_prompts], [*responses[pool], *plain_responses]
    quality = score_pool(*texts, lambda t: embed(list(t)).vectors, (prompts[prior], responses[prior])).scores
    floor = 0.6 * np.quantile(quality, 0.9)
    low = [PLAIN[i][0] for i, value in enumerate(quality[300:]) if value < floor]
    assert len(low) <= 1, low


def test_known_good_rows_have_no_certain_fault_and_are_not_in_the_sample_data():
    rows = [json.loads(line) for line in GOOD_ROWS.read_text(encoding="utf-8").splitlines()]
    prompts = [row["prompt"] for row in rows]
    assert len(set(prompts)) == len(rows) > 500
    assert prior_rows()[0][-len(rows) :] == tuple(prompts)
    faulty = [row for row in rows if any(fault.certain for fault in findings(row["prompt"], row["response"]))]
    assert not faulty


SENTENCES = st.lists(
    st.sampled_from(["The sun is warm.", "It rains!", "今天天气很好。", "我们去公园。", "Is it late?"])
)


@given(SENTENCES)
def test_a_good_variant_is_made_of_whole_sentences_of_its_row(sentences):
    response = " ".join(sentences)
    made = augmented(Pairs(["How is the weather?"], [response]), np.array([0]))
    for kind, text in zip(made.kinds, made.pairs.responses, strict=True):
        assert kind in AUGMENTATIONS
        inside = text.strip('"“”').replace(" ", "")
        assert inside and response.replace(" ", "").startswith(inside) and inside[-1] in ".!?。"


@given(st.text(max_size=400))
def test_segments_are_few_and_hold_every_word(text):
    found = segments(text)
    assert 1 <= len(found) <= MOST
    assert "".join("".join(found).split()) == "".join(text.split())


def test_lines_of_code_are_one_segment():
    code = (
        "Here is the script:\n```python\nnumbers = [1, 2, 3]\nprint(sum(numbers))\n```\nIt prints the sum of the list."
    )
    assert segments(code) == [code[: code.rindex("```") + 3], "It prints the sum of the list."]
    query = "SELECT name, city\nFROM people\nWHERE age > 30;"
    assert segments(query) == [query]


def test_an_answer_that_goes_over_into_another_is_seen_where_it_does():
    own, other = np.eye(8, dtype=np.float32)[:2]
    vectors = np.array([own, own, other, own, own, own])
    others = Others(np.eye(8, dtype=np.float32)[2:], np.eye(8, dtype=np.float32)[2:])
    texts = [["a" * 20] * 3, ["a" * 20] * 3]
    swapped, whole = features(np.array([own, own]), vectors, texts, others)
    assert (swapped <= whole).all() and swapped[1] < 0.1 < 0.9 < whole[1]


def conversation(*turns):
    messages = [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(turns)]
    return (
        "\n\n".join(turns[::2]),
        "\n\n".join(turns[1::2]),
        json.dumps({"messages": messages}, separators=(",", ":"), ensure_ascii=False),
    )


ASKED = ("What is a tip of 15% on $50?", "The tip is $7.50.")


@pytest.mark.parametrize(
    ("turns", "left"),
    [
        (ASKED, ASKED),
        (("Hello!", "Hi! How can I help you?", *ASKED, "Great, thank you.", "You're welcome!"), ASKED),
        (
            ("你好", "您好，请问有什么可以帮您？", "三乘四是多少？", "十二。", "谢谢！", "不客气。"),
            ("三乘四是多少？", "十二。"),
        ),
        (("Thanks for coming.", "Not at all."), ("Thanks for coming.", "Not at all.")),
        ((*ASKED, "And of 20%?", "$10."), ("What is a tip of 15% on $50?\n\nAnd of 20%?", "The tip is $7.50.\n\n$10.")),
    ],
)
def test_greetings_and_thanks_are_not_judged(turns, left):
    assert judged(*conversation(*turns)) == left
