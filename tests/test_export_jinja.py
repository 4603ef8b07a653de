"""The chat template of an export writes the text that the template writes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("transformers")

from curate.export.jinja import jinja
from curate.export.messages import messages
from schemas.record import Conversation, Message
from schemas.templates import TEMPLATES, prompt, render
from schemas.trainable import Untrainable

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(str.strip)
CONTENT = st.one_of(
    WORDS, st.sampled_from(["你好", "{{ x }}", "{content}", "{eos}", "<think>a</think>b", " a\n", "{% %}", "'\"\\"])
)


@st.composite
def conversations(draw):
    turns = []
    if draw(st.booleans()):
        turns.append(Message("system", draw(st.one_of(CONTENT, st.just("")))))
    for _ in range(draw(st.integers(1, 3))):
        thought = draw(st.one_of(st.none(), WORDS))
        turns += [Message("user", draw(CONTENT)), Message("assistant", draw(CONTENT), thought)]
    boundary = None
    if draw(st.booleans()):
        boundary = draw(st.integers(0, 3))
        turns[-2].content = turns[-2].content[:boundary].ljust(boundary, "x") + "\n" + draw(CONTENT)
    return Conversation(turns, boundary=boundary)


@pytest.fixture(scope="module")
def tokenizer():
    from tests import tiny_model

    return tiny_model.tokenizer()


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=60, deadline=None)
@given(conversation=conversations())
def test_jinja_writes_what_the_template_writes(tokenizer, name, conversation):
    template = TEMPLATES[name]
    tokenizer.chat_template = jinja(template)
    if template.thinking and not template.thinking.startswith("<think>"):  # not handed over, see the test below
        conversation.messages = [msgspec.structs.replace(m, reasoning=None) for m in conversation.messages]
    turns = messages(conversation, template)
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    assert text == render(conversation, template, "<s>", "</s>").text
    before = Conversation(conversation.messages[:-1], boundary=conversation.boundary)
    for thinks in (True, False):
        asked = tokenizer.apply_chat_template(
            turns[:-1], tokenize=False, add_generation_prompt=True, enable_thinking=thinks
        )
        assert asked == prompt(before, template, "<s>", "</s>", thinks)
    asked = tokenizer.apply_chat_template(turns[:-1], tokenize=False, add_generation_prompt=True)
    assert asked == prompt(before, template, "<s>", "</s>", thinks=True)


def test_a_thought_in_a_channel_of_its_own_is_not_handed_over():
    row = Conversation([Message("user", "一加一？"), Message("assistant", "二", "1 + 1")])
    with pytest.raises(
        Untrainable, match=r"\[1\].reasoning: the template gpt_oss writes thoughts apart from the reply"
    ):
        messages(row, TEMPLATES["gpt_oss"])
