"""Rows of all shapes, mutated at random from a seed: what `curate doctor` and the tools are both asked about.

Every text has a word of its own (`w17q`), so that what was trained on, what was read and what was lost can be seen in
what a tool makes of the row.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable
from typing import Any, NamedTuple

COUNT = int(os.environ.get("CURATE_DOCTOR_ROWS", "300"))
JUNK: list[Any] = [None, "", " \n", 5, 1.5, True, False, [], {}, ["a"], {"a": 1}, "null", "[]", "{", [None], [[]], [{}]]
ROLES = ["user", "assistant", "system", "tool", "human", "gpt", "observation", "function_call", "function", "bot"]
ROLES += ["developer", "User", "model", "", None, "input", "output", "chatgpt", "GPT", " assistant"]


class Words:
    """Texts, each with a word that no other has."""

    def __init__(self, pick: random.Random) -> None:
        self.pick, self.count = pick, 0

    def __call__(self, prefix: str = "") -> str:
        self.count += 1
        more = self.pick.choice(["", "", "", " 你好。", "\nmore", " {{idx}}", " {{content}}", "  end ", " {x} %s"])
        return f"{prefix}w{self.count}q{more if self.pick.random() < 0.3 else ''}"

    def call(self) -> dict[str, Any]:
        return {"name": "f", "arguments": {"x": self()}}


class Case(NamedTuple):
    """A file of rows, of which the last but one is judged.

    Attributes:
        shape: its name in SHAPES.
        rows: a good one (ten where the shape is `late`), the mutated one, a good one.
        mutations: how many.
    """

    shape: str
    rows: list[Any]
    mutations: int


def thought(words: Words) -> str:
    return words.pick.choice(
        ["<think>\n{}\n</think>\n\n", "<think>{}</think>", "<think>\n\n</think>\n\n", "<think>\n{}"]
    ).format(words())


def turns(words: Words, role: str, content: str, user: str, reply: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    pick, out = words.pick, []
    if pick.random() < 0.2:
        out.append({role: "system", content: words()})
    for _ in range(pick.choice([1, 1, 1, 2, 3])):
        out.append({role: user, content: words()})
        if "call" in tags and pick.random() < 0.2:
            calls = [words.call()] if pick.random() < 0.7 else [words.call(), words.call()]
            out.append({role: tags["call"], content: json.dumps(calls if len(calls) > 1 else calls[0])})
            out.append({role: tags["result"], content: words()})
        head = thought(words) if pick.random() < 0.15 else ""
        out.append({role: reply, content: head + words()})
    return out


def tool(words: Words) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {"x": {"type": "string", "description": words()}}}
    function = {"name": "f", "description": words(), "parameters": parameters}
    return {"type": "function", "function": function} if words.pick.random() < 0.6 else function


def tools(words: Words) -> str:
    return words.pick.choice(["", "", "", "[]", json.dumps([tool(words)])])


def alpaca(words: Words) -> dict[str, Any]:
    row: dict[str, Any] = {"instruction": words(), "input": words() if words.pick.random() < 0.5 else ""}
    row["output"] = (thought(words) if words.pick.random() < 0.1 else "") + words()
    row |= {"system": words.pick.choice(["", words()]), "tools": tools(words)}
    row["history"] = [[words(), words()] for _ in range(words.pick.choice([0, 0, 1, 2]))]
    return row


def alpaca_pair(words: Words) -> dict[str, Any]:
    return {**alpaca(words), "chosen": words(), "rejected": words()}


def alpaca_kto(words: Words) -> dict[str, Any]:
    return {**alpaca(words), "label": words.pick.random() < 0.5}


def sharegpt(words: Words) -> dict[str, Any]:
    said = turns(words, "from", "value", "human", "gpt", {"call": "function_call", "result": "observation"})
    return {"conversations": said, "system": words.pick.choice(["", words()]), "tools": tools(words)}


def bare_sharegpt(words: Words) -> dict[str, Any]:
    return {"conversations": turns(words, "from", "value", "human", "gpt", {})}


def late(words: Words) -> dict[str, Any]:
    return bare_sharegpt(words)


def sharegpt_pair(words: Words) -> dict[str, Any]:
    row = sharegpt(words)
    row["conversations"].pop()
    return row | {name: {"from": "gpt", "value": words()} for name in ("chosen", "rejected")}


def sharegpt_kto(words: Words) -> dict[str, Any]:
    return {**sharegpt(words), "label": words.pick.random() < 0.5}


def images(words: Words) -> dict[str, Any]:
    row = sharegpt(words)
    count = words.pick.choice([0, 1, 1, 2])
    said = [turn for turn in row["conversations"] if turn["from"] == "human"]
    for _ in range(count):
        words.pick.choice(said)["value"] += "<image>"
    return {**row, "images": ["a.png", "b.png", "a.png"][:count]}


def messages(words: Words) -> dict[str, Any]:
    """Messages with all that they may have beside role and content, null where a turn has none."""
    pick, said = words.pick, turns(words, "role", "content", "user", "assistant", {})
    kind = pick.choice(["plain", "plain", "calls", "weights", "thoughts"])
    row: dict[str, Any] = {"messages": said}
    for turn in [turn for turn in said if turn["role"] == "assistant"]:
        if kind == "weights":
            turn["weight"] = pick.choice([0, 1, 1])
        elif kind == "thoughts" and pick.random() < 0.6:
            turn[pick.choice(["reasoning_content", "thinking"])] = words()
        elif kind == "calls" and pick.random() < 0.5:
            call = {"type": "function", "function": {"name": "f", "arguments": {"x": words()}}}
            calling = {"role": "assistant", "content": pick.choice(["", words()]), "tool_calls": [call]}
            at = said.index(turn)
            said[at:at] = [calling, {"role": "tool", "content": words()}]
    if kind == "calls":
        row["tools"] = [tool(words)]
    return row


def plain_messages(words: Words) -> dict[str, Any]:
    return {"messages": turns(words, "role", "content", "user", "assistant", {})}


def openai(words: Words) -> dict[str, Any]:
    row = messages(words)
    return {**row, "tools": row.get("tools", [])}


def completion(words: Words) -> dict[str, Any]:
    between = words.pick.choice([("", ""), ("\n", ""), ("", " ")])
    return {"prompt": words() + between[0], "completion": between[1] + words()}


def chat_completion(words: Words) -> dict[str, Any]:
    said = turns(words, "role", "content", "user", "assistant", {})
    return {"prompt": said[:-1], "completion": said[-1:]}


def text(words: Words) -> dict[str, Any]:
    return {"text": words()}


SHAPES: dict[str, Callable[[Words], dict[str, Any]]] = {
    function.__name__: function
    for function in (
        *(alpaca, alpaca_pair, alpaca_kto, sharegpt, bare_sharegpt, late, sharegpt_pair, sharegpt_kto, images),
        *(messages, plain_messages, openai, completion, chat_completion, text),
    )
}


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every value below `value`."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(value, key) for key, _ in pairs]
    return found + [place for container, key in found for place in _places(container[key])]


def mutate(row: Any, words: Words) -> Any:
    """The row with one thing changed."""
    pick = words.pick
    places = _places(row)
    if pick.random() < 0.02 or not places:
        return pick.choice(JUNK)
    roles = [(at, key) for at, key in places if key in ("role", "from")]
    said = [at[key] for at, key in places if key in ("messages", "conversations") and isinstance(at[key], list)]
    said = [items for items in said if items and all(isinstance(turn, dict) for turn in items)]
    kind = pick.random()
    at, key = pick.choice(places)
    if kind < 0.2 and roles:
        at, key = pick.choice(roles)
        at[key] = pick.choice(ROLES)
    elif kind < 0.45 and said:
        _mutate_turns(pick.choice(said), words)
    elif kind < 0.55:
        del at[key]
    elif kind < 0.75:
        at[key] = copy.deepcopy(pick.choice(JUNK))
    elif kind < 0.85 and isinstance(at[key], str):
        at[key] = pick.choice([at[key] + "<image>", "{{idx}}" + at[key], "", at[key] * 2, thought(words) + at[key]])
    elif kind < 0.9 and isinstance(at, dict):
        at[pick.choice(["extra", "id", "weight", "label", "system", "tools", "text", "chosen"])] = pick.choice(JUNK)
    elif isinstance(at, dict) and isinstance(key, str):
        at[pick.choice([key.upper(), key + "s", "content", "value", "messages", "output"])] = at.pop(key)
    elif isinstance(at, list):
        at.append(copy.deepcopy(at[key]))
    return row


def _mutate_turns(said: list[dict[str, Any]], words: Words) -> None:
    pick, i = words.pick, words.pick.randrange(len(said))
    turn = said[i]
    field = "value" if "value" in turn else "content"
    what = pick.randrange(9)
    if what == 0:
        del said[i]
    elif what == 1:
        said.insert(i, copy.deepcopy(turn))
    elif what == 2:
        pick.shuffle(said)
    elif what == 3:
        turn[pick.choice(["weight", "train", "loss", "trainable"])] = pick.choice([0, 1, True, False, 0.5, None])
    elif what == 4:
        turn[pick.choice(["reasoning_content", "thinking", "reasoning", "thought"])] = words()
    elif what == 5:
        call = {"type": "function", "function": {"name": "f", "arguments": words()}}
        turn["tool_calls"] = pick.choice([[call], [call["function"]], [], None, "f()", [{}]])
    elif what == 6:
        turn[field] = [{"type": "text", "text": words()}]
    elif what == 7:
        del said[:]
    else:
        turn[field] = pick.choice([None, "", words() + "<image>", words.call(), json.dumps(words.call())])


def cases(shapes: list[str], count: int, seed: int) -> list[Case]:
    """The same rows for the same arguments."""
    pick = random.Random(seed)
    made = []
    for _ in range(count):
        words, shape = Words(pick), pick.choice(shapes)
        good, row, last = (SHAPES[shape](words) for _ in range(3))
        mutations = pick.choice([0, 1, 1, 1, 2, 3])
        for _ in range(mutations):
            row = mutate(row, words)
        made.append(Case(shape, [good] * (10 if shape == "late" else 1) + [row, last], mutations))
    return made
