"""What became of a row in a tool, from the texts of the row and the tokens that the tool made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, NamedTuple

from schemas.thoughts import FIELDS
from schemas.weights import ALIASES

WORD = re.compile(r"w\d+q")
SCAFFOLD = re.compile(r"<\|im_start\|>\w*\n?|<\|im_end\|>\n?|<｜end▁of▁sentence｜>|<\|eot_id\|>")
ADDED = ("<|im_start|>system\n<|im_end|>", "detailed thinking off")  # what tools write that no row says
REPLIES = ("assistant", "gpt", "output", "function_call")
KNOWN = (*REPLIES, "user", "human", "input", "system", "tool")
LISTS = ("messages", "conversations", "prompt", "completion")


class Made(NamedTuple):
    """What a tool made of a row: all text, and what of it is trained on."""

    text: str
    trained: str


class Wanted:
    """What a row says.

    Attributes:
        trained: texts to be trained on.
        read: texts to be read and not trained on.
        tools: words of the tools on offer; those at keys that tools do not have are not written.
        loose: whether a turn is empty or of an unknown role, of which nothing can be seen in what a tool makes of it.
        calls: whether tools are called, which each template writes in another form.
    """

    def __init__(self, row: dict[str, Any], columns: Collection[str], stage: str) -> None:
        self.tools = words(row.get("tools")) if "tools" in columns else []
        self.trained: list[str] = []
        self.read: list[str] = []
        self.loose = self.calls = False
        for column in columns:
            if column != "tools":
                self._column(column, row.get(column), stage)

    def _column(self, column: str, value: Any, stage: str) -> None:
        if column in LISTS and isinstance(value, list):
            for i, turn in enumerate(value):
                last = i == len(value) - 1
                self._turn(turn, column != "prompt" and (stage == "sft" or (stage == "kto" and last)))
        elif column in ("chosen", "rejected") and isinstance(value, dict):
            self._turn(value, True)
        elif column == "history":
            for pair in value if isinstance(value, list) else ():
                for i, said in enumerate(pair if isinstance(pair, list) else ()):
                    self._put(said, self.trained if i and stage == "sft" else self.read)
        elif column in ("output", "completion", "chosen", "rejected", "text"):
            self._put(value, self.trained)
        elif column in ("instruction", "prompt") or value:
            self._put(value, self.read)

    def _put(self, value: Any, to: list[str]) -> None:
        if isinstance(value, str) and value.strip():
            to.append(value.strip())
        else:
            self.loose = True
            to += words(value)

    def _turn(self, turn: Any, may_train: bool) -> None:
        if not isinstance(turn, dict):
            self._put(turn, self.read)
            return
        role = turn.get("role", turn.get("from"))
        self.loose = self.loose or not (role in KNOWN or (role == "observation" and self.calls))
        role = role.strip().lower() if isinstance(role, str) else role
        weights = [turn[name] for name in ALIASES if isinstance(turn.get(name), bool | int | float)]
        to = self.trained if may_train and role in REPLIES and (not weights or weights[0]) else self.read
        content, calls = turn.get("content", turn.get("value")), role in REPLIES and turn.get("tool_calls")
        if role == "function_call":
            to += words(content)
        elif content or not calls:
            self._put(content, to)
        to += words(calls) if calls else []
        self.loose = self.loose or (bool(calls) and not words(calls))
        self.calls = self.calls or bool(calls) or (role == "function_call" and bool(content))
        if role in REPLIES:
            to += [turn[name] for name in FIELDS if isinstance(turn.get(name), str) and turn[name].strip()]


def words(value: Any) -> list[str]:
    return WORD.findall(json.dumps(value, ensure_ascii=False))


def fate(row: Any, made: Made, columns: Collection[str], stage: str = "sft") -> set[str]:
    """`kept` or `change`; both where it cannot be told.

    Args:
        row: as it was handed over.
        made: what the tool made of it.
        columns: those of the row that the tool was asked to read.
        stage: sft; for pairs (rm) and labels (kto) the last answer alone is to be trained on.
    """
    if not isinstance(row, dict):
        return {"kept", "change"}
    said = Wanted(row, columns, stage)
    rest = made.trained
    for text in sorted(said.trained, key=len, reverse=True):
        if text not in rest:
            return {"change"}
        rest = rest.replace(text, "", 1)
    if any(text not in made.text or text in rest for text in said.read):
        return {"change"}
    if said.tools and not any(word in made.text for word in said.tools):
        return {"change"}
    if (
        "<think>" in rest
        or (not said.calls and SCAFFOLD.sub("", rest).strip())
        or any(text in made.text for text in ADDED)
    ):
        return {"change"}
    unseen = said.loose or not said.trained or any(word not in made.text for word in said.tools)
    return {"kept", "change"} if unseen else {"kept"}
