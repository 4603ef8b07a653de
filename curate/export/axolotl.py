"""Axolotl: messages, and a configuration for LoRA.

Source: Axolotl 0.19.0, docs/dataset-formats/conversation.qmd and its configuration schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from curate.export import deepspeed_config
from curate.export.folder import Folder
from curate.export.jinja import NAME as JINJA
from curate.export.jinja import jinja
from curate.export.job import ExportRow, Job, Outcome
from curate.export.jsonl import write_jsonl
from curate.export.messages import messages, spaced, tools, uses_tools
from curate.export.rows import converted_rows
from curate.export.trainable import empty_thought_note, untrained_fields
from schemas.record import Conversation
from schemas.templates import Template
from schemas.weights import effective

DATA = "train.jsonl"
CONFIG = "lora.yaml"
TITLE = "Axolotl"


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows, the configuration, and the chat template if Axolotl has none that writes the same."""
    template = job.template
    weighted = any(effective(m) != 1 for row in rows for m in row.record.messages if m.role == "assistant")
    # Tools and calls whose fields differ from row to row are no Arrow columns; JSON text is, and Axolotl reads it.
    as_text = template is None and any(uses_tools(row.record) for row in rows)
    written, left_out = converted_rows(rows, lambda record: _row(record, template, weighted, as_text))
    write_jsonl(folder.add(DATA), written)
    known = template.axolotl if template else "tokenizer_default"
    if known == "llama3" and spaced(row.record for row in rows):
        known = ""
    if template is not None and not known:
        folder.text(JINJA, jinja(template))
    folder.yaml(CONFIG, config(job, known, weighted))
    deepspeed_config.add(folder)
    notes = ["Axolotl trains on a reply and its end token, not on white space after it."]
    notes += empty_thought_note(template, TITLE)
    if as_text:
        notes.append("Some rows use tools, so turns and tools are written as JSON text, which Axolotl reads as well.")
    return Outcome(
        command=f"axolotl train {CONFIG}",
        at=str(folder.path),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=untrained_fields(rows, names_kept=template is None),
        notes=notes,
    )


def _row(record: Conversation, template: Template | None, weighted: bool, as_text: bool) -> dict[str, Any]:
    turns = messages(record, template)
    if weighted:
        trained = iter(effective(message) > 0 for message in record.messages if message.role == "assistant")
        turns = [{**turn, "train": turn["role"] == "assistant" and next(trained)} for turn in turns]
    if not as_text:
        return {"messages": turns}
    return {"messages": msgspec.json.encode(turns).decode(), "tools": msgspec.json.encode(tools(record)).decode()}


def config(job: Job, known: str, weighted: bool = False) -> dict[str, Any]:
    """A configuration of LoRA for `axolotl train`.

    Args:
        job: what to write.
        known: what Axolotl calls the template; "" for the template file that is written next to it.
        weighted: whether turns say in their field `train` whether they are trained on.
    """
    template = job.template
    data: dict[str, Any] = {
        "path": DATA,
        "ds_type": "json",
        "type": "chat_template",
        "field_messages": "messages",
        "message_property_mappings": {"role": "role", "content": "content"},
        "roles_to_train": ["assistant"],
        "train_on_eos": "turn",
    }
    if weighted:
        data["message_field_training"] = "train"
    chat = {"chat_template": known} if known else {"chat_template": "jinja", "chat_template_jinja": JINJA}
    # Written twice: the model's tokenizer is saved with it, and its schema gives a data set that has none the default.
    data |= chat
    values: dict[str, Any] = {"base_model": job.model, **chat}
    if template is not None and "{eos}" not in template.assistant:
        values["eot_tokens"] = [template.stop[0]]
    return values | {
        "datasets": [data],
        "dataset_prepared_path": "prepared",
        "sequence_len": job.max_length,
        "excess_length_strategy": "truncate",
        "sample_packing": False,
        "adapter": "lora",
        "lora_r": 16,
        "lora_alpha": 32,
        "lora_dropout": 0.0,
        "lora_target_linear": True,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 8,
        "num_epochs": 3,
        "learning_rate": 0.0001,
        "optimizer": "adamw_torch",
        "lr_scheduler": "cosine",
        "warmup_ratio": 0.1,
        "bf16": "auto",
        "gradient_checkpointing": True,
        "logging_steps": 10,
        "saves_per_epoch": 1,
        "output_dir": "output",
    }
