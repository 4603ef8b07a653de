"""verl: messages in Parquet, and a configuration of LoRA for its SFT trainer.

Source: verl 0.9.1, trainer/sft_trainer.py and its configuration, utils/dataset/multiturn_sft_dataset.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.export.choice import by_model
from curate.export.folder import Folder
from curate.export.jinja import jinja
from curate.export.job import ExportRow, Job, Outcome, Unfit
from curate.export.messages import messages, uses_tools
from curate.export.rows import converted_rows
from curate.export.trainable import check_all_trained, empty_thought_note, untrained_fields
from schemas.record import Conversation
from schemas.template_tools import fill
from schemas.templates import Template

DATA = "data/train.parquet"
CONFIG = "sft.yaml"
TITLE = "verl"
BATCH = 16


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows and the configuration, with the chat template in it where one is known.

    verl tokenises each turn alone, as the model's own template writes it; where that looks at the other turns, as
    Qwen3's does, it stops at the row.  Ours look at none, so one is handed over for every model that has one by name.

    Raises:
        CurateError: if the template writes the last reply in another way than the others.
    """
    template = job.template or by_model(job.model)
    if template is not None and template.last:
        raise CurateError(
            f"verl tokenises each turn alone, and {template.name} writes the last reply in another way than the "
            "others; export for axolotl or trl"
        )
    written, left_out = converted_rows(rows, lambda record: row(record, template))
    write_parquet(folder.add(DATA), written)
    folder.yaml(CONFIG, config(job, template, len(written)))
    if template is None:
        notes = ["verl tokenises each turn alone, and stops at rows which the model's own template writes otherwise."]
    else:
        notes = empty_thought_note(template, TITLE)
    return Outcome(
        command="torchrun --standalone --nproc_per_node 1 -m verl.trainer.sft_trainer --config-dir . --config-name sft",
        at=str(folder.path),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=untrained_fields(rows),
        notes=notes,
        template=template.name if template else "the model's own",
    )


def row(record: Conversation, template: Template | None) -> list[dict[str, str]]:
    """The turns as verl reads them.  Raises Untrainable for tools and for replies that are not to be trained on."""
    if uses_tools(record):
        raise Unfit(
            "$.messages",
            "the row uses tools, which verl reads from columns that give each call the arguments of all others",
            "export for a tool that supports tool calls (llamafactory, axolotl, trl, ms-swift, xtuner)",
        )
    turns = messages(record, template)
    check_all_trained(record, TITLE, "export for axolotl, trl, ms-swift or xtuner, which can leave a turn out")
    if template is not None and template.fused:
        turns = _fused(turns, template)
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns]


def _fused(turns: list[dict[str, Any]], template: Template) -> list[dict[str, Any]]:
    """The turns with the system text within the next user turn, where the template writes it."""
    fused, waiting = [], ""
    for turn in turns:
        if turn["role"] == "system":
            waiting += fill(template.system, {"content": turn["content"]}) if turn["content"] else ""
        elif turn["role"] == "user":
            fused.append({**turn, "content": waiting + turn["content"]})
            waiting = ""
        else:
            fused.append(turn)
    return fused


def write_parquet(path: Path, rows: Sequence[Sequence[dict[str, str]]]) -> None:
    """Write a column `messages`: lists of role and content, both text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    turn = pa.struct([("role", pa.string()), ("content", pa.string())])
    pq.write_table(pa.table({"messages": pa.array(rows, pa.list_(turn))}), path, compression="zstd")


def config(job: Job, template: Template | None, rows: int) -> dict[str, Any]:
    """A configuration of LoRA, on top of verl's own `sft_trainer_engine`.

    Args:
        job: what to write.
        template: to tokenise with, None for the model's own.
        rows: of the data; verl leaves out an incomplete batch, so that a larger one would train nothing.
    """
    batch = max(min(BATCH, rows), 1)
    model: dict[str, Any] = {"path": job.model, "lora_rank": 16, "lora_alpha": 32, "target_modules": "all-linear"}
    if template is not None:
        model["custom_chat_template"] = jinja(template)
    return {
        "defaults": ["sft_trainer_engine", "_self_"],
        "data": {
            "train_files": DATA,
            "messages_key": "messages",
            "enable_thinking_default": None,
            # Turns are tokenised alone, so a template without special tokens may give other ids where they meet.
            "ignore_input_ids_mismatch": template is not None,
            "train_batch_size": batch,
            "micro_batch_size_per_gpu": min(2, batch),
            "max_length": job.max_length,
            "max_token_len_per_gpu": max(8192, job.max_length),
            "truncation": "right",
        },
        "model": model,
        "optim": {"lr": 0.0001, "lr_warmup_steps_ratio": 0.1, "lr_scheduler_type": "cosine"},
        "trainer": {
            "project_name": "curate",
            "experiment_name": job.name,
            "default_local_dir": "output",
            "logger": ["console"],
            "total_epochs": 3,
            "save_freq": "after_each_epoch",
            "n_gpus_per_node": 1,
        },
    }
