"""XTuner 1: messages, and a configuration that trains all weights.

Source: XTuner 1.0.1, its pages on data sets and configurations, data_proto/messages/chat.py and
data_proto/templates.  It is installed from GitHub; PyPI has 0.2.0, which reads other files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.errors import CurateError
from curate.export.choice import needed
from curate.export.folder import Folder
from curate.export.job import ExportRow, Job, Outcome, Unfit
from curate.export.jsonl import write_jsonl
from curate.export.messages import plain_calls, tools, uses_tools
from curate.export.pairs import check_pairs
from curate.export.rows import converted_rows
from curate.export.script import script
from curate.export.trainable import check_trainable, empty_thought_note, untrained_fields
from schemas.record import Conversation
from schemas.templates import Template, thought_text, written_turns
from schemas.trainable import SaidTurn

DATA = "train.jsonl"
CONFIG = "config.py"
TITLE = "XTuner"
CHAT_TEMPLATE = "qwen3"
# Whose text XTuner's template qwen3 writes once the system prompt is in the row, and which of them write calls as it.
TEMPLATES = ("chatml", "qwen", "qwen3", "qwen3_nothink", "smollm2")
WITH_TOOLS = ("qwen", "qwen3", "qwen3_nothink")


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows and the configuration.

    Raises:
        CurateError: if XTuner has no such template.
    """
    template = needed(job.model, job.template, TITLE)
    if template.name not in TEMPLATES:
        raise CurateError(
            f"XTuner has no template that writes the same text as {template.name}; name one with --template "
            f"({', '.join(TEMPLATES)}), or export for axolotl or trl, which take any"
        )
    written, left_out = converted_rows(rows, lambda record: row(record, template))
    write_jsonl(folder.add(DATA), written)
    settings = {"MODEL": job.model, "CHAT_TEMPLATE": CHAT_TEMPLATE, "MAX_LENGTH": job.max_length}
    folder.text(CONFIG, script("xtuner_config.py", settings))
    notes = ["XTuner trains all weights, and models of Qwen2's and Qwen3's kinds with this template."]
    notes.append("XTuner trains on a reply and its end token, not on the line end after it.")
    return Outcome(
        command=f"torchrun --nproc-per-node 1 -m xtuner.v1.train.cli.sft --config {CONFIG}",
        at=str(folder.path),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=untrained_fields(rows),
        notes=notes + empty_thought_note(template, TITLE),
        template=template.name,
    )


def row(record: Conversation, template: Template) -> dict[str, Any]:
    """The row as XTuner reads it.  Raises Untrainable for what it would crash on or write in another way."""
    said, _ = written_turns(check_trainable(record), template)
    check_pairs(said, TITLE, several_results=False)
    if template.name not in WITH_TOOLS and uses_tools(record):
        raise Unfit(
            "$.messages", f"the row uses tools, which the template {template.name} is handed over without", _OTHERS
        )
    turns = [_turn(turn, template) for turn in said]
    if turns[0]["role"] == "system" and not turns[0]["content"]:
        del turns[0]
    if turns[0]["role"] != "system" and template.default_system:
        turns.insert(0, {"role": "system", "content": template.default_system})
    return {"messages": turns, **({"tools": tools(record)} if tools(record) else {})}


_OTHERS = f"name a template that writes calls with --template ({', '.join(WITH_TOOLS)})"


def _turn(turn: SaidTurn, template: Template) -> dict[str, Any]:
    text = thought_text(turn, template) + turn.content()
    if turn.role == "assistant" and template.thought and "<think>" not in text and "</think>" not in text:
        text = template.thought + text
    written: dict[str, Any] = {"role": turn.role, "content": text}
    if turn.calls():
        written["tool_calls"] = plain_calls(turn)
    if turn.role == "assistant" and turn.weight == 0:
        written["loss"] = False
    return written
