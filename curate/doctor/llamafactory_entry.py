"""How LLaMA-Factory is told to read a file: an entry of its dataset_info.json.

Source: LLaMA-Factory's data/README.md, version 0.9.5.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import CurateError, reason

COLUMNS = (
    *("prompt", "query", "response", "history", "messages", "system", "tools", "images", "videos", "audios"),
    *("chosen", "rejected", "kto_tag"),
)
TAGS = ("role_tag", "content_tag", "user_tag", "assistant_tag", "observation_tag", "function_tag", "system_tag")


class DatasetEntry(msgspec.Struct, frozen=True):
    """Columns and tags, with LLaMA-Factory's own defaults; None is a column or tag that there is not."""

    formatting: str = "alpaca"
    ranking: bool = False
    prompt: str | None = "instruction"
    query: str | None = "input"
    response: str | None = "output"
    history: str | None = None
    messages: str | None = "conversations"
    system: str | None = None
    tools: str | None = None
    images: str | None = None
    videos: str | None = None
    audios: str | None = None
    chosen: str | None = None
    rejected: str | None = None
    kto_tag: str | None = None
    role_tag: str | None = "from"
    content_tag: str | None = "value"
    user_tag: str | None = "human"
    assistant_tag: str | None = "gpt"
    observation_tag: str | None = "observation"
    function_tag: str | None = "function_call"
    system_tag: str | None = "system"


def parse(attributes: dict[str, Any]) -> DatasetEntry:
    """The entry as LLaMA-Factory reads it: once `columns` or `tags` is there, what it does not name is not there."""
    values: dict[str, Any] = {
        "formatting": attributes.get("formatting", "alpaca"),
        "ranking": attributes.get("ranking", False),
    }
    for group, names in (("columns", COLUMNS), ("tags", TAGS)):
        if group in attributes:
            values |= {name: attributes[group].get(name) for name in names}
    return DatasetEntry(**values)


def from_file(path: str, name: str) -> DatasetEntry:
    """The entry `name` of a dataset_info.json.

    Raises:
        CurateError: if it is not there or cannot be read.
    """
    try:
        entries = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}") from None
    if name not in entries:
        raise CurateError(f"{path} has no entry {name!r}; it has {', '.join(entries)}")
    entry = parse(entries[name])
    if entry.formatting not in ("alpaca", "sharegpt", "openai"):
        raise CurateError(f"{path}: {name}: formatting {entry.formatting!r} is none of alpaca, sharegpt, openai")
    return entry


def stage(entry: DatasetEntry) -> str:
    """The `stage` of training that rows of this entry are for: sft, rm (pairs, which `dpo` reads too) or kto."""
    return "rm" if entry.ranking else "kto" if entry.kto_tag else "sft"


def guess(fields: Collection[str], turn_fields: Collection[str]) -> tuple[DatasetEntry, dict[str, Any]]:
    """The entry that rows with these fields call for, and how to write it in dataset_info.json.

    Rows with turns are read as ShareGPT, by the names that their turns have; all others as Alpaca.  Fields `chosen` and
    `rejected` make pairs; images, videos and audios are read where a field has that name.
    """
    messages = next((name for name in ("conversations", "messages") if name in fields), None)
    further = {name: name for name in ("system", "tools", "images", "videos", "audios", "kto_tag") if name in fields}
    pairs = {"chosen", "rejected"} <= set(fields)
    if pairs:
        further |= {"chosen": "chosen", "rejected": "rejected"}
    if messages is None:
        columns = {"prompt": "instruction", "query": "input", "response": "output"} | further
        if "history" in fields:
            columns["history"] = "history"
        attributes: dict[str, Any] = {"formatting": "alpaca", "columns": columns}
    else:
        attributes = {"formatting": "sharegpt", "columns": {"messages": messages, **further}}
        if "role" in turn_fields:
            attributes["tags"] = {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
                "observation_tag": "tool",
                "function_tag": "function_call",
                "system_tag": "system",
            }
    if pairs:
        attributes["ranking"] = True
    return parse(attributes), attributes
