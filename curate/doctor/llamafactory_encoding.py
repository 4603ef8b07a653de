"""What LLaMA-Factory does to a converted row when its template writes it.

Source: LLaMA-Factory 0.9.5, data/processor/*.py, template.py and mm_plugin.py.
"""

from __future__ import annotations

import json
import re
from typing import Any

from curate.doctor.finding import Fault, kind_of
from curate.doctor.llamafactory_entry import DatasetEntry, stage
from curate.doctor.llamafactory_media import check_media
from curate.doctor.llamafactory_tools import Style, check_call, check_tools
from curate.doctor.llamafactory_turns import ConvertedRow, RuleTurn, at

NUMBERED = "{{idx}}"
THOUGHT = re.compile(r"<think>\n(.*?)\n</think>\n\n", re.DOTALL)


def encode(turns: ConvertedRow, tools: Any, row: dict[str, Any], entry: DatasetEntry, style: Style) -> None:
    """Raise Fault for what a row that is converted ends in, by the stage that its entry is for."""
    _check_answers(turns, row, entry)
    conversations = _conversations(turns, entry)
    for conversation in conversations:
        check_media(conversation, row, entry, style)
    if turns.system and not isinstance(turns.system, str):
        why = f"the system prompt is {kind_of(turns.system)}"
        raise Fault("crash", turns.system_path, why, "write it as text")
    if tools:
        check_tools(tools, at(entry.tools), style)
    for conversation in conversations:
        _check_contents(conversation, style)
    if style.bare is not False and isinstance(tools, str) and tools and not turns.system and not json.loads(tools):
        why = "an empty list of tools begins the row with an empty system turn"
        if style.bare is None:
            why = f"{why} in templates that have no system prompt of their own"
        raise Fault("change" if style.bare else "unknown", at(entry.tools), why, "leave it empty")
    if stage(entry) == "kto" and not turns.answers[0][1] and row.get(str(entry.kto_tag)) is True:
        why = "an empty answer that is labelled good is trained on as a bad one"
        raise Fault("change", turns.answers[0][2], why, "write an answer, or remove the row")
    for conversation in conversations:
        for i in range(len(conversation)):
            _check_change(conversation, i, entry, style)


def _check_contents(turns: list[RuleTurn], style: Style) -> None:
    """Raise Fault for a content that ends the run."""
    for role, content, path in turns:
        if role == "function":
            check_call(content, path, style)
        elif not isinstance(content, str):
            why = f"the turn's content is {kind_of(content)}, expected text"
            raise Fault("crash", path, why, "write it as text")


def _check_answers(turns: ConvertedRow, row: dict[str, Any], entry: DatasetEntry) -> None:
    """Raise Fault for a row without turns, or with too few answers."""
    if not turns.prompt and stage(entry) != "rm":
        raise Fault("drop", at(entry.messages), "there is no exchange: the row is left out", "remove the row")
    wanted = 1 if stage(entry) == "sft" else 2
    if len(turns.answers) == wanted:
        return
    if stage(entry) == "rm":
        path, what = at(entry.chosen), "chosen and rejected are not two answers"
        remedy = "write both as text" if entry.formatting == "alpaca" else "write both as turns, as objects"
    elif stage(entry) == "kto":
        path, what, remedy = at(entry.kto_tag), f"{entry.kto_tag} is neither true nor false", "write true or false"
        if not turns.answers or not turns.answers[0][1]:
            path, what = turns.answers[0][2] if turns.answers else at(entry.response), f"{what}, and there is no answer"
    else:
        value = row.get(entry.response) if entry.response else None
        found = "nothing" if value is None else kind_of(value)
        path, what, remedy = at(entry.response), f"found {found}, expected text", "write the answer there"
    raise Fault("drop", path, f"{what}: the row is left out", remedy)


def _conversations(turns: ConvertedRow, entry: DatasetEntry) -> list[list[RuleTurn]]:
    """The conversations that are written: two for a pair, else one."""
    if stage(entry) == "kto":
        first, second = turns.answers
        return [[*turns.prompt, first if first[1] else second]]
    return [[*turns.prompt, answer] for answer in turns.answers]


def _check_change(turns: list[RuleTurn], i: int, entry: DatasetEntry, style: Style) -> None:
    """Raise Fault if turn i is trained on as something other than it is."""
    role, content, path = turns[i]
    if role == "user" and NUMBERED in content:
        why = f"{NUMBERED} is replaced by the number of the exchange, {i // 2}"
        raise Fault("change", path, why, "write it with a space between the braces")
    if role == "assistant" and not content.strip():
        raise Fault("change", path, "an empty reply is trained on as an answer", "write an answer, or remove the row")
    if role == "user" and not content.strip() and not (i and turns[i - 1][0] == "function"):
        why = "an answer to an empty prompt is trained on"
        raise Fault("change", path, why, "write a prompt, or remove the row")
    if i % 2 and role not in ("assistant", "function"):
        raise Fault("change", path, f"the answer is written as a turn of {role}", "give it the role of a reply")
    if role == "observation" and "</tool_response>\n<tool_response>" in content and not style.results:
        why = "results that follow one another are joined by </tool_response>, which the template does not know"
        raise Fault("change", path, why, "take a template that does (qwen, qwen3), or join them")
    if i % 2 and style.thoughts is not None:
        _check_thought(turns, i, entry, style.thoughts)


def _check_thought(turns: list[RuleTurn], i: int, entry: DatasetEntry, thinking: bool) -> None:
    """Raise Fault if a template for reasoning models adds a thought to a reply or takes one away."""
    _, content, path = turns[i]
    last = i == len(turns) - 1
    earlier = stage(entry) != "sft" and not last
    if (earlier or not thinking) and THOUGHT.sub("", content).lstrip("\n") != content:
        setting = "earlier replies of a preference row lose it" if earlier else "enable_thinking is false"
        why = f"the thought, or white space at the head of the reply, is removed: {setting}"
        raise Fault("change", path, why, "train with enable_thinking: true" if not earlier else "keep one exchange")
    if thinking and not earlier and "<think>" not in content and "</think>" not in content:
        why = "an empty thought is written before the reply and trained on"
        remedy = (
            "train with enable_thinking: false (then judge with --no-thinking), or take the template without thoughts"
        )
        raise Fault("change", path, why, remedy)
