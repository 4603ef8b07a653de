"""ms-swift: messages in OpenAI's shape, and a configuration for LoRA.

Source: ms-swift 4.6.0, its pages on custom datasets, agents and command-line parameters, and its template classes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from curate.errors import CurateError
from curate.export.choice import by_model
from curate.export.folder import Folder
from curate.export.job import ExportRow, Job, Outcome, Unfit
from curate.export.jsonl import write_jsonl
from curate.export.messages import plain_calls, tools, uses_tools
from curate.export.pairs import check_pairs
from curate.export.rows import converted_rows
from curate.export.trainable import check_thoughts, check_trainable, untrained_fields
from schemas.record import Conversation
from schemas.templates import Template, thought_text, written_turns
from schemas.trainable import THOUGHT, last_user

DATA = "train.jsonl"
CONFIG = "sft.yaml"
TITLE = "ms-swift"
# Templates that write the same text for system, user and assistant turns.
TEMPLATES = {
    "chatml": "chatml",
    "qwen": "qwen2_5",
    "qwen3": "qwen3",
    "qwen3_nothink": "qwen3_nothinking",
    "llama3": "llama3",
    "deepseek3": "deepseek_v2_5",
    "phi4": "phi4",
}
NO_CALLS = ("chatml", "deepseek3", "phi4")  # those of them that have no agent template
ROUNDS = ("{{ROUND0}}", "{{ROUND1}}")  # filled in by ms-swift in a user's text too


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows and the configuration.

    Raises:
        CurateError: if ms-swift has no such template.
    """
    template = job.template
    if template is not None and template.name not in TEMPLATES:
        raise CurateError(
            f"ms-swift has no template that writes the same text as {template.name}; name one with --template "
            f"({', '.join(TEMPLATES)}), leave --template out, or export for axolotl or trl, which take any"
        )
    written, left_out = converted_rows(rows, lambda record: row(record, template))
    write_jsonl(folder.add(DATA), written)
    folder.yaml(CONFIG, config(job))
    return Outcome(
        command=f"swift sft {CONFIG}",
        at=str(folder.path),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=untrained_fields(rows),
        notes=_notes(rows, job),
    )


def row(record: Conversation, template: Template | None) -> dict[str, Any]:
    """The row as ms-swift reads it.  Raises Untrainable for what it would drop, join or change."""
    said = check_trainable(record)
    written, _ = written_turns(said, template) if template else (said.turns, ())
    check_thoughts(written, template)
    if template and template.name in NO_CALLS and uses_tools(record):
        why = f"the row uses tools, and ms-swift's template {TEMPLATES[template.name]} knows none"
        raise Unfit("$.messages", why, "take the model's own template (--template auto)")
    check_pairs(written, TITLE)
    turns: list[dict[str, Any]] = []
    for turn in written:
        text = thought_text(turn, template) + turn.content()
        if turn.role == "user" and any(mark in text for mark in ROUNDS):
            raise Unfit(
                f"$.messages[{turn.index}]", f"ms-swift replaces {' and '.join(ROUNDS)} by a number", "remove the text"
            )
        if turn.role == "system" and not text:
            continue  # the template's own system text is written for none, as for an empty one here
        turns.append({"role": turn.role, "content": text})
        if turn.calls():
            turns[-1]["tool_calls"] = plain_calls(turn)
        if turn.role == "assistant" and turn.weight == 0:
            turns[-1]["loss"] = False
    values: dict[str, Any] = {"messages": turns}
    if tools(record):
        values["tools"] = json.dumps(tools(record), ensure_ascii=False)
    return values


def config(job: Job) -> dict[str, Any]:
    """A configuration of LoRA for `swift sft`; without a template, ms-swift takes the one of the model's type."""
    values: dict[str, Any] = {"model": job.model}
    if job.template is not None:
        values["template"] = TEMPLATES[job.template.name]
    return values | {
        "tuner_type": "lora",
        "lora_rank": 16,
        "lora_alpha": 32,
        "target_modules": "all-linear",
        "torch_dtype": "bfloat16",
        "dataset": [DATA],
        "split_dataset_ratio": 0.0,
        "strict": True,  # a row that it cannot read stops it, where by default the row is dropped
        "max_length": job.max_length,
        "truncation_strategy": "right",
        "num_train_epochs": 3,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 8,
        "learning_rate": 0.0001,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.1,
        "gradient_checkpointing": True,
        "logging_steps": 10,
        "save_strategy": "epoch",
        "output_dir": "output",
    }


def _notes(rows: Sequence[ExportRow], job: Job) -> list[str]:
    notes = [f"ms-swift fetches models from ModelScope; with `use_hf: true` in {CONFIG} from Hugging Face."]
    known = job.template or by_model(job.model)
    if job.template is None and known and known.forgets and any(_thinks_early(row.record) for row in rows):
        notes.append(
            "ms-swift trains on the thoughts of all turns, though the model forgets those before the last user turn; "
            f"`preserve_thinking: false` in {CONFIG} leaves them out."
        )
    return notes


def _thinks_early(record: Conversation) -> bool:
    turns = check_trainable(record).turns
    return any(turn.piece(THOUGHT) for turn in turns if turn.index < last_user(turns))
