"""Rows of every format as hypothesis makes them up: valid ones, with the oddities that files in the wild have."""

from __future__ import annotations

import json
import re

from hypothesis import strategies as st

TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip),
    st.sampled_from(
        [
            "2",
            "你好，世界",
            "a\nb",
            "<|im_end|>",
            '{"a": 1}',
            "\u2028 x",
            "é\u0301",
            "\x00y",
            "🙂",
            "a\\/b",
            "{content}",
        ]
    ),
)
MAYBE = st.one_of(st.just(""), TEXT)
HEADS = [
    "<think>\n你好\n</think>\n\n",
    "<think>hm</think>",
    " \n<think> \n</think>\t",
    "<think>{thought}</think>",
]
REPLY = st.one_of(TEXT, TEXT, TEXT, TEXT, st.tuples(st.sampled_from(HEADS), TEXT).map("".join))
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), TEXT
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
NAME = st.sampled_from(
    ["topic", "score", "指标", "note a", "meta", "output", "content", "task", "history", "name", "x.y"]
)
METADATA = {"system": MAYBE, "category": TEXT, "source": TEXT, "id": st.one_of(TEXT, st.integers()), "topic": JSON}
HISTORY = st.one_of(st.none(), st.lists(st.tuples(TEXT, TEXT).map(list), max_size=2))


def flat(required: dict, optional: dict) -> st.SearchStrategy[dict]:
    """Objects with these fields, some metadata and perhaps a field of any name."""
    row = st.fixed_dictionaries(required, optional={**optional, **METADATA})
    return st.tuples(row, st.dictionaries(NAME, JSON, max_size=1)).map(lambda pair: {**pair[1], **pair[0]})


ALPACA = flat({"instruction": TEXT, "output": REPLY}, {"input": st.one_of(st.none(), MAYBE), "history": HISTORY})
DOLLY = flat({"instruction": TEXT, "response": REPLY}, {"context": st.one_of(st.none(), MAYBE)})
SELF_INSTRUCT = st.one_of(
    flat({"task": JSON, "instruction": TEXT, "output": TEXT}, {"input": MAYBE}),
    flat(
        {
            "instruction": TEXT,
            "instances": st.lists(st.fixed_dictionaries({"input": MAYBE, "output": TEXT}), min_size=1, max_size=2),
        },
        {"name": JSON, "is_classification": JSON},
    ),
    flat({"prompt": TEXT, "completion": TEXT}, {}),
)
INSTRUCTION_JSON = flat({"input_text": TEXT, "target_text": TEXT}, {})


def conversations(
    pair: st.SearchStrategy[list[dict]], system: st.SearchStrategy[dict]
) -> st.SearchStrategy[list[dict]]:
    """Lists of turns: perhaps a system turn, then exchanges."""
    return st.tuples(st.lists(system, max_size=1), st.lists(pair, min_size=1, max_size=3)).map(
        lambda parts: parts[0] + [turn for exchange in parts[1] for turn in exchange]
    )


def turn(
    sender: str, text: str, roles: list[str], optional: dict, says: st.SearchStrategy[str] = TEXT
) -> st.SearchStrategy[dict]:
    """One turn whose role is any of these, perhaps with a field of any name."""
    fields = st.fixed_dictionaries({sender: st.sampled_from(roles), text: says}, optional=optional)
    return st.tuples(fields, st.dictionaries(NAME, JSON, max_size=1)).map(
        lambda pair: {**{k: v for k, v in pair[1].items() if k not in ("content", "name")}, **pair[0]}
    )


CALL = st.fixed_dictionaries({"name": TEXT, "arguments": st.dictionaries(TEXT, JSON, max_size=2)})
# Two thoughts of a turn that differ are a problem, one in the text and one in a field as well, so that both are rare.
THOUGHT = {"reasoning_content": st.one_of(MAYBE, JSON), "thinking": st.sampled_from(["", " ", None, 3, {"a": "b"}])}
FROM = {"weight": st.sampled_from([0, 1, 0.5]), **THOUGHT}
SHAREGPT_PAIR = st.one_of(
    st.tuples(
        turn("from", "value", ["human", "user"], {}),
        turn("from", "value", ["gpt", "assistant", "chatgpt"], FROM, REPLY),
    ),
    st.tuples(
        turn("from", "value", ["human"], {}),
        CALL.map(lambda call: {"from": "function_call", "value": json.dumps(call, ensure_ascii=False)}),
        turn("from", "value", ["observation", "tool"], {}),
        turn("from", "value", ["gpt"], {}),
    ),
).map(list)
SHAREGPT = st.tuples(
    flat({"conversations": conversations(SHAREGPT_PAIR, turn("from", "value", ["system"], {}))}, {"tools": TEXT}),
    st.booleans(),
).map(lambda pair: {k: v for k, v in pair[0].items() if k != "system" or pair[1]})

