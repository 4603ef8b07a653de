"""Values that stand for nothing, and names of fields, in place of an answer."""

from __future__ import annotations

import pytest

from curate.score.faults.registry import findings

VALUES = ("null", "undefined", "NaN", "nan", "<output>", "[]", "{}", '"null"', '[""]', '{"output": ""}', "Output:")
WORDS = ("None", "nil", "output", "response", "None.", "**None**")


def weight(prompt: str, response: str) -> bool | None:
    """Whether `placeholder` is certain; None where it is not found."""
    found = [finding for finding in findings(prompt, response) if finding.fault == "placeholder"]
    return found[0].certain if found else None


@pytest.mark.parametrize("response", VALUES + WORDS)
@pytest.mark.parametrize(
    "prompt",
    [
        "Explain why bread rises.",
        "How do I descale a kettle?",
        "Describe the function of the heart.",
        "解释一下编程中的递归。",
        "Give me three tips for a quiet office.",
        "Write a Python function that sorts a list.",
        "Write a story about a forgotten lighthouse.",
        "介绍一下苏州的园林。",
        "为什么秋天树叶会变黄？",
        "写一首关于春天的诗。",
        "用Java写一个排序函数。",
    ],
)
def test_no_text_that_was_asked_for_is_such_a_value(prompt, response):
    assert weight(prompt, response) is True


@pytest.mark.parametrize("prompt", ["What is the capital of Peru?", "Who painted Guernica?", "谁写了《红楼梦》？"])
def test_a_word_may_be_an_answer_where_a_value_is_none(prompt):
    assert all(weight(prompt, response) for response in VALUES)
    assert not any(weight(prompt, response) for response in WORDS)


@pytest.mark.parametrize(
    "prompt",
    [
        "Are there any primes between 24 and 28?",
        "Translate into Spanish: The shop is shut.",
        "这句话有没有语病？他走了。",
    ],
)
def test_where_nothing_may_be_right_a_value_is_a_suspicion_and_a_word_is_none(prompt):
    assert {weight(prompt, response) for response in VALUES} == {False}
    assert {weight(prompt, response) for response in WORDS} == {None}


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("What does `print('a')` return in Python?", "None"),
        ("What does dict.get return for a key that is not there?", "None"),
        ("What does parseInt('abc') give?", "NaN"),
        ("In JavaScript, what is a variable before it is assigned?", "undefined"),
        ("Which value does SQL use for what is not known?", "NULL"),
        ("Evaluate [x for x in range(0)].", "[]"),
        ("Create an empty dictionary.", "{}"),
        ("Write the JSON for an object without fields.", "{}"),
        ("Name the Ruby keyword for no value.", "nil"),
        ("Which HTML element shows the result of a calculation?", "<output>"),
        ("What is the slope of a vertical line?", "undefined"),
        ("What is 4 divided by 0?", "Undefined"),
        ("Extract the phone numbers: Call me at noon.", "[]"),
        ("Which of these birds can swim under ice: robin, wren?", "None"),
        ("How many of the lamps are lit?", "None"),
        ("Does the report name any side effects?", "None."),
        ("Find the spelling mistakes: The cat sat.", "None"),
        ("Who signed the letter? If unknown, answer null.", "null"),
        ("Give the author, or null when there is none.", "null"),
        ("If unknown, answer N/A. Who built the bridge?", "N/A"),
        ("Give an antonym of input.", "Output"),
        ("Stimulus and ___: fill in the blank.", "response"),
        ("How do you say zero in German?", "null"),
        ("Wie viel ist drei minus drei?", "Null"),
        ("Python中没有返回语句的函数返回什么？", "None"),
        ("找出句子里的错别字：今天天气很好。", "None"),
        ("提取文中的日期，没有则返回[]：今天下雨。", "[]"),
        ("如果没有答案，请回答null。谁来过？", "null"),
        ("“输入”的反义词是什么？", "输出"),
        ("数学中1除以0是多少？", "undefined"),
    ],
)
def test_prompts_that_such_a_value_answers(prompt, response):
    assert not findings(prompt, response)


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a function that finds null bytes in a file.",
        "Implement quicksort in Java.",
        "Generate the colours as a JSON list.",
        "Describe what this code prints: print([].sort())",
    ],
)
def test_work_that_may_end_in_such_a_value_is_at_most_a_suspicion(prompt):
    assert not weight(prompt, "null")


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("What is the name of your grandmother?", "Nan"),
        ("What is “mathematics” in Chinese?", "“数学”"),
        ("用一个词形容春天。", "“生机”"),
        ("Name the river of Paris.", "‘Seine’"),
    ],
)
def test_names_and_quoted_words_are_certainly_answers(prompt, response):
    assert not any(finding.certain for finding in findings(prompt, response))


def test_an_answer_in_curly_quotes_has_no_fault():
    assert not findings("“mathematics”用中文怎么说？", "“数学”") and not findings("Which word is it?", "“yes”")


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("Give me a paragraph of lorem ipsum.", "Lorem ipsum dolor sit amet, consectetur adipiscing elit."),
        ("I need sample text for a page mock-up.", "Lorem ipsum dolor sit amet, consectetur adipiscing elit."),
        ("给我一段排版用的假文。", "Lorem ipsum dolor sit amet, consectetur adipiscing elit."),
    ],
)
def test_filler_text_that_was_asked_for_has_no_fault(prompt, response):
    assert not findings(prompt, response)
