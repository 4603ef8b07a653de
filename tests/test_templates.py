"""Prompt templates: byte for byte what is published, and the laws that every one of them keeps."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.record import Conversation, Message
from schemas.template_table import Template, Tools
from schemas.template_tools import slots
from schemas.templates import TEMPLATES, lookup, prompt, render
from schemas.trainable import Untrainable

BOS, EOS = "<BOS>", "<EOS>"
ALPACA = "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
QWEN = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
SYSTEM, FIRST, SECOND = (
    ("system", "Be brief."),
    [("user", "1+1?"), ("assistant", "2")],
    [("user", "加一"), ("assistant", "三")],
)


def talk(*turns: tuple[str, str], **fields) -> Conversation:
    return Conversation([Message(role, content) for role, content in turns], **fields)


def text_of(name: str, conversation: Conversation) -> str:
    return render(conversation, TEMPLATES[name], BOS, EOS).text


def trained_spans(name: str, conversation: Conversation) -> list[str]:
    rendered = render(conversation, TEMPLATES[name], BOS, EOS)
    return [rendered.text[span.start : span.end] for span in rendered.spans]


ONE = "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n"
TWO = "<|im_start|>user\n加一<|im_end|>\n<|im_start|>assistant\n三<|im_end|>\n"
NO_THOUGHT = "<think>\n\n</think>\n\n"
HARMONY = (
    "<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\n"
    "Knowledge cutoff: 2024-06\n\nReasoning: medium\n\n"
    "# Valid channels: analysis, commentary, final. Channel must be included for every message.<|end|>"
)
BRIEF = "<|im_start|>system\nBe brief.<|im_end|>\n"
# name: without a system turn, with one, and what the second exchange adds.
EXPECTED = {
    "alpaca": (
        f"{ALPACA}### Instruction:\n1+1?\n\n### Response:\n2<EOS>\n\n",
        "Be brief.### Instruction:\n1+1?\n\n### Response:\n2<EOS>\n\n",
        "### Instruction:\n加一\n\n### Response:\n三<EOS>\n\n",
    ),
    "alpaca_input": (
        f"{ALPACA}### Instruction:\n1+1?\n\n### Response:2<EOS>",
        "Be brief.\n\n### Instruction:\n1+1?\n\n### Response:2<EOS>",
        "### Instruction:\n加一\n\n### Response:三<EOS>",
    ),
    "chatml": (
        ONE,
        BRIEF + ONE,
        TWO,
    ),
    "deepseek": (
        "<BOS>User: 1+1?\n\nAssistant:2<EOS>",
        "<BOS>Be brief.\n\nUser: 1+1?\n\nAssistant:2<EOS>",
        "User: 加一\n\nAssistant:三<EOS>",
    ),
    "deepseek3": (
        "<BOS><｜User｜>1+1?<｜Assistant｜>2<EOS>",
        "<BOS>Be brief.<｜User｜>1+1?<｜Assistant｜>2<EOS>",
        "<｜User｜>加一<｜Assistant｜>三<EOS>",
    ),
    "deepseek_r1": (
        f"<BOS><｜User｜>1+1?<｜Assistant｜>{NO_THOUGHT}2<EOS>",
        f"<BOS>Be brief.<｜User｜>1+1?<｜Assistant｜>{NO_THOUGHT}2<EOS>",
        f"<｜User｜>加一<｜Assistant｜>{NO_THOUGHT}三<EOS>",
    ),
    "default": (
        "Human: 1+1?<EOS>\nAssistant:2<EOS>\n",
        "System: Be brief.<EOS>\nHuman: 1+1?<EOS>\nAssistant:2<EOS>\n",
        "Human: 加一<EOS>\nAssistant:三<EOS>\n",
    ),
    "gemma": (
        "<BOS><start_of_turn>user\n1+1?<end_of_turn>\n<start_of_turn>model\n2<end_of_turn>\n",
        "<BOS><start_of_turn>user\nBe brief.\n\n1+1?<end_of_turn>\n<start_of_turn>model\n2<end_of_turn>\n",
        "<start_of_turn>user\n加一<end_of_turn>\n<start_of_turn>model\n三<end_of_turn>\n",
    ),
    "gpt_oss": (
        f"{HARMONY}<|start|>user<|message|>1+1?<|end|><|start|>assistant<|channel|>final<|message|>2<|end|>",
        f"{HARMONY}<|start|>developer<|message|># Instructions\n\nBe brief.\n\n<|end|>"
        "<|start|>user<|message|>1+1?<|end|><|start|>assistant<|channel|>final<|message|>2<|end|>",
        "<|start|>user<|message|>加一<|end|><|start|>assistant<|channel|>final<|message|>三<|end|>",
    ),
    "llama3": (
        "<BOS><|start_header_id|>user<|end_header_id|>\n\n1+1?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n2<|eot_id|>",
        "<BOS><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\n1+1?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n2<|eot_id|>",
        "<|start_header_id|>user<|end_header_id|>\n\n加一<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n三<|eot_id|>",
    ),
    "ministral": (
        "<BOS>[INST]1+1?[/INST]2<EOS>",
        "<BOS>[INST]Be brief.\n\n1+1?[/INST]2<EOS>",
        "[INST]加一[/INST]三<EOS>",
    ),
    "mistral": (
        "<BOS>[INST] 1+1?[/INST] 2<EOS>",
        "<BOS>[INST] Be brief.\n\n1+1?[/INST] 2<EOS>",
        "[INST] 加一[/INST] 三<EOS>",
    ),
    "mistral_small": (
        "<BOS>[INST]1+1?[/INST]2<EOS>",
        "<BOS>[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]1+1?[/INST]2<EOS>",
        "[INST]加一[/INST]三<EOS>",
    ),
    "phi4": (
        "<|im_start|>user<|im_sep|>1+1?<|im_end|><|im_start|>assistant<|im_sep|>2<|im_end|>",
        "<|im_start|>system<|im_sep|>Be brief.<|im_end|>"
        "<|im_start|>user<|im_sep|>1+1?<|im_end|><|im_start|>assistant<|im_sep|>2<|im_end|>",
        "<|im_start|>user<|im_sep|>加一<|im_end|><|im_start|>assistant<|im_sep|>三<|im_end|>",
    ),
    "qwen": (
        f"<|im_start|>system\n{QWEN}<|im_end|>\n{ONE}",
        BRIEF + ONE,
        TWO,
    ),
    "qwen3": (
        "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n2<|im_end|>\n",
        "<|im_start|>system\nBe brief.<|im_end|>\n"
        "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n2<|im_end|>\n",
        "<|im_start|>user\n加一<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n三<|im_end|>\n",
    ),
    "qwen3_nothink": (
        ONE,
        BRIEF + ONE,
        TWO,
    ),
    "smollm2": (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n" + ONE,
        BRIEF + ONE,
        TWO,
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_writes_its_published_text(name):
    without, with_system, more = EXPECTED[name]
    # The last reply of all ends in another token in Harmony.
    end = {"gpt_oss": ("<|end|>", "<|return|>")}.get(name, ("", ""))

    def whole(text: str) -> str:
        return text.removesuffix(end[0]) + end[1]

    assert text_of(name, talk(*FIRST)) == whole(without)
    assert text_of(name, talk(SYSTEM, *FIRST)) == whole(with_system)
    assert text_of(name, talk(*FIRST, *SECOND)) == whole(without + more)
    assert text_of(name, talk(SYSTEM, *FIRST, *SECOND)) == whole(with_system + more)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_prompt_is_the_beginning_of_the_text_that_was_learnt(name):
    whole = render(talk(SYSTEM, *FIRST, *SECOND), TEMPLATES[name], BOS, EOS)
    assert prompt(talk(SYSTEM, *FIRST, SECOND[0]), TEMPLATES[name], BOS, EOS) == whole.text[: whole.spans[-1].start]


def test_alpacas_own_prompt_has_a_block_for_the_input():
    row = talk(("user", "Translate.\nGuten Tag"), ("assistant", "Hello"), boundary=len("Translate."))
    assert text_of("alpaca_input", row) == (
        "Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a response that appropriately completes the request.\n\n"
        "### Instruction:\nTranslate.\n\n### Input:\nGuten Tag\n\n### Response:Hello<EOS>"
    )
    assert text_of("alpaca", row) == f"{ALPACA}### Instruction:\nTranslate.\nGuten Tag\n\n### Response:\nHello<EOS>\n\n"
    row.boundary = None
    assert "### Input:" not in text_of("alpaca_input", row)


TOOL = {"name": "weather", "description": "天气", "parameters": {"type": "object", "properties": {
    "city": {"type": "string", "description": "which"},
    "days": {"type": "array", "items": {"type": "integer"}, "enum": [1, 2]},
}, "required": ["city"]}}  # fmt: skip
CALL = json.dumps([{"type": "function", "function": {"name": "weather", "arguments": '{"city":"北京"}'}}])
CALLS = json.dumps([{"type": "function", "function": {"name": name, "arguments": {"n": 1}}} for name in "ab"])
LINE = json.dumps({"type": "function", "function": TOOL}, ensure_ascii=False)
INDENTED = json.dumps({"type": "function", "function": TOOL}, ensure_ascii=False, indent=4)


def with_calls(*, content: str = "", calls: str = CALL, results: int = 1) -> Conversation:
    turns = [Message("user", "?"), Message("assistant", content, tool_calls=calls)]
    turns += [Message("tool", f'{{"r": {i}}}') for i in range(results)]
    return Conversation([*turns, Message("assistant", "sunny")], tools=json.dumps([TOOL]))


def test_tools_are_written_as_qwen_writes_them():
    text = text_of("qwen", with_calls(results=2))
    assert text.startswith(f"<|im_start|>system\n{QWEN}\n\n# Tools\n\nYou may call one or more functions")
    assert f"within <tools></tools> XML tags:\n<tools>\n{LINE}\n</tools>\n\nFor each function call" in text
    assert text.endswith(
        "<|im_start|>user\n?<|im_end|>\n<|im_start|>assistant\n"
        '<tool_call>\n{"name": "weather", "arguments": {"city": "北京"}}\n</tool_call><|im_end|>\n'
        '<|im_start|>user\n<tool_response>\n{"r": 0}\n</tool_response>\n<tool_response>\n{"r": 1}\n</tool_response>'
        "<|im_end|>\n<|im_start|>assistant\nsunny<|im_end|>\n"
    )
    assert text_of("qwen3_nothink", with_calls()).startswith("<|im_start|>system\n# Tools\n\n")


def test_tools_are_written_as_llama3_writes_them():
    text = text_of("llama3", with_calls())
    assert text.startswith(
        "<BOS><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
        "Today Date: 26 Jul 2024\n\nYou have access to the following functions."
    )
    assert f"Do not use variables.\n\n{INDENTED}\n\n<|eot_id|>" in text
    assert '\n\n{"name": "weather", "parameters": {"city": "北京"}}<|eot_id|>' in text
    assert '<|start_header_id|>ipython<|end_header_id|>\n\n{"r": 0}<|eot_id|>' in text
    assert '[{"name": "a", "parameters": {"n": 1}}, {"name": "b", "parameters": {"n": 1}}]<|eot_id|>' in text_of(
        "llama3", with_calls(calls=CALLS)
    )


@pytest.mark.parametrize("name", ["chatml", "default", "alpaca", "deepseek3"])
def test_tools_are_written_as_action_lines(name):
    text = text_of(name, with_calls(calls=CALLS))
    assert (
        "You have access to the following tools:\n> Tool Name: weather\nTool Description: 天气\nTool Args:\n"
        "  - city (string, required): which\n"
        "  - days (array): , should be one of [1, 2], where each item should be integer\n\n"
        "Use the following format if using a tool:\n```\nAction: tool name (one of [weather])\nAction Input: "
    ) in text
    assert trained_spans(name, with_calls(calls=CALLS))[0].startswith(
        'Action: a\nAction Input: {"n": 1}\nAction: b\nAction Input: {"n": 1}'
    )


def test_tools_are_written_as_mistral_writes_them():
    text = text_of("mistral", with_calls())
    assert text == (
        f"<BOS>[INST] [AVAILABLE_TOOLS] [{LINE}][/AVAILABLE_TOOLS]\n\n?[/INST]"
        '[TOOL_CALLS] [{"name": "weather", "arguments": {"city": "北京"}}]<EOS>'
        '[TOOL_RESULTS] {"content": {"r": 0}}[/TOOL_RESULTS] sunny<EOS>'
    )
    assert '[/INST][TOOL_CALLS][{"name"' in text_of("ministral", with_calls())


CALLING = [name for name, template in TEMPLATES.items() if template.tools]


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - set(CALLING)))
def test_a_template_without_tools_refuses_them_by_name(name):
    for conversation, path in (
        (with_calls(), r"\$.messages\[1\]: the turn has a call"),
        (talk(*FIRST, tools=json.dumps([TOOL])), r"\$.tools: the template gpt_oss offers no tools"),
    ):
        with pytest.raises(Untrainable, match=path):
            text_of(name, conversation)


@pytest.mark.parametrize("name", CALLING)
def test_a_turn_may_speak_and_call(name):
    said = trained_spans(name, with_calls(content="我看看。"))[0]
    assert "我看看。" in said
    assert "weather" in said.partition("我看看。")[2]


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize("tools", ["[]", "no JSON", '{"a": 1}', "[1, null]", '[{"function": 3, "type": "function"}]'])
def test_odd_tools_and_calls_are_written_somehow(name, tools):
    for calls in (tools, '[{"function": {"name": "f", "arguments": "no JSON"}}]', "[{}]"):
        conversation = with_calls(calls=calls)
        conversation.tools = tools
        assert "sunny" in text_of(name, conversation)


def test_a_thought_is_kept_and_only_a_missing_one_is_added():
    thinking = talk(("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nb"))
    assert trained_spans("qwen3", thinking) == ["<think>\nhm\n</think>\n\nb<|im_end|>\n"]


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if template.fused])
def test_a_system_text_without_a_user_turn_after_it_is_not_lost(name):
    assert text_of(name, talk(SYSTEM, ("assistant", "Hi"))).index("Be brief.") < text_of(
        name, talk(SYSTEM, ("assistant", "Hi"))
    ).index("Hi")
    assert "Late." in text_of(name, talk(*FIRST, ("system", "Late."), *SECOND))
    assert "Last." in text_of(name, talk(*FIRST, ("system", "Last.")))


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("ChatML", "chatml"),
        ("alpaca-input", "alpaca_input"),
        ("qwen-2.5", "qwen"),
        ("qwen_25", "qwen"),
        ("llama-3", "llama3"),
        ("deepseek_v3", "deepseek3"),
    ],
)
def test_templates_are_found_by_the_names_that_others_give_them(given_name, name):
    assert lookup(given_name).name == name


def test_a_mistyped_name_gets_a_suggestion():
    with pytest.raises(KeyError, match=r"no template is called 'chatlm'; did you mean 'chatml'\? templates are alpaca"):
        lookup("chatlm")


def test_the_table_names_known_slots_only():
    known_slots = {field: {"content", "bos", "eos"} for field in Template.__struct_fields__}
    known_slots["input"] = {"content", "input"}
    known_slots["thinking"] = {"thought"}
    tool_slots = {
        "offer": {"tools", "names"},
        "tool": {"json", "indented", "name", "description", "parameters"},
        "call": {"name", "quoted", "arguments"},
        "calls": {"calls"},
        "several": {"calls"},
    }
    for template in TEMPLATES.values():
        for field, text in msgspec.structs.asdict(template).items():
            if isinstance(text, str):
                assert set(slots(text)[1::2]) <= known_slots[field], (template.name, field)
            elif isinstance(text, Tools):
                for part, piece in msgspec.structs.asdict(text).items():
                    assert set(slots(piece)[1::2]) <= tool_slots.get(part, set()), (template.name, part)


# Contents that no template writes itself, so that each can be looked for; slots and special tokens among them.
ODD = [
    "{content}",
    "{eos}",
    "{bos}{input}",
    "<|im_end|>",
    "{{content}}",
    "### Response:\n",
    "\\1",
    "🙂👩‍👩‍👧",
    "你好，世界",
]
CONTENTS = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
ROLES = st.sampled_from(["system", "user", "assistant", "tool"])
WEIGHTS = st.sampled_from([None, 0, 0.5, 1, 2])


@st.composite
def conversations(draw) -> Conversation:
    turns = draw(st.lists(st.tuples(ROLES, CONTENTS, WEIGHTS), max_size=8))
    made = [Message(role, f"§{i}§{text}§", weight=weight) for i, (role, text, weight) in enumerate(turns)]
    return Conversation(made, boundary=draw(st.none() | st.integers(0, 10)))


@given(conversations(), st.sampled_from(sorted(TEMPLATES)), st.sampled_from(["", "</s>"]))
def test_laws(conversation, name, eos):
    template = TEMPLATES[name]
    if not template.tools:
        conversation.messages = [message for message in conversation.messages if message.role != "tool"]
    rendered = render(conversation, template, "<s>", eos)
    text, spans = rendered.text, rendered.spans
    at = 0
    for span in spans:
        assert at <= span.start < span.end <= len(text)
        at = span.end
    replies = [message for message in conversation.messages if message.role == "assistant" and message.weight != 0]
    assert [span.weight for span in spans] == [1 if m.weight is None else m.weight for m in replies]
    last = conversation.messages[-1] if conversation.messages else None
    slots_of = [template.last if m is last and template.last else template.assistant for m in replies]
    around = [[part.replace("{eos}", eos) for part in slot.split("{content}")] for slot in slots_of]
    said = [head + m.content + tail for m, (head, tail) in zip(replies, around, strict=True)]
    assert [text[span.start : span.end] for span in spans] == said
    for span, message in zip(spans, replies, strict=True):
        is_plain = "<think>" not in message.content and "</think>" not in message.content
        assert text[: span.start].endswith(template.reply + template.thought * is_plain)
    rest = "".join(text[a:b] for a, b in _between(spans, len(text)))
    for message in conversation.messages:
        if message in replies:
            assert message.content not in rest
        elif not template.input or conversation.boundary is None:
            assert message.content in rest
    assert render(conversation, template, "<s>", eos) == rendered


def _between(spans, length):
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), length]
    return zip(ends, starts, strict=True)
