"""Which rows of a file TRL's SFTTrainer would not train on as they are, and why.

Messages are judged with SFTConfig(assistant_only_loss=True), without which every turn is trained on; prompt and
completion with its defaults.
Source: TRL 1.16, trainer/sft_trainer.py and data_utils.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from curate.doctor.any_template import check_texts, check_tools, check_turns, check_weights, paths
from curate.doctor.examined import Examined, Settings
from curate.doctor.finding import Fault, Finding, kind_of
from curate.doctor.rows import check_ending, count_rows, judged, parsed_rows
from schemas.problems import shown

TITLE = "TRL"
KEYS = ("prompt", "chosen", "rejected", "completion", "messages")
EXPORT = "export it (curate export --for trl)"
# Columns by which SFTTrainer does something else than is judged here.
OTHERS = ("input_ids", "labels", "image", "images", "chat_template_kwargs", "assistant_masks", "completion_mask")

SHAREGPT = (
    "turns of from and value keep the names of their roles, of which each chat template makes something else, and are "
    "trained on whole, the user's too: assistant_only_loss ends the run"
)
MESSAGES = "judged with SFTConfig(assistant_only_loss=True), without which every turn is trained on"
COMPLETION = "judged with SFTTrainer's defaults: the completion is trained on"
TEXT = "judged with SFTTrainer's defaults: all of the text is trained on"


def judge(path: str, settings: Settings) -> Examined:
    """What SFTTrainer does to the rows of a file.

    Args:
        path: the file.
        settings: none of them counts: of a chat template only what all write alike is judged.

    Raises:
        CurateError: for a file that cannot be read.
    """
    _ = settings
    columns: set[str] = set()
    first: dict[str, Any] | None = None
    for _number, row, _broken in parsed_rows(path):
        if isinstance(row, dict):
            columns |= row.keys()
        if first is None:
            first = row if isinstance(row, dict) else {}
    findings = check_ending(path)
    try:
        rule, assumed = _rule(columns, first or {})
    except Fault as fault:
        findings.append(fault.finding.at(path, 0))
        return Examined(count_rows(path), findings)
    if assumed == SHAREGPT:
        findings.append(Finding("unknown", "$.conversations", SHAREGPT, "convert it (curate convert --to sft)", path))
    count, by_row = judged(path, rule)
    return Examined(count, findings + by_row, (f"{path}: {assumed}",))


def _rule(columns: Collection[str], first: dict[str, Any]) -> tuple[Callable[[dict[str, Any]], None], str]:
    """(what judges a row, what is assumed), by the columns and the first row, as SFTTrainer decides it.

    Raises Fault for a file that it does not read, or not in a way that is known here.
    """
    other = next((name for name in OTHERS if name in columns), None)
    if other:
        raise Fault("unknown", f"$.{other}", f"what the column {other} does is not judged", "judge the file without it")
    keys = [name for name in KEYS if name in columns]
    turns = first.get("conversations")
    if isinstance(turns, list):
        return _conversations_rule(turns, keys)
    if {"chosen", "rejected"} <= set(keys):
        why = "SFTTrainer does not read pairs: they are for DPOTrainer, whose rules are not known here"
        raise Fault("unknown", "$.chosen", why, "judge it for llamafactory, or export chosen as messages")
    if keys == ["prompt", "completion"]:
        return _completion_rule(columns, first)
    if keys == ["messages"]:
        if not _is_turns(first.get("messages"), "$.messages"):
            why = "the first row has no list of turns with roles, and assistant_only_loss ends the run"
            raise Fault("crash", "$.messages", why, "write turns of role and content (curate convert --to sft)")
        return partial(_messages, text="text" in columns), MESSAGES
    if keys == ["prompt"]:
        raise Fault("crash", "$.prompt", "no row has the column completion: the run ends with KeyError", EXPORT)
    if keys:
        raise Fault("unknown", "$", f"the columns {', '.join(keys)} together are not judged", "leave one out")
    if "text" in columns:
        return _text, TEXT
    why = "no row has a column that SFTTrainer reads (messages, prompt and completion, text): it ends with KeyError"
    raise Fault("crash", "$", why, EXPORT)


def _completion_rule(columns: Collection[str], first: dict[str, Any]) -> tuple[Callable[[dict[str, Any]], None], str]:
    if "text" in columns:
        raise Fault("unknown", "$.text", "a column text beside prompt and completion is not judged", "leave it out")
    talks = _is_turns(first.get("prompt"), "$.prompt"), _is_turns(first.get("completion"), "$.completion")
    if talks[0] != talks[1]:
        why = "one of prompt and completion is text in the first row and the other is turns: the run ends"
        raise Fault("crash", "$.prompt", why, "write both as text or both as turns")
    return partial(_completion, talk=talks[0]), COMPLETION


def _conversations_rule(turns: list[Any], keys: list[str]) -> tuple[Callable[[dict[str, Any]], None], str]:
    if not turns:
        raise Fault("crash", "$.conversations", "the first row's list of turns is empty: the run ends", "remove it")
    if keys:
        raise Fault("unknown", "$.conversations", f"a column {keys[0]} beside conversations is not judged", "remove it")
    if isinstance(turns[0], dict) and "from" in turns[0] and "value" in turns[0]:
        return _conversations, SHAREGPT
    why = "turns under conversations are read with from and value alone: the run ends with KeyError"
    raise Fault("crash", "$.conversations", why, "name the column messages (curate convert --to sft)")


def _is_turns(value: Any, path: str) -> bool:
    """Whether is_conversational takes it for turns."""
    if not isinstance(value, list):
        return False
    if not value:
        raise Fault("crash", path, "the list of turns is empty: the run ends with IndexError", "remove the row")
    return isinstance(value[0], dict) and "role" in value[0]


def _tools(row: dict[str, Any]) -> Any:
    tools = row.get("tools")
    if not isinstance(tools, str):
        return tools
    try:
        return json.loads(tools)
    except ValueError:
        why = f"{shown(tools)!r} is not JSON: the run ends"
        raise Fault("crash", "$.tools", why, "write null where there are no tools") from None


def _check_talk(turns: list[Any], places: list[str]) -> None:
    """Raise Fault for turns that are not objects, or that templates write in different ways."""
    for turn, place in zip(turns, places, strict=True):
        if not isinstance(turn, dict):
            why = f"the turn is {kind_of(turn)}, not an object: what becomes of it depends on the model's chat template"
            raise Fault("unknown", place, why, "write it as an object")
    check_turns(turns, places)


def _check_turns_trained(turns: list[dict[str, Any]], path: str) -> None:
    texts = [(turn["role"], turn["content"], f"{path}[{i}].content") for i, turn in enumerate(turns)]
    check_texts(texts)
    for i, turn in enumerate(turns):
        if turn["role"] == "assistant":
            check_weights(turn, f"{path}[{i}]")


def _messages(row: dict[str, Any], text: bool) -> None:
    """Raise Fault for what becomes of a row of messages; `text`: whether there is a column text."""
    tools = _tools(row)
    turns = row.get("messages")
    if not _is_turns(turns, "$.messages"):
        if text:
            raise Fault("unknown", "$.messages", "no turns beside a column text are not judged", "remove the column")
        why = f"found {kind_of(turns)}, which is no list of turns with roles: the run ends with KeyError"
        raise Fault("crash", "$.messages", why, "write turns of role and content")
    assert isinstance(turns, list)
    if not any(isinstance(turn, dict) and turn.get("role") == "assistant" for turn in turns):
        why = "no turn is the assistant's, and the run ends"
        raise Fault("crash", "$.messages", why, "end the conversation with a reply")
    _check_talk(turns, paths("$.messages", turns))
    check_tools(tools, "$.tools")
    _check_turns_trained(turns, "$.messages")


def _conversations(row: dict[str, Any]) -> None:
    """Raise Fault for a row of ShareGPT that is not read."""
    _tools(row)
    turns = row.get("conversations")
    if not isinstance(turns, list) or not turns or not isinstance(turns[0], dict) or "from" not in turns[0]:
        why = f"found {kind_of(turns)}, expected turns of from and value: the run ends"
        raise Fault("crash", "$.conversations", why, "remove the row")


def _completion(row: dict[str, Any], talk: bool) -> None:
    """Raise Fault for what becomes of a prompt and its completion; `talk`: whether those of the first row are turns."""
    tools = _tools(row)
    prompt, completion = row.get("prompt"), row.get("completion")
    if isinstance(prompt, str) and isinstance(completion, str):
        if talk:
            why = "text among rows of turns is trained on without the end token"
            raise Fault("change", "$.completion", why, "write both as turns")
        check_tools(tools, "$.tools")
        check_texts([("user", prompt, "$.prompt"), ("assistant", completion, "$.completion")])
        line, word = prompt.endswith("\n"), not completion[0].isspace()
        if not (line and word) and not (completion[0] == " " and not prompt[-1].isspace()):
            why = "whether the prompt's end and the completion's beginning are one token depends on the tokenizer"
            raise Fault("unknown", "$.completion", why, "end the prompt with a line end, or begin with a space")
        return
    if not talk or not isinstance(prompt, list) or not isinstance(completion, list):
        path, value = (
            ("$.prompt", prompt) if isinstance(completion, list if talk else str) else ("$.completion", completion)
        )
        why = f"found {kind_of(value)}, while the first row has {'turns' if talk else 'text'}: the run ends"
        raise Fault("crash", path, why, "write prompt and completion of all rows alike")
    for path, turns in (("$.prompt", prompt), ("$.completion", completion)):
        if not turns or not isinstance(turns[0], dict) or "role" not in turns[0]:
            raise Fault("unknown", path, "there is no turn: what becomes of it is not judged", "remove the row")
    _check_talk([*prompt, *completion], paths("$.prompt", prompt) + paths("$.completion", completion))
    check_tools(tools, "$.tools")
    if len(completion) != 1 or completion[0]["role"] != "assistant":
        raise Fault("unknown", "$.completion", "it is not one reply: every turn of it is trained on", EXPORT)
    check_texts([("user", prompt[-1]["content"], f"$.prompt[{len(prompt) - 1}].content")])
    _check_turns_trained(completion, "$.completion")


def _text(row: dict[str, Any]) -> None:
    _tools(row)
    text = row.get("text")
    if not isinstance(text, str):
        raise Fault("crash", "$.text", f"found {kind_of(text)}, expected text: the run ends", "write it as text")
    check_texts([("assistant", text, "$.text")])
