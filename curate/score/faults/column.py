"""Faults as columns of a table."""

from __future__ import annotations

from collections.abc import Callable

from curate.score.column import Column
from curate.score.faults.finding import FaultFinding
from curate.score.faults.row import FaultRow
from curate.score.faults.thought import find_also_in_thought
from curate.score.texts import RowTexts

Find = Callable[[FaultRow], FaultFinding | None]
_ROWS = "fault rows"


def flag(name: str, meaning: str, source: str) -> Column:
    """The column of a fault: 1 where it is certain."""
    return Column(name, meaning, "1 = certain", "lower", source, limit=0, kind="flag")


def fault_rows(texts: RowTexts) -> list[FaultRow]:
    """(n,) rows as faults look at them, derived once."""
    rows = texts.shared.get(_ROWS)
    if rows is None:
        records = texts.records or [""] * len(texts)
        rows = [FaultRow(*row) for row in zip(texts.prompts, texts.responses, records, texts.words, strict=True)]
        texts.shared[_ROWS] = rows
    return rows  # type: ignore[return-value]


def found(texts: RowTexts, name: str, find: Find) -> list[FaultFinding | None]:
    """(n,) what one fault finds in each row, looked for once.

    Args:
        texts: of the rows.
        name: of the fault.
        find: its function.
    """
    key = f"fault {name}"
    if key not in texts.shared:
        texts.shared[key] = [find_also_in_thought(name, find, row) for row in fault_rows(texts)]
    return texts.shared[key]  # type: ignore[return-value]


def flags(texts: RowTexts, name: str, find: Find) -> list[int]:
    """(n,) 1 for each row that certainly has the fault; arguments as for `found`."""
    return [int(finding is not None and finding.certain) for finding in found(texts, name, find)]
