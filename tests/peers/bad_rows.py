"""Rows that LLaMA-Factory's users have trouble with, and good ones, by the entry that they are read with."""

from __future__ import annotations

from typing import Any

ALPACA = {"columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}}
HISTORY = {"columns": {**ALPACA["columns"], "history": "history", "tools": "tools"}}
SHAREGPT = {"formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system", "tools": "tools"}}
BARE = {"formatting": "sharegpt"}
ROLES = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages"},
    "tags": {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    },
}
OPENAI = {**ROLES, "formatting": "openai", "columns": {"messages": "messages", "tools": "tools"}}
OPENAI["tags"] = {**ROLES["tags"], "observation_tag": "tool", "function_tag": "function_call"}

GOOD_ALPACA = {"instruction": "Name a prime.", "input": "", "output": "2", "system": "", "history": [], "tools": ""}
GOOD_CHAT = {
    "conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}],
    "system": "",
    "tools": "",
}
GOOD_MESSAGES = {"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2"}]}
TOOL = '[{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}}]'
CALL = '{"name": "f", "arguments": {"x": "1"}}'


def chat(*turns: tuple[Any, Any], **beside: Any) -> dict[str, Any]:
    return {"conversations": [{"from": sender, "value": text} for sender, text in turns], **beside}


