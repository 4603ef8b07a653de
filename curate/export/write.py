"""One export from rows to files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from curate.errors import CurateError
from curate.export import dataset_info, llamafactory
from curate.export.choice import by_model
from curate.export.folder import folder
from curate.export.job import ExportRow, Job, Outcome
from curate.export.jsonl import write_jsonl
from curate.export.readme import readme
from curate.export.rows import fit_rows, subset_rows
from curate.export.tools import TOOLS
from curate.export.trainable import thinks
from curate.io import atomic

if TYPE_CHECKING:
    import pyarrow as pa

LEFT_OUT = "left_out.jsonl"
OWN_TEMPLATE = ("axolotl", "unsloth", "trl", "deepspeed")  # train by the chat template that comes with the model


def write(table: pa.Table, out: str, tool: str, job: Job, force: bool = False) -> Outcome:
    """Write the rows of a table for a tool to the folder `out`, with a README, checksums and what was left out.

    For llamafactory the files are in `out`/NAME, and `out` is its dataset_dir, whose dataset_info.json gets an entry.

    Raises:
        CurateError: before anything is written, if no row fits, files of the user are in the way, or a template is
            unknown to the tool.
    """
    title, export = TOOLS[tool]
    rows, invalid = subset_rows(table, job.reasoning)
    # What the model's own template cannot be handed; a template by name says so itself.
    rows, unfit = fit_rows(rows, None if job.template else by_model(job.model))
    invalid = [*invalid, *unfit]
    job, notes = _with_thoughts(job, tool, rows)
    if not rows and not invalid:
        raise CurateError("there is no row to hand over; look at the input: curate stats IN", 1)
    info = None
    path = Path(out)
    if tool == "llamafactory":
        info = dataset_info.merged(path / dataset_info.NAME, job.name, llamafactory.entry(job.name))
        path = path / job.name
    with folder(path, force) as files:
        outcome = export(rows, job, files)
        if job.template and tool != "llamafactory":
            outcome.template = job.template.name
        outcome.notes += notes
        outcome.left_out = [*invalid, *outcome.left_out]
        if not outcome.written:
            first = outcome.left_out[0]
            raise CurateError(
                f"no row of {len(outcome.left_out):,} can be handed over to {title}; the first, "
                f"{first.file}:{first.row}: {first.path}: {first.why}; {first.remedy}. Nothing was written.",
                1,
            )
        if outcome.left_out:
            write_jsonl(files.add(LEFT_OUT), outcome.left_out)
        files.text("README.md", readme(title, job, outcome, sorted(files.names)))
    if info is not None:
        with atomic(Path(out) / dataset_info.NAME) as file:
            file.write(info.encode())
    return outcome


def _with_thoughts(job: Job, tool: str, rows: Sequence[ExportRow]) -> tuple[Job, list[str]]:
    """(the job, what to know): a model whose own template leaves thoughts out gets one of ours that writes them."""
    known = by_model(job.model)
    if job.template or tool not in OWN_TEMPLATE or known is None or not known.given or not thinks(rows):
        return job, []
    note = f"{job.model}'s own template leaves every thought out; the export has {known.name}, which writes them."
    return msgspec.structs.replace(job, template=known), [note]


def name_of(path: str) -> str:
    """A name for the data set from the name of its file, of letters, digits, - and _."""
    stem = Path(path).name.split(".", 1)[0]
    return re.sub(r"[^\w-]+", "_", stem).strip("_") or "curated"
