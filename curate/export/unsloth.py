"""Unsloth: conversations, and a script that trains on the replies alone.

Source: Unsloth 2026.10.9, chat_templates.py and unsloth_zoo/dataset_utils.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.export.choice import by_model
from curate.export.folder import Folder
from curate.export.jinja import NAME as JINJA
from curate.export.jinja import jinja
from curate.export.job import ExportRow, Job, Outcome, Unfit
from curate.export.jsonl import write_jsonl
from curate.export.messages import messages, spaced, uses_tools
from curate.export.rows import converted_rows
from curate.export.script import script
from curate.export.trainable import NO_TOOLS, check_all_trained, check_trainable, empty_thought_note, untrained_fields
from schemas.record import Conversation
from schemas.sharegpt import WRITTEN
from schemas.templates import Template

DATA = "train.jsonl"
SCRIPT = "train.py"
TITLE = "Unsloth"


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows, the script, and the chat template if Unsloth has none that writes the same."""
    template = job.template
    written, left_out = converted_rows(rows, lambda record: row(record, template))
    write_jsonl(folder.add(DATA), written)
    known = template or by_model(job.model)
    instruction, response = parts(known) if known else (None, None)
    builtin = template.unsloth if template else ""
    if builtin == "llama-3" and spaced(row.record for row in rows):
        builtin = ""
    settings = {
        "MODEL": job.model,
        "UNSLOTH_TEMPLATE": builtin or None,
        "CHAT_TEMPLATE": JINJA if template and not builtin else None,
        "INSTRUCTION_PART": instruction,
        "RESPONSE_PART": response,
        "MAX_LENGTH": job.max_length,
    }
    folder.text(SCRIPT, script("unsloth_train.py", settings))
    if settings["CHAT_TEMPLATE"] and template:
        folder.text(JINJA, jinja(template))
    notes = [] if known else ["Unsloth finds out from the model's own template where replies begin."]
    notes += empty_thought_note(template, TITLE)
    return Outcome(
        command=f"python {SCRIPT}",
        at=str(folder.path),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=untrained_fields(rows),
        notes=notes,
    )


def row(record: Conversation, template: Template | None) -> dict[str, Any]:
    """The row as Unsloth reads it.  Raises Untrainable for tools and for replies that are not to be trained on."""
    check_trainable(record)
    if uses_tools(record):
        raise Unfit(
            "$.messages", "the row uses tools, and Unsloth's standardize_sharegpt knows no such turns", NO_TOOLS
        )
    turns = messages(record, template)
    tool = "Unsloth's train_on_responses_only"
    check_all_trained(record, tool, "export for axolotl or trl, which can leave a turn out")
    # Two fields and no more, which standardize_sharegpt insists on.
    return {"conversations": [{"from": WRITTEN[turn["role"]], "value": turn["content"]} for turn in turns]}


def parts(template: Template) -> tuple[str, str]:
    """(what begins a user turn, what begins a reply), the marks between which Unsloth trains."""
    before, _, after = template.user.partition("{content}")
    return before, template.reply or after
