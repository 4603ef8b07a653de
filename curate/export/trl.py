"""PEFT and TRL: a folder that `datasets` loads, and a script with SFTTrainer.

Source: TRL 1.16, its pages on dataset formats and on SFTTrainer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from curate.export.folder import Folder
from curate.export.given import lost, sort_out, weight
from curate.export.jinja import NAME as JINJA
from curate.export.jinja import jinja
from curate.export.job import Given, Job, Outcome
from curate.export.messages import messages, tools, uses_tools
from curate.export.script import script
from schemas.record import Conversation
from schemas.templates import Template

DATA = "data/train.parquet"
SCRIPT = "train.py"
TITLE = "TRL"


def export(rows: Sequence[Given], job: Job, folder: Folder) -> Outcome:
    """Write the rows as prompt and completion, the script, and the chat template if one was asked for."""
    template = job.template
    parts, left_out = sort_out(rows, lambda record: split(record, template))
    examples = [example for part in parts for example in part]
    with_tools = any(uses_tools(given.record) for given in rows) and template is None
    write_parquet(folder.add(DATA), examples, with_tools)
    settings = {"MODEL": job.model, "CHAT_TEMPLATE": JINJA if template else None, "MAX_LENGTH": job.max_length}
    folder.text(SCRIPT, script("trl_train.py", settings))
    if template:
        folder.text(JINJA, jinja(template))
    notes = []
    if len(examples) > len(parts):
        notes.append(
            f"{len(parts):,} conversations are {len(examples):,} examples: one for each reply to be learnt, "
            "with the turns before it as the prompt."
        )
    return Outcome(
        command=f"python {SCRIPT}",
        at=str(folder.path),
        rows=len(parts),
        written=len(examples),
        left_out=left_out,
        lost=lost(rows) if template is None else lost(rows, ("name", "tool_call_id")),
        notes=notes,
    )


def split(record: Conversation, template: Template | None) -> list[dict[str, Any]]:
    """An example for each reply that is learnt: the turns before it, and the reply.  Raises Unfit."""
    turns = messages(record, template)
    offered = tools(record)
    weights = iter(weight(message) for message in record.messages if message.role == "assistant")
    examples = []
    for i, turn in enumerate(turns):
        if turn["role"] == "assistant" and next(weights) > 0:
            examples.append({"prompt": turns[:i], "completion": [turn], "tools": offered})
    return examples


def write_parquet(path: Path, examples: Sequence[dict[str, Any]], with_tools: bool) -> None:
    """Write the examples with the types that `datasets` knows.

    with_tools: whether there are columns for calls and tools, whose fields differ from row to row: they are JSON, which
    `datasets` turns back into objects (4.7 and newer, as TRL asks for).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ["role", "content", "tool_calls", "tool_call_id", "name"] if with_tools else ["role", "content"]
    turn = pa.struct([(name, pa.string()) for name in names])
    fields = [("prompt", pa.list_(turn)), ("completion", pa.list_(turn))]
    text = {"dtype": "string", "_type": "Value"}
    value = {name: {"_type": "Json"} if name == "tool_calls" else text for name in names}
    features: dict[str, Any] = {name: {"feature": value, "_type": "List"} for name in ("prompt", "completion")}
    if with_tools:
        fields.append(("tools", pa.string()))
        features["tools"] = {"_type": "Json"}
    schema = pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})
    columns: list[list[Any]] = [
        [[_turn(turn, names) for turn in example[name]] for example in examples] for name in ("prompt", "completion")
    ]
    if with_tools:
        columns.append([msgspec.json.encode(example["tools"]).decode() for example in examples])
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")


def _turn(turn: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    out = {name: turn.get(name) for name in names}
    if out.get("tool_calls") is not None:
        out["tool_calls"] = msgspec.json.encode(out["tool_calls"]).decode()
    return out
