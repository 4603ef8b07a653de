"""Forms that a prompt asks for: what is given passes, what is not is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.score.quality.requested_form import items, missed

PROSE = (
    "The harbour was built in three years by masons from the north, who stayed for the summer. Most of them settled."
)
HAN_PROSE = "港口由北方来的石匠用三年时间建成，他们整个夏天都留在那里。后来大多数人定居下来。"
TABLE = "| name | year |\n|---|---|\n| pier | 1902 |"


@pytest.mark.parametrize(
    ("wish", "good", "name"),
    [
        ("Return the result as JSON.", '{"year": 1902}', "JSON"),
        ("请以 JSON 格式返回。", '```json\n{"年份": 1902}\n```', "JSON"),
        ("Write the answer in XML.", "<year>1902</year>", "XML"),
        ("Give the answer in YAML.", "year: 1902\nplace: pier", "YAML"),
        ("Format it as CSV.", "name,year\npier,1902", "CSV"),
        ("Put it into a table.", TABLE, "table"),
        ("请整理成表格。", TABLE, "table"),
        ("Answer in one word.", "Masons", "one word"),
        ("只需回答一个词。", "石匠", "one word"),
        ("Only answer yes or no.", "Yes", "yes or no"),
        ("只需回答“是”或“否”。", "是", "yes or no"),
        ("Reply with just a number.", "1902", "number"),
        ("只给出一个数字。", "1902", "number"),
        ("Write it in capital letters.", "THE HARBOUR IS OLD.", "capital letters"),
        ("Use exactly four words.", "Masons built the harbour.", "so many words"),
        ("Use at most ten words.", "Masons from the north built it.", "at most so many words"),
        ("不超过10个字。", "石匠建成了港口。", "at most so many words"),
        ("Summarise it in one sentence.", "Masons from the north built it.", "one sentence"),
        ("请用英文回答。", PROSE, "in Latin letters"),
        ("Answer in Chinese.", HAN_PROSE, "in Chinese"),
        ("List five of the builders.", "1. Ann\n2. Bo\n3. Cy\n4. Di\n5. Ed", "so many items"),
        ("请列出五个人名。", "甲、乙、丙、丁、戊", "so many items"),
    ],
)
def test_a_form_that_is_given_passes_and_one_that_is_not_is_named(wish, good, name):
    bad = {
        "in Latin letters": HAN_PROSE,
        "so many items": "1. Ann\n2. Bo",
        "one sentence": f"{PROSE} Their houses still stand. Nobody knows their names.",
    }.get(name, PROSE)
    for prompt in (f"Who built the harbour?\n{wish}", f"{wish} Who built the harbour?"):
        assert missed(prompt, good) == []
        assert missed(prompt, bad) == [name]


@pytest.mark.parametrize(
    "prompt",
    [
        "What is JSON?",
        "Explain how a table of contents helps a reader.",
        "How is tin written in the periodic table?",
        "Is it true that one word can have two meanings?",
        "2019年以德语为母语的人数是多少？",
        "Generate a sentence about ten small ships.",
        "Read the notice. The museum has twelve rooms and nine guides. Who is the director?",
    ],
)
def test_a_prompt_that_speaks_of_a_form_does_not_ask_for_it(prompt):
    assert missed(prompt, PROSE) == []


@given(
    st.recursive(
        st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    )
)
def test_every_json_value_is_json(value):
    assert "JSON" not in missed("Return it as JSON.", json.dumps(value))


@given(st.integers(4, 12), st.integers(1, 12), st.sampled_from(["- {}", "{i}. {}", "{}", "({i}) {}"]))
def test_lists_are_short_when_a_quarter_is_missing(asked, given_items, shape):
    text = "\n".join(shape.format("pear tree", i=i) for i in range(1, given_items + 1))
    assert items(text) in (given_items, 0)
    short = "so many items" in missed(f"Name {asked} fruit trees.", text)
    assert short == (0 < items(text) < 0.75 * asked)
