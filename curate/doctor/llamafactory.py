"""Which rows of a file LLaMA-Factory would not train on as they are, and why.

Source: LLaMA-Factory 0.9.5, data/loader.py, with datasets 4.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from curate.doctor import llamafactory_entry
from curate.doctor.columns import SeenColumns
from curate.doctor.finding import Finding
from curate.doctor.llamafactory_entry import DatasetEntry, stage
from curate.doctor.llamafactory_rules import fault
from curate.doctor.llamafactory_tools import style_of
from curate.doctor.llamafactory_turns import at
from curate.io import blocks
from schemas.problems import shown
from schemas.templates import Template

ENDINGS = ("arrow", "csv", "json", "jsonl", "parquet")
BATCH = 1000  # preprocessing_batch_size
OPENAI = "detailed thinking off"


class Examined(msgspec.Struct, frozen=True):
    """What LLaMA-Factory would make of a file.

    Attributes:
        rows: how many there are.
        findings: in the order of rows.
        entry: the file's entry in dataset_info.json.
    """

    rows: int
    findings: list[Finding]
    entry: dict[str, Any]


def examine(
    path: str, entry: DatasetEntry | None = None, template: Template | None = None, thinking: bool | None = None
) -> Examined:
    """What LLaMA-Factory does to the rows of a file, in the stage that its entry is for.

    Args:
        path: the file.
        entry: the file's entry in dataset_info.json; by the names of its fields if None.
        template: the prompt template, which matters for how tools and thoughts are written; that of most if None.
        thinking: the setting enable_thinking; None if what it does is not to be judged.

    Raises:
        CurateError: for a file that cannot be read.
    """
    findings: list[Finding] = []
    ending = Path(path).suffix[1:]
    if ending not in ENDINGS:
        why = f"the ending {ending!r} is none of {', '.join(ENDINGS)}: the file is not read"
        findings.append(Finding("crash", "$", why, "write it as .jsonl (`curate convert`)", path))
    columns = SeenColumns()
    bad: dict[int, Finding] = {}
    count = 0
    for number, data in _rows(path):
        count += 1
        row, broken = _parsed(data, ending)
        finding = broken or columns.add(row, number)
        if finding:
            bad[number] = finding.at(path, number)
    fields = columns.fields["$"]
    messages = entry.messages if entry else next((n for n in ("conversations", "messages") if n in fields), None)
    turn_fields = columns.fields.get(f"$.{messages}[]", set())
    guessed, attributes = llamafactory_entry.guess(fields, turn_fields)
    entry = entry or guessed
    if entry.formatting == "openai":
        findings.append(
            Finding(
                "change",
                "$",
                f'the formatting "openai" writes {OPENAI!r} into the system prompt of every row without tools',
                'use "formatting": "sharegpt" with tags for role and content',
                path,
            )
        )
    style = style_of(template, thinking)
    by_row: list[Finding | None] = []
    for number, data in _rows(path):
        finding = bad.get(number)
        if finding is None:
            finding = fault(_parsed(data, ending)[0], entry, columns.fields, style)
        by_row.append(finding.at(path, number) if finding else None)
    if stage(entry) == "kto":
        by_row = _mismatched(by_row, at(entry.kto_tag))
    findings += [finding for finding in by_row if finding]
    if all(finding and finding.verdict in ("crash", "drop") for finding in by_row):
        why = "no row is left to train on: the run ends with `Cannot find valid samples`"
        findings.append(Finding("crash", "$", why, "mend the rows", path))
    return Examined(count, findings, attributes)


def _mismatched(findings: list[Finding | None], label: str) -> list[Finding | None]:
    """Findings where a row without an answer ends the run: KTO compares each row with the answer of the one before.

    Args:
        findings: of each row.
        label: JSON path of the label; a row left out for its label alone has an answer.
    """
    out = list(findings)
    for start in range(0, len(findings), BATCH):
        for i in range(start, min(start + BATCH, len(findings))):
            before = i - 1 if i > start else min(start + BATCH, len(findings)) - 1
            finding, trained = findings[before], findings[i] is None or findings[i].verdict not in ("crash", "drop")
            if trained and finding and finding.verdict == "drop" and finding.path != label:
                why = f"{finding.why}, and the run ends with IndexError at row {i + 1}, which is compared with its answer"
                out[before] = msgspec.structs.replace(finding, verdict="crash", why=why)
    return out


def _rows(path: str) -> Iterator[tuple[int, bytes]]:
    for block in blocks(path, lenient=True):
        yield from zip(block.numbers, block.rows, strict=True)


def _parsed(data: bytes, ending: str) -> tuple[Any, Finding | None]:
    """(the row as `datasets` sees it, what becomes of it if that is no row)."""
    try:
        row = json.loads(data.decode(), parse_constant=_refused if ending == "jsonl" else None)
    except (ValueError, RecursionError) as error:
        why = f"the row is not JSON in UTF-8 ({error}), and the whole file is not read: {shown(data)}"
        return None, Finding("crash", "$", why, "mend the row, or leave it out with `curate convert`")
    # What stands for a row whose fields are all null: null in JSON lines, an empty list in a JSON array.
    empty = row is None if ending == "jsonl" else row == []
    return {} if empty else row, None


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
