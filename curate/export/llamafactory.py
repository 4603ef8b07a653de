"""LLaMA-Factory: ShareGPT rows, their entry in dataset_info.json, and a configuration for LoRA.

Source: LLaMA-Factory 0.9.5, data/README.md and examples/train_lora.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from curate.doctor.llamafactory_entry import parse
from curate.doctor.llamafactory_rules import fault
from curate.doctor.llamafactory_tools import BEGIN, END, style_of
from curate.errors import CurateError
from curate.export import deepspeed_config
from curate.export.choice import needed
from curate.export.folder import Folder
from curate.export.job import ExportRow, Job, Outcome, Unfit
from curate.export.jsonl import write_jsonl
from curate.export.rows import converted_rows
from curate.export.trainable import check_trainable, empty_thought_note, thinks, untrained_fields
from schemas.calls import call_of
from schemas.record import Conversation
from schemas.template_tools import listed
from schemas.templates import TEMPLATES, Template, thought_text, written_turns
from schemas.weights import effective

DATA = "train.jsonl"
CONFIG = "lora.yaml"
TITLE = "LLaMA-Factory"


def entry(name: str) -> dict[str, Any]:
    """The entry of dataset_info.json: every column and tag by name, since one that is left out is not read."""
    return {
        "file_name": f"{name}/{DATA}",
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "system": "system", "tools": "tools"},
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
            "observation_tag": "observation",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows and the configuration.

    Raises:
        CurateError: if LLaMA-Factory has no such template.
    """
    template = needed(job.model, job.template, TITLE)
    if not template.llamafactory:
        names = ", ".join(t.llamafactory for t in TEMPLATES.values() if t.llamafactory)
        raise CurateError(
            f"LLaMA-Factory has no template that writes the same text as {template.name}; name one with --template "
            f"({names}), or export for axolotl or trl, which take any"
        )
    last_only = _last_only(rows)
    written, left_out = converted_rows(rows, lambda record: row(record, template, last_only))
    notes = []
    if last_only:
        notes.append("Earlier replies have weight 0 in every row, so `mask_history` trains on the last reply alone.")
    thinking = thinks(rows)
    if thinking:
        notes += empty_thought_note(template, TITLE)
    write_jsonl(folder.add(DATA), written)
    folder.yaml(CONFIG, config(job, template, last_only, thinking))
    deepspeed_config.add(folder)
    return Outcome(
        command=f"llamafactory-cli train {job.name}/{CONFIG}",
        at=str(folder.path.parent),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=untrained_fields(rows),
        notes=notes,
        template=template.llamafactory,
    )


def row(record: Conversation, template: Template, last_only: bool = False) -> dict[str, Any]:
    """The row as LLaMA-Factory reads it.  Raises Untrainable for what it would drop, change or crash on."""
    messages, _ = written_turns(check_trainable(record), template)
    system = ""
    if messages[0].role == "system":
        system, messages = messages[0].content(), messages[1:]
    turns: list[dict[str, str]] = []
    for message in messages:
        path = f"$.messages[{message.index}]"
        text = thought_text(message, template) + message.content()
        if message.role == "assistant":
            if message.weight == 0 and not (last_only and message is not messages[-1]):
                raise Unfit(
                    path,
                    "the turn is not to be trained on, and LLaMA-Factory has no weights of turns",
                    "export for axolotl or trl, which have, or train with `curate train`",
                )
            sender = "function_call" if message.calls() else "gpt"
            value = _call(text, message.calls(), template, path) if message.calls() else text
            turns.append({"from": sender, "value": value})
        elif message.role == "tool" and turns and turns[-1]["from"] == "observation":
            if not template.result:
                raise Unfit(
                    path,
                    f"several results follow one another, which LLaMA-Factory's template {template.llamafactory} "
                    "cannot write",
                    "join the results, or take a template that can (qwen, qwen3)",
                )
            between = template.result.replace("{content}", "\0").split("\0")
            turns[-1]["value"] += between[1] + "\n" + between[0] + text
        else:
            turns.append({"from": "observation" if message.role == "tool" else "human", "value": text})
    values = {"conversations": turns, "system": system, "tools": ""}
    if record.tools and listed(record.tools):  # for an empty list an empty system turn would be written
        values["tools"] = json.dumps(listed(record.tools), ensure_ascii=False)
    fields = {"$": tuple(values), "$.conversations[]": ("from", "value")}
    finding = fault(values, parse(entry("")), fields, style_of(template))
    if finding:
        raise Unfit(finding.path, finding.why, finding.remedy)
    return values


def _call(content: str, calls: str, template: Template, path: str) -> str:
    """A function_call turn: the calls as JSON; with text, between marks, which the template removes again."""
    text = call_of(calls, beside=False)
    if content and not style_of(template).marks:
        why = f"the turn has text and calls tools, which LLaMA-Factory's template {template.llamafactory} cannot write"
        raise Unfit(path, why, "remove the text, or choose another template (qwen, chatml)")
    if BEGIN in text or BEGIN in content or "<think>\n" in content:
        raise Unfit(path, f"the text beside the call holds {BEGIN} or a thought", "move the text to a turn of its own")
    assert template.tools is not None  # every template that LLaMA-Factory has can write calls
    return f"{content}{template.tools.after}{BEGIN}{text}{END}" if content else text


def _last_only(rows: Sequence[ExportRow]) -> bool:
    """Whether in every row only the last reply is trained on, and some row has others."""
    earlier = False
    for row in rows:
        weights = [effective(message) for message in row.record.messages if message.role == "assistant"]
        if not weights or weights[-1] != 1 or any(weights[:-1]):
            return False
        earlier = earlier or len(weights) > 1
    return earlier


def config(job: Job, template: Template, last_only: bool, thinking: bool) -> dict[str, Any]:
    """A configuration of LoRA for `llamafactory-cli train`.

    Args:
        job: what to write.
        template: of the model.
        last_only: whether the last reply alone is trained on.
        thinking: whether any row has a thought; where none has, the template's empty one is not to be trained on.
    """
    values: dict[str, Any] = {
        "model_name_or_path": job.model,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_rank": 16,
        "lora_alpha": 32,
        "lora_target": "all",
        "dataset_dir": ".",
        "dataset": job.name,
        "template": template.llamafactory,
        "cutoff_len": job.max_length,
    }
    if last_only:
        values["mask_history"] = True
    if template.thought and not thinking:
        values["enable_thinking"] = False
    return values | {
        "output_dir": f"{job.name}/output",
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 8,
        "learning_rate": 0.0001,
        "num_train_epochs": 3.0,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.1,
        "bf16": True,
        "logging_steps": 10,
        "save_strategy": "epoch",
        "report_to": "none",
    }
