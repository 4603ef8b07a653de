"""Which rows of a file LLaMA-Factory would not train on as they are, and why.

Source: LLaMA-Factory 0.9.5, data/loader.py, with datasets 4.0.
"""

from __future__ import annotations

import json

import msgspec

from curate.doctor import llamafactory_entry
from curate.doctor.columns import SeenColumns
from curate.doctor.examined import Examined, Settings
from curate.doctor.finding import Finding
from curate.doctor.llamafactory_entry import DatasetEntry, stage
from curate.doctor.llamafactory_rules import fault
from curate.doctor.llamafactory_tools import style_of
from curate.doctor.llamafactory_turns import at
from curate.doctor.rows import check_ending, parsed_rows
from schemas.templates import Template

TITLE = "LLaMA-Factory"
BATCH = 1000  # preprocessing_batch_size


def judge(path: str, settings: Settings) -> Examined:
    """What LLaMA-Factory does to the rows of a file.

    Raises:
        CurateError: for a file that cannot be read.
    """
    entry = None
    if settings.dataset_info and settings.dataset:
        entry = llamafactory_entry.from_file(settings.dataset_info, settings.dataset)
    return examine(path, entry, settings.template, settings.thinking)


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
    findings = check_ending(path)
    columns = SeenColumns()
    bad: dict[int, Finding] = {}
    count = 0
    for number, row, broken in parsed_rows(path):
        count += 1
        finding = broken or columns.add(row, number)
        if finding:
            bad[number] = finding.at(path, number)
    fields = columns.fields["$"]
    messages = entry.messages if entry else next((n for n in ("conversations", "messages") if n in fields), None)
    guessed, attributes = llamafactory_entry.guess(fields, columns.fields.get(f"$.{messages}[]", set()))
    assumed: tuple[str, ...] = ()
    if entry is None:
        assumed = (
            f"{path} is taken to have this entry in dataset_info.json (else name it with --dataset-info):",
            f"  {json.dumps(attributes, ensure_ascii=False, separators=(',', ':'))}",
        )
    entry = entry or guessed
    style = style_of(template, thinking)
    by_row: list[Finding | None] = []
    for number, row, _ in parsed_rows(path):
        finding = bad.get(number) or fault(row, entry, columns.fields, style)
        by_row.append(finding.at(path, number) if finding else None)
    if stage(entry) == "kto":
        by_row = _mismatched(by_row, at(entry.kto_tag))
    findings += [finding for finding in by_row if finding]
    if not any(map(_trained, by_row)):
        why = "no row is left to train on: the run ends with `Cannot find valid samples`"
        findings.append(Finding("crash", "$", why, "mend the rows", path))
    return Examined(count, findings, assumed)


def _trained(finding: Finding | None) -> bool:
    return finding is None or finding.verdict not in ("crash", "drop")


def _mismatched(findings: list[Finding | None], label: str) -> list[Finding | None]:
    """Findings where a row without an answer ends the run: KTO compares each row with the answer of the one before.

    Args:
        findings: of each row.
        label: JSON path of the label; a row left out for its label alone has an answer.
    """
    judged = list(findings)
    for start in range(0, len(findings), BATCH):
        end = min(start + BATCH, len(findings))
        for i in range(start, end):
            before = i - 1 if i > start else end - 1
            finding = findings[before]
            if _trained(findings[i]) and finding and finding.verdict == "drop" and finding.path != label:
                why = (
                    f"{finding.why}, and the run ends with IndexError at row {i + 1}, which is compared with its answer"
                )
                judged[before] = msgspec.structs.replace(finding, verdict="crash", why=why)
    return judged
