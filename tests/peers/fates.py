"""What became of a row in a tool, from the texts of the row and the tokens that the tool made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, NamedTuple

from schemas.thoughts import FIELDS
from schemas.weights import ALIASES

WORD = re.compile(r"w\d+q")
SCAFFOLD = re.compile(r"<\|im_start\|>\w*\n?|<\|im_end\|>\n?|<｜end▁of▁sentence｜>")
EMPTY_SYSTEM = "<|im_start|>system\n<|im_end|>"
REPLIES = ("assistant", "gpt", "function_call")


class Made(NamedTuple):
    """What a tool made of a row: all text, and what of it is trained on."""

    text: str
    trained: str


class Wanted(NamedTuple):
    """What a row says.

    Attributes:
        trained: texts to be trained on.
        read: texts to be read and not trained on.
        loose: whether a turn is empty, of which a tool makes nothing that can be seen.
        calls: whether tools are called, which each template writes in another form.
    """

    trained: list[str]
    read: list[str]
    loose: bool
    calls: bool


def words(value: Any) -> list[str]:
    return WORD.findall(json.dumps(value, ensure_ascii=False))


def wanted(row: dict[str, Any], columns: Collection[str], stage: str = "sft") -> Wanted:
    """What the row says in these columns; for pairs (rm) and labels (kto) the last answer alone is to be trained on."""
    trained: list[str] = []
    read: list[str] = []
    loose = calls = False

    def put(value: Any, to: list[str]) -> None:
        nonlocal loose
        if isinstance(value, str) and value.strip():
            to.append(value)
        else:
            loose = loose or not value or isinstance(value, str)
            to += words(value)

    def put_turn(turn: Any, may_train: bool = True) -> None:
        nonlocal calls
        role = turn.get("role", turn.get("from"))
        weights = [turn[name] for name in ALIASES if isinstance(turn.get(name), bool | int | float)]
        to = trained if may_train and role in REPLIES and (not weights or weights[0]) else read
        content = turn.get("content", turn.get("value"))
        called = turn.get("tool_calls") or (role == "function_call" and content)
        if role == "function_call":
            to += words(content)
        elif content or not called:
            put(content, to)
        if turn.get("tool_calls"):
            to += words(turn["tool_calls"])
        calls = calls or bool(called)
        for name in FIELDS:
            if role in REPLIES and isinstance(turn.get(name), str) and turn[name].strip():
                to.append(turn[name])

    for column in columns:
        value = row.get(column)
        if column in ("messages", "conversations", "prompt", "completion") and isinstance(value, list):
            for i, turn in enumerate(value):
                put_turn(turn, stage == "sft" or (stage == "kto" and i == len(value) - 1))
        elif column in ("chosen", "rejected") and isinstance(value, dict):
            put_turn(value)
        elif column == "history":
            for prompt, response in value or ():
                put(prompt, read)
                put(response, trained if stage == "sft" else read)
        elif column in ("output", "completion", "chosen", "rejected", "text"):
            put(value, trained)
        elif column in ("instruction", "prompt"):
            put(value, read)
        elif value:  # what may be left out
            read += words(value) if column == "tools" else [value] if isinstance(value, str) else words(value)
    return Wanted(trained, read, loose, calls)


def fate(row: Any, made: Made, columns: Collection[str], stage: str = "sft") -> set[str]:
    """`kept` or `change`; both where it cannot be told.

    Args:
        row: as it was handed over.
        made: what the tool made of it.
        columns: those of the row that the tool was asked to read.
        stage: of training.
    """
    said = wanted(row, columns, stage)
    rest = made.trained
    for text in sorted(said.trained, key=len, reverse=True):
        if text not in rest:
            return {"change"}
        rest = rest.replace(text, "", 1)
    if any(text not in made.text or text in rest for text in said.read):
        return {"change"}
    if "<think>" in rest or (not said.calls and SCAFFOLD.sub("", rest).strip()) or EMPTY_SYSTEM in made.text:
        return {"change"}
    return {"kept", "change"} if said.loose or not said.trained else {"kept"}
