"""Compares what `curate doctor` says of mutated rows with what a tool did to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from curate.doctor.examined import Examined
from tests.peers.fates import Made, fate
from tests.peers.mutated_rows import Case


def write(cases: Sequence[Case], folder: Path) -> list[Path]:
    """A file for each case."""
    paths = []
    for i, case in enumerate(cases):
        path = folder / f"case{i}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in case.rows))
        paths.append(path)
    return paths


def said(examined: Examined) -> str:
    """What doctor says of the last row but one; what it says of the file counts for each."""
    for verdict in ("crash", "unknown", "drop", "change"):
        if any(
            f.verdict == verdict and (f.row in (0, examined.rows - 1) or verdict == "crash") for f in examined.findings
        ):
            return verdict
    return "kept"


def did(
    result: dict[str, Any],
    case: Case,
    columns: Collection[str],
    tokenizer: PreTrainedTokenizerBase,
    stage: str = "sft",
) -> set[str]:
    """What a tool did to the last row but one.

    Args:
        result: ids and labels that it gives of each row, or an error; of labelled rows their tags too.
        case: the rows.
        columns: those of a row that the tool was asked to read.
        tokenizer: the tool's.
        stage: of training.
    """
    if "error" in result:
        return {"crash"}
    if any(isinstance(token, list) for ids in result["ids"] for token in ids):
        return {"crash"}  # once the rows are put into a batch
    if len(result["ids"]) < len(case.rows):
        return {"drop"}
    if "tags" in result and result["tags"][-2] != case.rows[-2]["label"]:
        return {"change"}
    trained = tokenizer.decode([label for label in result["labels"][-2] if label != -100])
    return fate(case.rows[-2], Made(tokenizer.decode(result["ids"][-2]), trained), columns, stage)


def compare(
    tool: str,
    cases: Sequence[Case],
    results: Sequence[dict[str, Any]],
    judge: Callable[[int], Examined],
    happened: Callable[[int], set[str]],
) -> None:
    """Fail for rows of which the two do not say the same, or if too few are judged.

    Args:
        tool: its name.
        cases: what both were asked.
        results: what the tool made of each file.
        judge: gives what doctor says of a file, by its number.
        happened: gives what the tool did to a row, by the number of its file.
    """
    wrong, unjudged = [], 0
    for i, (case, result) in enumerate(zip(cases, results, strict=True)):
        verdict, done = said(judge(i)), happened(i)
        if verdict == "unknown":
            unjudged += 1
        elif verdict not in done:
            error = result.get("error", "")[:200]
            wrong.append(f"{i} {case.shape}: doctor {verdict}, {tool} {done} {error}: {json.dumps(case.rows[-2])}")
    print(f"{tool}: {len(cases)} rows, {unjudged} not judged, {len(wrong)} judged otherwise than the tool does")
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)
    assert unjudged <= len(cases) / 2
