"""The rows of a file, as `datasets` hands them to a tool."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from curate.doctor.finding import Fault, Finding
from curate.io import blocks
from schemas.problems import shown

ENDINGS = ("arrow", "csv", "json", "jsonl", "parquet")


def check_ending(path: str) -> list[Finding]:
    """What is wrong with the name of a file, if anything."""
    ending = Path(path).suffix[1:]
    if ending in ENDINGS:
        return []
    why = f"the ending {ending!r} is none of {', '.join(ENDINGS)}: the file is not read"
    return [Finding("crash", "$", why, "write it as .jsonl (`curate convert`)", path)]


def parsed_rows(path: str) -> Iterator[tuple[int, Any, Finding | None]]:
    """(number from 1, the row, what becomes of the file if that is no row)."""
    ending = Path(path).suffix[1:]
    for block in blocks(path, lenient=True):
        for number, data in zip(block.numbers, block.rows, strict=True):
            yield number, *_parsed(data, ending)


def count_rows(path: str) -> int:
    """How many rows a file has."""
    return sum(1 for _ in parsed_rows(path))


def column_names(path: str) -> set[str]:
    """Names of fields that any row has; where a row lacks one, it is null."""
    return {name for _, row, _ in parsed_rows(path) if isinstance(row, dict) for name in row}


def judged(path: str, judge: Callable[[dict[str, Any]], None]) -> tuple[int, list[Finding]]:
    """(how many rows there are, what `judge` raises for those that are objects and what is wrong with others)."""
    findings = []
    count = 0
    for number, row, finding in parsed_rows(path):
        count += 1
        if finding is None and not isinstance(row, dict):
            why = f"the row is {shown(json.dumps(row, ensure_ascii=False))}, not an object: the file is not read"
            finding = Finding("crash", "$", why, "write each row as a JSON object")
        try:
            if finding is None:
                judge(row)
        except Fault as fault:
            finding = fault.finding
        if finding:
            findings.append(finding.at(path, number))
    return count, findings


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