ROLE = {"name": TEXT, **THOUGHT}
# The weight of a turn under any of its names, which agree.
WEIGHTS = {"weight": [0, 1], "loss_weight": [0.0, 1.0], "loss": [False, True], "train": [False, True]}
WEIGHED = st.tuples(st.lists(st.sampled_from(sorted(WEIGHTS)), max_size=2, unique=True), st.integers(0, 1)).map(
    lambda pair: {name: WEIGHTS[name][pair[1]] for name in pair[0]}
)
ASSISTANT = st.tuples(turn("role", "content", ["assistant"], ROLE, REPLY), WEIGHED).map(lambda pair: pair[0] | pair[1])
CONTENT_PARTS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}),
        st.fixed_dictionaries({"type": st.just("image_url"), "image_url": JSON}),
    ),
    min_size=1,
    max_size=2,
)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.just("function"),
            "function": st.fixed_dictionaries(
                {"name": TEXT, "arguments": st.dictionaries(TEXT, JSON, max_size=2).map(json.dumps)}
            ),
        },
        optional={"id": TEXT},
    ),
    min_size=1,
    max_size=2,
)


# A call as LLaMA-Factory and OpenAI's Responses API write it among parts; Anthropic's rows are made below.
CALL_PART = st.one_of(
    CALL.map(lambda call: {"type": "tool_call", "value": json.dumps(call, ensure_ascii=False)}),
    st.tuples(CALL, TEXT).map(
        lambda drawn: {
            "type": "function_call",
            "call_id": drawn[1],
            **drawn[0],
            "arguments": json.dumps(drawn[0]["arguments"]),
        }
    ),
)
OTHER_CALLING = st.one_of(
    CALL.map(lambda call: {"role": "assistant", "content": None, "function_call": call}),
    st.tuples(TEXT, CALL_PART).map(
        lambda drawn: {"role": "assistant", "content": [{"type": "text", "text": drawn[0]}, drawn[1]]}
    ),
)


def answered(turns: tuple[dict, ...]) -> list[dict]:
    """The turns with a result for each id of a call, and one without an id where a call has none."""
    asked, called, result, told = turns
    ids = dict.fromkeys(call.get("id") for call in called["tool_calls"])
    results = [{**result, "tool_call_id": name} for name in ids if name] or [result]
    return [asked, called, *results, *([result] if None in ids and any(ids) else []), told]


SFT_PAIR = st.one_of(
    st.tuples(turn("role", "content", ["user", "human"], {}), ASSISTANT),
    st.tuples(
        st.fixed_dictionaries({"role": st.just("user"), "content": CONTENT_PARTS}),
        ASSISTANT,
    ),
    st.tuples(
        turn("role", "content", ["user"], {}),
        st.fixed_dictionaries(
            {"role": st.just("assistant"), "content": st.one_of(st.none(), REPLY), "tool_calls": CALLS},
            optional=THOUGHT,
        ),
        turn("role", "content", ["tool"], {}),
        turn("role", "content", ["assistant"], {}),
    ).map(answered),
    st.tuples(
        turn("role", "content", ["user"], {}),
        OTHER_CALLING,
        turn("role", "content", ["tool"], {}),
        turn("role", "content", ["assistant"], {}),
    ),
).map(list)
MESSAGES = conversations(SFT_PAIR, turn("role", "content", ["system", "developer"], {}))
SFT = flat({"messages": MESSAGES}, {"tools": st.lists(JSON, min_size=1, max_size=2)})
TEXT_TURN = TEXT.filter(lambda text: "<|im_" not in text)
CHATML_TEXT = st.lists(st.tuples(TEXT_TURN, TEXT_TURN), min_size=1, max_size=2).map(
    lambda pairs: {
        "text": "".join(f"<|im_start|>user\n{a}<|im_end|>\n<|im_start|>assistant\n{b}<|im_end|>\n" for a, b in pairs)
    }
)
CHATML = st.one_of(MESSAGES, SFT, CHATML_TEXT)