def talk(*turns: tuple[Any, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


U, A, F, O, S = "human", "gpt", "function_call", "observation", "system"  # noqa: E741
# (entry, a good row that stands before and after, the rows)
CORPUS: list[tuple[dict[str, Any], dict[str, Any], list[Any]]] = [
    (
        HISTORY,
        GOOD_ALPACA,
        [
            GOOD_ALPACA,
            {"instruction": "把这句话翻译成英文。", "input": "今天很热。", "output": "It is hot today."},
            {"instruction": "No output."},
            {"instruction": "Null output.", "output": None},
            {"instruction": "Empty output.", "output": ""},
            {"instruction": "Blank output.", "output": " \n"},
            {"instruction": "", "output": "An answer to nothing."},
            {"output": "An answer to nothing."},
            {"instruction": None, "input": "The input alone.", "output": "yes"},
            {"instruction": "An object.", "output": {"answer": 2}},
            {"instruction": "A list.", "output": ["2"]},
            {"instruction": "A number.", "output": 2},
            {"instruction": "True.", "output": True},
            {"instruction": 7, "output": "seven"},
            {"instruction": "An input that is an object", "input": {"a": 1}, "output": "x"},
            {"instruction": "{{idx}} in the prompt", "output": "{{idx}} in the answer"},
            {"instruction": "{{content}} in the prompt", "output": "{{content}}"},
            {"instruction": "h", "output": "o", "history": [["a", "b"]]},
            {"instruction": "h", "output": "o", "history": [["a"]]},
            {"instruction": "h", "output": "o", "history": [["a", "b", "c"]]},
            {"instruction": "h", "output": "o", "history": [["a", None]]},
            {"instruction": "h", "output": "o", "history": [[]]},
            {"instruction": "h", "output": "o", "history": "earlier"},
            {"instruction": "h", "output": "o", "history": None},
            {"instruction": "s", "output": "o", "system": "Be brief."},
            {"instruction": "s", "output": "o", "system": None},
            {"instruction": "s", "output": "o", "system": 3},
            {"instruction": "s", "output": "o", "system": ["a"]},
            {"instruction": "t", "output": "o", "tools": TOOL},
            {"instruction": "t", "output": "o", "tools": "[]"},
            {"instruction": "t", "output": "o", "tools": "none"},
            {"instruction": "t", "output": "o", "tools": "{}"},
            {"instruction": "t", "output": "o", "tools": "5"},
            {"instruction": "t", "output": "o", "tools": "null"},
            {"instruction": "t", "output": "o", "tools": '"f"'},
            {"instruction": "t", "output": "o", "tools": '{"name": "f"}'},
            {"instruction": "t", "output": "o", "tools": '[{"name": "f"}]'},
            {"instruction": "t", "output": "o", "tools": '[{"name": "f", "parameters": {}}]'},
            {"instruction": "t", "output": "o", "tools": '[{"type": "function", "function": ' + TOOL[1:-1] + "}]"},
            {"instruction": "t", "output": "o", "tools": '[{"type": "function"}]'},
            {"instruction": "t", "output": "o", "tools": '["f"]'},
            {"instruction": "t", "output": "o", "tools": TOOL.replace('"string"', '"string", "enum": [1, 2]')},
            {"instruction": "t", "output": "o", "tools": TOOL.replace('"string"', '"string", "enum": ["a"]')},
            {"instruction": "t", "output": "o", "tools": TOOL.replace('"string"', '"array", "items": "string"')},
            {"instruction": "t", "output": "o", "tools": TOOL.replace('"f"', "7")},
            {"instruction": "t", "output": "o", "tools": [{"name": "f"}]},
            {"question": "other names", "answer": "2"},
            {},
            [],
            ["Name a prime.", "2"],
            "text",
            7,
            None,
        ],
    ),
    (
        ALPACA,
        GOOD_ALPACA,
        [
            {"instruction": "h", "output": "o", "history": [["a"]]},
            {"instruction": "t", "output": "o", "tools": "none"},
        ],
    ),
    (
        SHAREGPT,
        GOOD_CHAT,
        [
            chat((U, "a"), (A, "b")),
            chat((U, "你好"), (A, "您好！"), (U, "再见"), (A, "再见。")),
            chat((S, "Be brief."), (U, "a"), (A, "b")),
            chat((S, "Be brief.")),
            chat((S, None), (U, "a"), (A, "b")),
            chat(),
            chat((U, "a")),
            chat((A, "b")),
            chat((A, "b"), (U, "a")),
            chat((A, "hello"), (U, "a"), (A, "b")),
            chat((U, "a"), (U, "c"), (A, "b")),
            chat((U, "a"), (A, "b"), (A, "c")),
            chat((U, "a"), (A, "b"), (U, "c")),
            chat((U, "a"), (S, "x"), (A, "b")),
            chat((U, "a"), (A, "b"), (S, "x"), (A, "b")),
            chat(("hummany", "a"), (A, "b")),
            chat(("user", "a"), ("assistant", "b")),
            chat((U, "a"), ("chatgpt", "b")),
            chat((None, "a"), (A, "b")),
            chat((U, "a"), (None, "b")),
            chat((U, None), (A, "b")),
            chat((U, "a"), (A, None)),
            chat((U, ""), (A, "b")),
            chat((U, "a"), (A, "")),
            chat((U, "a"), (A, {"x": 1})),
            chat((U, "a"), (A, ["b"])),
            chat((U, 1), (A, "b")),
            chat((U, "{{idx}}"), (A, "b")),
            chat((U, "a"), (F, CALL), (O, "r"), (A, "b"), tools=TOOL),
            chat((U, "a"), (F, f"[{CALL}, {CALL}]"), (O, "r"), (A, "b"), tools=TOOL),
            chat((U, "a"), (F, "f(1)"), (O, "r"), (A, "b"), tools=TOOL),
            chat((U, "a"), (F, "[]"), (O, "r"), (A, "b")),
            chat((U, "a"), (F, '{"name": "f"}'), (O, "r"), (A, "b")),
            chat((U, "a"), (F, '{"arguments": {}}'), (O, "r"), (A, "b")),
            chat((U, "a"), (F, '["f"]'), (O, "r"), (A, "b")),
            chat((U, "a"), (F, "7"), (O, "r"), (A, "b")),
            chat((U, "a"), (F, ""), (O, "r"), (A, "b")),
            chat((U, "a"), (F, None), (O, "r"), (A, "b")),
            chat((U, "a"), (F, f"Let me see.\n<tool_call>{CALL}</tool_call>"), (O, "r"), (A, "b")),
            chat((U, "a"), (F, f"Let me see.\n{CALL}"), (O, "r"), (A, "b")),
            chat((U, "a"), (F, f"<think>\nhm\n</think>\n\n{CALL}"), (O, "r"), (A, "b")),
            chat((U, "a"), (F, f"<think>hm</think>{CALL}"), (O, "r"), (A, "b")),
            chat((U, "a"), (F, CALL)),
            chat((U, "a"), (F, CALL), (O, "r")),
            chat((U, "a"), (F, CALL), (O, "r"), (O, "s"), (A, "b")),
            chat((U, "a"), (F, CALL), (O, ""), (A, "b")),
            chat((U, "a"), (F, CALL), (O, None), (A, "b")),
            chat((U, "a"), (F, CALL), (A, "b")),
            chat((O, "r"), (A, "b")),
            chat((U, "a"), (A, "b"), tools="[]"),
            chat((U, "a"), (A, "b"), tools="[]", system="Be brief."),
            chat((U, "a"), (A, "b"), tools="oops"),
            chat((U, "a"), (U, "b"), tools="oops"),
            chat((U, "a"), (A, "b"), system=5),
            chat((U, "a"), (A, "b"), system="Be brief."),
            {"conversations": None},
            {"conversations": "a"},
            {"conversations": {"from": U, "value": "a"}},
            {"conversations": [None]},
            {"conversations": ["a", "b"]},
            {"conversations": [{"from": U}, {"from": A, "value": "b"}]},
            {"conversations": [{"value": "a"}, {"from": A, "value": "b"}]},
            {"system": "only"},
            [],
            None,
            [{"from": U, "value": "a"}, {"from": A, "value": "b"}],
        ],
    ),
    (
        {"formatting": "sharegpt", "columns": {"messages": "conversations"}},
        {"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
        [{"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}],
    ),
    (BARE, {"messages": GOOD_MESSAGES["messages"]}, [GOOD_MESSAGES]),
    (
        ROLES,
        GOOD_MESSAGES,
        [
            talk(("user", "a"), ("assistant", "b")),
            talk(("system", "s"), ("user", "a"), ("assistant", "b")),
            talk(("user", "a"), ("assistant", "c"), ("tool", "r"), ("assistant", "b")),
            talk((None, "a"), ("assistant", "b")),
            talk(("user", "a"), (None, "b")),
            talk(("user", "a"), (None, CALL)),
            talk(("developer", "s"), ("user", "a"), ("assistant", "b")),
            talk(("user", [{"type": "text", "text": "a"}]), ("assistant", "b")),
        ],
    ),
    (
        OPENAI,
        {"messages": GOOD_MESSAGES["messages"], "tools": ""},
        [
            talk(("user", "a"), ("assistant", "b")),
            talk(("user", "a"), ("assistant", CALL), ("tool", "r"), ("assistant", "b")),
            talk(("user", "a"), ("function_call", CALL), ("tool", "r"), ("tool", "s"), ("assistant", "b")),
            talk(("user", "a"), ("function_call", "f()"), ("tool", "r"), ("assistant", "b")),
            talk(("user", "a"), ("bot", "b")),
            talk(("user", "a"), ("assistant", "b"), ("tool", "r")),
            talk(("user", "a"), ("user", "b")),
            talk(("user", "a")),
            talk(("user", "a"), ("assistant", None)),
            talk(("user", "a"), ("function_call", CALL), ("tool", None), ("assistant", "b")),
        ],
    ),
]
