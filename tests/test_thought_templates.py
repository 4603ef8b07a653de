"""Thoughts in the form of each prompt template: published texts, what is trained on, and prompts that fit."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reasoning import CHOICES, DROP, INLINE, KEEP, MASK, chosen
from schemas.record import Conversation, Message
from schemas.templates import TEMPLATES, prompt, render
from schemas.trainable import Untrainable

ASKED, AGAIN = Message("user", "6 × 7?"), Message("user", "再加一？")
FIRST, SECOND = Message("assistant", "42", "six sevens"), Message("assistant", "四十三", "四十二加一")
THINK = "<think>\n{}\n</think>\n\n"
EMPTY = THINK.format("")


def trained(rendered) -> list[str]:
    return [rendered.text[span.start : span.end] for span in rendered.spans]


def talk(*messages: Message) -> Conversation:
    return Conversation(list(messages))


PUBLISHED = {
    "qwen3": (
        "<|im_start|>user\n6 × 7?<|im_end|>\n<|im_start|>assistant\n",
        THINK.format("six sevens") + "42<|im_end|>\n",
    ),
    "deepseek_r1": ("<s><｜User｜>6 × 7?<｜Assistant｜><think>\n", "six sevens\n</think>\n\n42</s>"),
    "gpt_oss": (
        TEMPLATES["gpt_oss"].prefix + "<|start|>user<|message|>6 × 7?<|end|><|start|>assistant",
        "<|channel|>analysis<|message|>six sevens<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>",
    ),
}
THINKING = sorted(PUBLISHED)


@pytest.mark.parametrize("name", THINKING)
def test_a_template_has_its_own_form_of_a_thought(name):
    before, reply = PUBLISHED[name]
    for form in ("", "reasoning_content", "<think>{thought}</think>"):
        row = talk(ASKED, Message("assistant", "42", "six sevens", form))
        rendered = render(row, TEMPLATES[name], "<s>", "</s>")
        assert (rendered.text, trained(rendered)) == (before + reply, [reply])
    assert prompt(talk(ASKED), TEMPLATES[name], "<s>", "</s>", thinks=True) == before
    assert {name for name, template in TEMPLATES.items() if template.thinking} == set(PUBLISHED)


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - set(PUBLISHED)))
def test_elsewhere_a_thought_is_text_with_the_marks_of_the_row(name):
    for form, marks in (("", THINK), ("thinking", THINK), ("<think>{thought}</think>", "<think>{}</think>")):
        row = talk(ASKED, Message("assistant", "42", "six sevens", form))
        (reply,) = trained(render(row, TEMPLATES[name], "<s>", "</s>"))
        assert reply.strip().startswith(marks.format("six sevens") + "42")


@pytest.mark.parametrize("name", THINKING)
def test_thoughts_before_the_last_user_turn_are_forgotten_and_named(name):
    row = talk(ASKED, FIRST, AGAIN, SECOND)
    rendered = render(row, TEMPLATES[name], "<s>", "</s>")
    assert "six sevens" not in rendered.text and "四十二加一" in rendered.text
    (unsaid,) = rendered.unsaid
    assert str(unsaid) == (
        "$.messages[1].reasoning: the template leaves out thoughts before the last user turn; "
        "--reasoning inline makes them text"
    )
    without = render(talk(ASKED, Message("assistant", "42"), AGAIN, SECOND), TEMPLATES[name], "<s>", "</s>")
    assert (without.text, without.spans) == (rendered.text, rendered.spans)
    inline = trained(render(chosen(row, INLINE), TEMPLATES[name], "<s>", "</s>"))
    assert all(THINK.format(m.reasoning) + m.content in reply for m, reply in zip((FIRST, SECOND), inline, strict=True))


def test_thoughts_between_the_calls_of_the_last_exchange_are_kept():
    call = json.dumps([{"type": "function", "function": {"name": "times", "arguments": "{}"}}])
    row = talk(ASKED, Message("assistant", "", "look it up", tool_calls=call), Message("tool", "42"), FIRST)
    assert [reply.partition("</think>")[0] for reply in trained(render(row, TEMPLATES["qwen3"]))] == [
        "<think>\nlook it up\n",
        "<think>\nsix sevens\n",
    ]


# What a model is trained on, for any conversation, template and choice.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>|"), min_size=1, max_size=12)
FORMS = st.sampled_from(
    ["", "reasoning_content", "thinking", "<think>{thought}</think>", " <think>\n{thought}</think>\n"]
)


@st.composite
def conversations(draw) -> Conversation:
    turns = [Message("system", "§s§")] if draw(st.booleans()) else []
    for i in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["none", "empty", "thought"]))
        thought = {"none": None, "empty": "", "thought": f"¶{i}{draw(TEXTS)}¶"}[kind]
        form = draw(FORMS) if thought is not None else ""
        weight = draw(st.sampled_from([None, None, 0, 0.5]))
        reply = Message("assistant", f"§{i}{draw(TEXTS)}§", thought, form, weight=weight)
        turns += [Message("user", f"?{i}{draw(TEXTS)}"), reply]
    return Conversation(turns)


@settings(max_examples=150, deadline=None)
@given(conversations(), st.sampled_from(sorted(TEMPLATES)), st.sampled_from(CHOICES))
def test_trained_on_are_the_answers_and_the_thoughts_that_are_kept(conversation, name, choice):
    template = TEMPLATES[name]
    rendered = render(chosen(conversation, choice), template, "<s>", "</s>")
    replies = [(i, m) for i, m in enumerate(conversation.messages) if m.role == "assistant"]
    last_user = max(i for i, m in enumerate(conversation.messages) if m.role == "user")
    learnt = "".join(trained(rendered))
    for i, message in replies:
        is_trained = message.weight != 0
        forgotten = template.forgets and i < last_user and choice in (KEEP, MASK)
        assert learnt.count(message.content) == is_trained
        if message.reasoning:
            is_written = choice != DROP and not forgotten
            assert rendered.text.count(message.reasoning) == is_written
            assert learnt.count(message.reasoning) == (is_written and is_trained and choice != MASK)
    # No empty thought is learnt but those that rows have, and that the choice and the template keep.
    empties = re.findall(r"<think>\s*</think>|<\|channel\|>analysis<\|message\|><\|end\|>", learnt)
    kept = [
        m
        for i, m in replies
        if m.reasoning == ""
        and m.weight != 0
        and (choice == INLINE or (choice == KEEP and not (template.forgets and i < last_user)))
    ]
    assert len(empties) == sum(1 for m in kept if choice == INLINE or not template.given)
    marks = "§s§" if conversation.messages[0].role == "system" else "?0"
    assert marks not in learnt
    assert [span.weight for span in rendered.spans] == [m.weight or 1 for i, m in replies if m.weight != 0]
    assert len(rendered.unsaid) == sum(
        1 for i, m in replies if m.reasoning and template.forgets and i < last_user and choice in (KEEP, MASK)
    )


@pytest.mark.parametrize("name", THINKING)
def test_a_thought_without_an_answer_is_never_trained_on(name):
    with pytest.raises(Untrainable, match="a thought and no answer"):
        render(talk(ASKED, Message("assistant", "", "hm")), TEMPLATES[name])


@pytest.mark.parametrize("name", TEMPLATES)
def test_masked_thoughts_are_written_and_not_trained_on(name):
    row = chosen(talk(ASKED, FIRST), MASK)
    rendered = render(row, TEMPLATES[name], "<s>", "</s>")
    kept = render(talk(ASKED, FIRST), TEMPLATES[name], "<s>", "</s>")
    assert rendered.text == kept.text
    (reply,) = trained(rendered)
    assert "42" in reply and "six sevens" not in reply and "think" not in reply
