"""PEFT and TRL: a folder that `datasets` loads, and a script with SFTTrainer.

Source: TRL 1.16, its pages on dataset formats and on SFTTrainer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import CurateError
from curate.export.folder import Folder
from curate.export.jinja import NAME as JINJA
from curate.export.jinja import jinja
from curate.export.job import ExportRow, Job, Outcome
from curate.export.messages import messages, tools, uses_tools
from curate.export.rows import converted_rows
from curate.export.script import script
from curate.export.trainable import empty_thought_note, untrained_fields
from schemas.record import Conversation
from schemas.templates import Template
from schemas.weights import effective

DATA = "data/train.parquet"
SCRIPT = "train.py"
TITLE = "TRL"


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows as prompt and completion, the script, and the chat template if one was asked for."""
    template = job.template
    parts, left_out = converted_rows(rows, lambda record: split(record, template))
    examples = [example for part in parts for example in part]
    with_tools = any(uses_tools(row.record) for row in rows) and template is None
    write_parquet(folder.add(DATA), examples, with_tools)
    settings = {"MODEL": job.model, "CHAT_TEMPLATE": JINJA if template else None, "MAX_LENGTH": job.max_length}
    folder.text(SCRIPT, script("trl_train.py", settings))
    if template:
        folder.text(JINJA, jinja(template))
    notes = empty_thought_note(template, TITLE)
    if len(examples) > len(parts):
        notes.append(
            f"{len(parts):,} conversations are {len(examples):,} examples: one for each reply to be trained on, "
            "with the turns before it as the prompt."
        )
    return Outcome(
        command=f"python {SCRIPT}",
        at=str(folder.path),
        rows=len(parts),
        written=len(examples),
        left_out=left_out,
        lost=untrained_fields(rows, names_kept=template is None),
        notes=notes,
    )


def split(record: Conversation, template: Template | None) -> list[dict[str, Any]]:
    """An example for each reply that is trained on: the turns before it, and the reply.  Raises Unfit."""
    turns = messages(record, template)
    offered = tools(record)
    replies = iter(i for i, message in enumerate(record.messages) if message.role == "assistant")
    examples = []
    for i, turn in enumerate(turns):
        if turn["role"] != "assistant":
            continue
        index = next(replies)
        if effective(record.messages[index]) > 0:
            said = turns[: i + 1]
            if template and template.forgets:  # the reply is the last of its example, so its thought is not forgotten
                said = messages(msgspec.structs.replace(record, messages=record.messages[: index + 1]), template)
            examples.append({"prompt": said[:-1], "completion": said[-1:], "tools": offered})
    return examples


def write_parquet(path: Path, examples: Sequence[dict[str, Any]], with_tools: bool) -> None:
    """Write the examples with the types that `datasets` knows.

    Args:
        path: the file.
        examples: prompt, completion and tools of each.
        with_tools: whether there are columns for calls and tools, whose fields differ from row to row: they are JSON,
            which `datasets` turns back into objects (4.7 and newer, as TRL asks for).

    Raises:
        CurateError: if pyarrow is too old for JSON columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, as_json = {"dtype": "string", "_type": "Value"}, {"_type": "Json"}
    turn: dict[str, Any] = {"role": text, "content": text}
    if with_tools:
        turn |= {"tool_calls": as_json, "tool_call_id": text, "name": text}
    features: dict[str, Any] = {name: {"feature": turn, "_type": "List"} for name in ("prompt", "completion")}
    columns = {name: _turns([example[name] for example in examples], list(turn)) for name in features}
    if with_tools:
        features["tools"] = as_json
        columns["tools"] = _json_array([example["tools"] for example in examples])
    table = pa.table(columns)
    info = json.dumps({"info": {"features": features}})
    pq.write_table(table.replace_schema_metadata({"huggingface": info}), path, compression="zstd")


def _turns(rows: Sequence[Sequence[dict[str, Any]]], names: Sequence[str]) -> Any:
    """Lists of turns as an Arrow array."""
    import pyarrow as pa

    flat = [turn for turns in rows for turn in turns]
    values = [[turn.get(name) for turn in flat] for name in names]
    arrays = [
        _json_array(column) if name == "tool_calls" else pa.array(column, pa.string())
        for name, column in zip(names, values, strict=True)
    ]
    offsets = [0]
    for turns in rows:
        offsets.append(offsets[-1] + len(turns))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(arrays, list(names)))


def _json_array(values: Sequence[Any]) -> Any:
    import pyarrow as pa

    if not hasattr(pa, "json_"):
        raise CurateError("tools and their calls need pyarrow 19 or newer: pip install -U pyarrow")
    texts = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    return pa.ExtensionArray.from_storage(pa.json_(pa.string()), pa.array(texts, pa.string()))