MS_SWIFT = flat({"query": TEXT, "response": REPLY}, {"history": HISTORY})
XTUNER_TURN = st.fixed_dictionaries(
    {"input": TEXT, "output": REPLY}, optional={"output_with_loss": st.booleans(), "topic": JSON, **THOUGHT}
)
XTUNER = st.tuples(flat({"conversation": st.lists(XTUNER_TURN, min_size=1, max_size=2)}, {}), MAYBE).map(
    lambda pair: (
        pair[0]
        if pair[0].get("system")
        else pair[0]
        | {
            "conversation": [
                {"system": pair[1], **turn} if not i else turn for i, turn in enumerate(pair[0]["conversation"])
            ]
        }
    )
)
FIREFLY_TURN = st.fixed_dictionaries({"human": TEXT, "assistant": REPLY}, optional={"topic": JSON, **THOUGHT})
FIREFLY = flat({"conversation": st.lists(FIREFLY_TURN, min_size=1, max_size=2)}, {})
TRL = SFT.map(lambda row: _prompt_and_completion(row))
BLOCK_PAIR = st.tuples(
    TEXT,
    st.lists(MAYBE.map(lambda text: {"type": "thinking", "thinking": text, "signature": "s"}), max_size=1),
    st.lists(
        st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}, optional={"cache_control": JSON}),
        min_size=1,
        max_size=2,
    ),
    st.lists(st.dictionaries(TEXT, JSON, max_size=2), max_size=2),
    st.one_of(TEXT, st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}).map(lambda part: [part])),
)


def _anthropic_turns(pair: tuple) -> list[dict]:
    prompt, thinking, said, calls, result = pair
    uses = [{"type": "tool_use", "id": f"t{i}", "name": "look", "input": value} for i, value in enumerate(calls)]
    answers = [{"type": "tool_result", "tool_use_id": use["id"], "content": result} for use in uses]
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": [*thinking, *said, *uses]}]
    return turns + ([{"role": "user", "content": answers}, {"role": "assistant", "content": "so"}] if uses else [])


def _gemini_turns(pair: tuple) -> list[dict]:
    prompt, thinking, said, calls, result = pair
    parts = [{"text": each["thinking"], "thought": True} for each in thinking]
    parts += [{k: v for k, v in each.items() if k != "type"} for each in said]
    parts += [{"functionCall": {"name": "look", "args": value}} for value in calls]
    answers = [{"functionResponse": {"name": "look", "response": {"result": result, **value}}} for value in calls]
    turns = [{"role": "user", "parts": [{"text": prompt}]}, {"role": "model", "parts": parts}]
    last = {"role": "model", "parts": [{"text": "so"}]}
    return turns + ([{"role": "user", "parts": answers}, last] if answers else [])


BLOCK_PAIRS = st.lists(BLOCK_PAIR, min_size=1, max_size=2)
SCHEMA_TOOLS = st.lists(st.fixed_dictionaries({"name": TEXT, "input_schema": JSON}), min_size=1, max_size=2)
ANTHROPIC = flat(
    {"messages": BLOCK_PAIRS.map(lambda pairs: [turn for pair in pairs for turn in _anthropic_turns(pair)])},
    {"tools": SCHEMA_TOOLS},
)
GEMINI = flat(
    {"contents": BLOCK_PAIRS.map(lambda pairs: [turn for pair in pairs for turn in _gemini_turns(pair)])},
    {"systemInstruction": TEXT.map(lambda text: {"parts": [{"text": text}]})},
).map(lambda row: {k: v for k, v in row.items() if k != "system" or "systemInstruction" not in row})
QUESTION_ANSWER = st.one_of(
    flat({"question": TEXT, "answer": REPLY}, {"context": st.one_of(st.none(), MAYBE)}),
    flat({"problem": TEXT, "solution": TEXT}, {"answer": TEXT}),
    flat({"指令": TEXT, "输出": REPLY}, {"输入": MAYBE}),
)


def _columns(turns: list[dict]) -> dict:
    """Turns as a list for each of their fields."""
    return {name: [turn.get(name) for turn in turns] for name in dict.fromkeys(name for turn in turns for name in turn)}


PLAIN_MESSAGES = conversations(
    st.tuples(turn("role", "content", ["user"], {}), turn("role", "content", ["assistant"], {}, REPLY)).map(list),
    turn("role", "content", ["system"], {}),
)
TURN_COLUMNS = st.one_of(
    SHAREGPT.map(lambda row: row | {"conversations": _columns(row["conversations"])}),
    PLAIN_MESSAGES.map(lambda turns: {"messages": _columns(turns)}),
    PLAIN_MESSAGES.map(_columns),
)
MARKED = re.compile(r"[<\[#]|USER|ASSISTANT")
UNMARKED_PAIR = st.tuples(*[TEXT.filter(lambda text: not MARKED.search(text))] * 2)
RENDERED = st.tuples(st.lists(UNMARKED_PAIR, min_size=1, max_size=2), st.integers(0, 3)).map(
    lambda drawn: {"text": "".join(RENDERED_PAIRS[drawn[1]].format(*pair) for pair in drawn[0])}
)
RENDERED_PAIRS = [
    "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n{}<|eot_id|>",
    "<start_of_turn>user\n{}<end_of_turn>\n<start_of_turn>model\n{}<end_of_turn>\n",
    "<s>[INST] {} [/INST] {}</s>",
    "### Human: {}\n### Assistant: {}\n",
]


