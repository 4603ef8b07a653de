"""Scores of a row's text: what they find, what they leave alone, and what they say of empty and odd text."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.engine import local_rows
from curate.errors import CurateError
from curate.score import measure, registry, score
from curate.score.column import of_table
from curate.score.combine import combine, faults, groups_of, ranks
from curate.score.faults import mojibake, refusal
from curate.score.faults.fences import open_fence
from curate.score.faults.row import FaultRow
from curate.score.faults.truncated import breaks_off
from curate.score.metrics.echo import echo
from curate.score.metrics.lexical_diversity import mattr
from curate.score.metrics.readability import reading_ease, syllables
from curate.score.metrics.repetition import repetition
from curate.score.options import Score
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts
from curate.table import table
from curate.text.language import language
from curate.text.script import script
from curate.text.words import words
from tests.builders.languages import HELD_OUT, LABELLED
from tests.builders.scores import with_scores
from tests.rows import MAYBE, TEXT

ODD = st.one_of(MAYBE, TEXT, st.text(max_size=80), st.text("ab 。，.!?\n\"'“”()-`|", max_size=60))


def of(*pairs: tuple[str, str]) -> pa.Table:
    """A table of Alpaca rows."""
    rows = [json.dumps({"instruction": p, "output": r}, ensure_ascii=False).encode() for p, r in pairs]
    from curate.table.reading import decoder_for

    results = decoder_for("rows.jsonl", "alpaca").block(rows)
    return pa.Table.from_batches([table.batch("rows.jsonl", range(1, len(rows) + 1), results)], table.SCHEMA)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ODD, ODD), min_size=1, max_size=6))
def test_scores_of_any_text_are_numbers_or_labels_and_depend_on_their_row_alone(pairs):
    rows = RowTexts([p for p, _ in pairs], [r for _, r in pairs])
    for name in registry.GROUPS["lexical"]:
        column = registry.column(name)
        values = registry.module(name).values(rows)
        assert len(values) == len(pairs)
        for value in values:
            if column.kind == "label":
                assert value
            elif column.kind == "names":
                assert set(value) <= set(registry.FAULTS)
            elif value is None:
                assert name == "readability"
            else:
                assert math.isfinite(value)
                assert column.kind != "flag" or value in (0, 1)
                assert "share, 0 to 1" not in column.unit or 0 <= value <= 1
        alone = [registry.module(name).values(RowTexts([p], [r]))[0] for p, r in pairs]
        assert list(values) == alone


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model, I cannot answer this.",
        "I'm sorry, but I can't help with that request.",
        "I am only an AI language model and cannot do this task.",
        "Unfortunately, I am unable to provide medical advice.",
        "I’m sorry, but as an AI I don’t have opinions.",
        "作为一个人工智能语言模型，我无法回答这个问题。",
        "很抱歉，我无法提供此类信息。",
        "對不起，我無法協助這項請求。",
    ],
)
def test_refusals(text):
    assert refusal.find(FaultRow("How do tides work?", text)).certain


@pytest.mark.parametrize(
    "text",
    [
        "As an AI engineer, you design models.",
        "I cannot help but smile when it rains.",
        "She said she could not help him.",
        "The answer is 12.",
        "人工智能是计算机科学的一个分支。",
        "对不起，我来晚了。",
        "Sorry seems to be the hardest word.",
    ],
)
def test_answers_that_only_look_like_refusals(text):
    assert refusal.find(FaultRow("How do tides work?", text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Three to six months of living costs is a common aim, kept in an account that",
        "- What did your street smell like?\n- What did you earn first?\n- Which",
        'People can buy fish and vegetables all week.\nFrom the text: "People',
        "我没有别的可送。只好拿沙",
        "它有三个优点：便宜、",
        "The steps are as follows. First, open the file and",
        "The most important points about this subject are the following three, namely (a",
    ],
)
def test_texts_that_break_off(text):
    assert breaks_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "Label: positive",
        "- Apples\n- Pears\n- Plums",
        "1. Java\n2. Python\n3. C++",
        "It rains.\n— a small piece on the teapot",
        "So disappointed!!! :-(",
        "```python\nprint('a')\n```",
        "答案是北京",
        "他说：“好。”",
        "x = [1, 2, 3]",
        "Answers:\n1. A\n2. C\n3. A",
        "A quiet evening.<|endoftext|>",
        "",
    ],
)
def test_texts_that_are_whole(text):
    assert not breaks_off(text)


def test_repetition_by_brute_force():
    said = words("the cat sat on the mat " * 3 + "and slept")
    grams = [tuple(said[i : i + 4]) for i in range(len(said) - 3)]
    assert repetition(said) == pytest.approx(1 - len(set(grams)) / len(grams))
    assert repetition(words("何涛循着虫鸣走到稻田边。" * 5)) > 0.5
    assert repetition([]) == repetition(["a"]) == 0


def test_echo_is_the_prompt_left_in_the_response_and_not_a_full_sentence():
    prompt = "What is the capital of France?"
    assert echo(prompt, "What is the capital of France? Paris.") == 1
    assert echo(prompt, "What is the capital of France\nParis.") == 1
    assert echo(prompt, "The capital of France is Paris.") == 0
    assert echo("地球到月球的平均距离是多少？", "地球到月球的平均距离是多少？约38万公里。") == 1
    assert echo("地球到月球的平均距离是多少？", "地球到月球的平均距离是38万公里。") == 0
    assert echo("Hi", "Hi") == 0


def test_fences():
    assert open_fence("```python\nprint(1)") == 0
    assert open_fence("~~~\na\n```") == 0
    assert open_fence("```\na\n```\nand\n```\nb\n```") is None
    assert open_fence("`` ` `` and ```inline``` code") is None
    assert open_fence("````\n```\n````") is None


@pytest.mark.parametrize(
    "text", ["CafÃ© au lait", "itâ€™s", "锟斤拷", "a\ufffdb", "ä½\xa0å¥½", "\u00ef\u00bb\u00bfname"]
)
def test_mojibake(text):
    assert mojibake.place(text)[0] is not None


@pytest.mark.parametrize("text", ["Café", "SÃO PAULO", "it’s", "你好", "naïve—“é”", "Ångström", "مرحبا", "10 °C"])
def test_text_that_is_no_mojibake(text):
    assert mojibake.place(text)[0] is None


def test_mattr_by_brute_force():
    random = np.random.default_rng(0)
    for count, window in ((7, 10), (50, 50), (51, 50), (300, 50), (40, 3)):
        said = [f"w{i}" for i in random.integers(0, 30, count)]
        if count <= window:
            expected = len(set(said)) / count
        else:
            windows = [said[i : i + window] for i in range(count - window + 1)]
            expected = np.mean([len(set(part)) / window for part in windows])
        assert mattr(said, window) == pytest.approx(expected)


def test_reading_ease_is_flesch_s():
    text = "The cat sat on the mat. " * 6
    assert [syllables(word) for word in ("cat", "table", "name", "walked", "wanted", "readability")] == [
        1,
        2,
        1,
        1,
        2,
        5,
    ]
    assert reading_ease(text, words(text)) == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 1)
    assert reading_ease("Too short.", ["too", "short"]) is None


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The house is on the hill and it was built by an architect.", "en"),
        ("Das Haus ist auf dem Hügel und die Straße führt nicht zu ihm.", "de"),
        ("La maison est sur la colline et les enfants jouent dans le jardin.", "fr"),
        ("La casa está en la colina y los niños juegan con el perro.", "es"),
        ("这所房子在山上。", "zh"),
        ("この家は丘の上にあります。", "ja"),
        ("이 집은 언덕 위에 있다.", "ko"),
        ("42", "und"),
    ],
)
def test_language(text, expected):
    assert language(text) == expected


def _right(labelled: dict) -> float:
    rows = [(text, code) for code, texts in labelled.items() for text in texts]
    return sum(language(text) == code for text, code in rows) / len(rows)


def test_language_of_labelled_rows(monkeypatch):
    """One-word texts, code, and nine languages; without py3langid a good deal fewer."""
    with monkeypatch.context() as without:
        without.setattr("curate.text.language._identifier", lambda: None)
        assert _right(LABELLED) >= 0.8 and _right(HELD_OUT) >= 0.8
    pytest.importorskip("py3langid")
    assert _right(LABELLED) >= 0.95 and _right(HELD_OUT) >= 0.9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\nprint('the cat')\n```", "und"),
        ("运行 `the_function()`", "zh"),
        ("Привет", "ru"),
        ("Yes", "en"),
        ("\ud800", "und"),
    ],
)
def test_language_looks_at_prose_and_not_at_code(text, expected):
    assert language(text) == expected


def test_script():
    assert [script(text) for text in ("abc", "你好 abc", "これは本です", "привет", "123", "")] == [
        "Latin", "Latin", "Kana", "Cyrillic", "none", "none"
    ]  # fmt: skip


def test_contacts_and_marks():
    texts = RowTexts(
        ["Write to a.b@example.org", "", "Call", "x"],
        [
            "See https://example.org/a and www.example.com.",
            "+86 138 0013 8000 或 13800138000",
            "(555) 123-4567",
            "2019-2020, 1234",
        ],
    )
    assert registry.module("urls").values(texts) == [2, 0, 0, 0]
    assert registry.module("emails").values(texts) == [1, 0, 0, 0]
    assert registry.module("phones").values(texts) == [0, 2, 1, 0]
    marks = RowTexts(["", ""], ["Paris<|im_end|>", "a < b and [1]"])
    assert registry.module("special_tokens").values(marks) == [1, 0]


def test_rows_are_scored_alike_in_any_batches(monkeypatch):
    pool = of(*[(f"Say it {i} times.", "Yes, " * i + "no.") for i in range(40)])
    gone = pa.array([i % 7 == 0 for i in range(40)])
    for name in ("record", "prompt", "response"):
        at = pool.schema.get_field_index(name)
        pool = pool.set_column(at, name, pc.if_else(gone, pa.scalar(None, pa.string()), pool[name]))
    columns = [registry.column(name) for name in (*registry.GROUPS["lexical"], "profanity")]
    expected = measure.measure(pool, columns, Scoring()).columns
    assert all(
        array.is_null()[:8].to_pylist() == [True, *[False] * 6, True] for array in expected if array.null_count < 20
    )
    monkeypatch.setattr(local_rows, "BATCH", 9)
    monkeypatch.setattr(measure, "WORDS_AT_ONCE", 4)
    monkeypatch.setattr(score, "HELD_BYTES", 0)  # through a file
    scored = with_scores(pool, [c.name for c in columns])
    for described, values in zip(columns, expected, strict=True):
        assert scored[described.name].to_pylist() == values.to_pylist()
        assert of_table(scored)[described.name] == described


def test_ranks_by_brute_force_and_in_any_order():
    values = np.array([3, 1, 2, 2, np.nan, 5, 5, 0.0])
    groups = np.array([0, 0, 0, 0, 0, 1, 1, 2])
    found = ranks(values, groups)
    assert found[:4].tolist() == [0.875, 0.125, 0.5, 0.5]
    assert np.isnan(found[4])
    assert found[5:].tolist() == [0.5, 0.5, 0.5]
    order = np.random.default_rng(0).permutation(8)
    np.testing.assert_array_equal(ranks(values[order], groups[order]), found[order])


def test_a_row_with_a_fault_ranks_below_every_row_without():
    pool = of(("Name a fruit.", "Apples."), ("Name a city.", "As an AI, I cannot help with that."), ("Say it.", "Yes."))
    scored = with_scores(pool, registry.GROUPS["lexical"])
    described, values = combine(scored)
    assert faults(scored).tolist() == [0, 1, 0]
    assert values.argmin() == 1 and values[1] < 0 < min(values[0], values[2])
    assert "repetition (lower is better)" in described.meaning


def test_ranking_does_not_favour_short_answers_over_code_and_sums():
    pool = of(
        ("What colour is grass?", "Green."),
        ("Write a loop that prints 0 to 9.", "```python\nfor i in range(10):\n    print(i)\n```"),
        ("Multiply 3 by 17 with the steps.", "3 × 17 = 3 × 10 + 3 × 7 = 30 + 21 = 51"),
        ("写一句问候语，用英语。", "Good evening"),
    )
    scored = with_scores(pool, registry.GROUPS["lexical"])
    assert len(set(scored["lexical_diversity"].to_pylist())) > 1
    assert len(set(combine(scored)[1].tolist())) == 1
    assert {of_table(scored)[name].direction for name in ("length", "lexical_diversity", "readability")} == {"none"}


def test_combinations_are_declared():
    pool = with_scores(of(("a b", "c d e"), ("f", "g")), ["length", "lexical_diversity"])
    assert combine(pool, "rank:length")[1].tolist() == [0.75, 0.25]
    assert combine(pool, "rank:-length")[1].tolist() == [0.25, 0.75]
    assert combine(pool, "product:length,lexical_diversity")[1].tolist() == [5, 1]
    for rule, said in (
        ("best", "unknown combination"),
        ("rank:ifd", "'ifd'"),
        ("product", "what to multiply"),
        ("deita", "'complexity'"),
    ):
        with pytest.raises(CurateError, match=said):
            combine(pool, rule)


def test_groups_are_told_by_value_however_the_column_is_held():
    values = ["b", None, "a", "a", "c", None]
    for column in (
        pa.chunked_array([values[:2], values[2:]]),
        pa.chunked_array([pa.array(values[:3]).dictionary_encode(), pa.array(values[3:]).dictionary_encode()]),
    ):
        assert groups_of(pa.table({"by": column}), "by").tolist() == [0, 1, 2, 2, 3, 1]
    with pytest.raises(CurateError, match="no plain values"):
        groups_of(pa.table({"by": [["a"], []]}), "by")


def test_columns_carry_what_they_mean_through_a_file(tmp_path):
    scored = with_scores(of(("a", "b c")), ["length", "refusal"])
    table.write(scored, tmp_path / "t.parquet")
    back = table.read([tmp_path / "t.parquet"])
    assert of_table(back)["length"].unit == "characters"
    assert with_scores(back, ["length", "refusal"]) is back  # nothing to do again
    clash = back.rename_columns([{"length": "x", "turns": "length"}.get(n, n) for n in back.column_names])
    with pytest.raises(CurateError, match="'length'"):
        with_scores(clash, ["length"])


def test_names_suggest_the_nearest():
    assert registry.names(["length,lexical"])[:2] == ["length", "prompt_length"]
    with pytest.raises(CurateError, match="did you mean 'length'"):
        registry.names(["lenght"])


def test_profanity_takes_a_list(tmp_path):
    (tmp_path / "words").write_text("# mine\ndarn\n", "utf-8")
    found = with_scores(of(("a", "Darn, darning!")), ["profanity"], Score(words=str(tmp_path / "words")))
    assert found["profanity"].to_pylist() == [1]