def _tree(pairs: list[tuple[str, str]], others: list[str]) -> dict:
    """A tree of a path of exchanges, with other replies to the first prompt."""
    replies: list[dict] = []
    for prompt, reply in reversed(pairs):
        answer = {"text": reply, "role": "assistant", "rank": 0, "replies": replies}
        replies = [{"text": prompt, "role": "prompter", "lang": "en", "replies": [answer]}]
    worse = [{"text": text, "role": "assistant", "rank": 1 + i, "replies": []} for i, text in enumerate(others)]
    return {**replies[0], "replies": [*worse, *replies[0]["replies"]]}


OASST = st.tuples(
    flat({"message_tree_id": TEXT, "tree_state": TEXT}, {}),
    st.lists(st.tuples(TEXT, REPLY), min_size=1, max_size=2),
    st.lists(TEXT, max_size=2),
).map(lambda drawn: {**drawn[0], "prompt": _tree(drawn[1], drawn[2])})


def _prompt_and_completion(row: dict) -> dict:
    """A row of messages as TRL's two lists."""
    messages = row["messages"]
    at = max(i for i, turn in enumerate(messages) if turn["role"] in ("user", "human")) + 1
    rest = {name: value for name, value in row.items() if name != "messages"}
    return {**rest, "prompt": messages[:at], "completion": messages[at:]}


def _asked(turns: list[dict]) -> tuple[list[dict], list[dict]]:
    """(the turns up to the last of the user, those after it)."""
    at = max(i for i, turn in enumerate(turns) if turn.get("role", turn.get("from")) in ("user", "human")) + 1
    return turns[:at], turns[at:]


def _worse(turns: list[dict], text: str) -> list[dict]:
    """Another answer than these turns."""
    sender, said = ("role", "content") if "role" in turns[-1] else ("from", "value")
    return [{sender: turns[-1][sender], said: f"{text} (worse)"}]


def _dpo(drawn: tuple[dict, str, bool]) -> dict:
    row, text, implicit = drawn
    rest = {name: value for name, value in row.items() if name != "messages"}
    prompt, chosen = _asked(row["messages"])
    worse = _worse(chosen, text)
    if implicit:
        return {**rest, "chosen": prompt + chosen, "rejected": prompt + worse}
    return {**rest, "prompt": prompt, "chosen": chosen, "rejected": worse}


def _ranking(drawn: tuple[dict, str]) -> dict:
    row, text = drawn
    rest = {name: value for name, value in row.items() if name != "conversations"}
    prompt, chosen = _asked(row["conversations"])
    return {**rest, "conversations": prompt, "chosen": chosen[-1], "rejected": _worse(chosen, text)[0]}


TEXT_PAIR = {"chosen": REPLY, "rejected": TEXT.map(lambda text: f"{text} (worse)")}
DPO = st.one_of(
    st.tuples(SFT, TEXT, st.booleans()).map(_dpo),
    flat({"prompt": TEXT, **TEXT_PAIR}, {}),
    flat({"question": TEXT, **TEXT_PAIR}, {}),
)
RANKING = st.one_of(
    st.tuples(SHAREGPT, TEXT).map(_ranking),
    flat({"instruction": TEXT, **TEXT_PAIR}, {"input": st.one_of(st.none(), MAYBE), "history": HISTORY}),
)
JUDGED = st.booleans()
KTO = st.one_of(
    st.tuples(TRL, JUDGED).map(lambda drawn: {**drawn[0], "label": drawn[1]}),
    flat({"prompt": TEXT, "completion": REPLY, "label": JUDGED}, {}),
)
KTO_TAG = st.one_of(
    st.tuples(SHAREGPT, JUDGED).map(lambda drawn: {**drawn[0], "kto_tag": drawn[1]}),
    st.tuples(SFT, JUDGED, st.sampled_from(["label", "kto_tag"])).map(lambda drawn: {**drawn[0], drawn[2]: drawn[1]}),
    st.tuples(ALPACA, JUDGED).map(lambda drawn: {**drawn[0], "kto_tag": drawn[1]}),
)
ROWS = {
    "alpaca": ALPACA,
    "self-instruct": SELF_INSTRUCT,
    "dolly": DOLLY,
    "sharegpt": SHAREGPT,
    "sft": SFT,
    "chatml": CHATML,
    "instruction-json": INSTRUCTION_JSON,
    "trl": TRL,
    "ms-swift": MS_SWIFT,
    "xtuner": XTUNER,
    "firefly": FIREFLY,
    "turn-columns": TURN_COLUMNS,
    "rendered-text": RENDERED,
    "oasst": OASST,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
    "question-answer": QUESTION_ANSWER,
    "dpo": DPO,
    "ranking": RANKING,
    "kto": KTO,
    "kto-tag": KTO_TAG,
}
