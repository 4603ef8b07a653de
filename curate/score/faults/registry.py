"""All faults: each is a file that finds it, a column of its name, and a name in the lists `faults` and `suspicions`."""

from __future__ import annotations

from collections.abc import Iterator

from curate.score.faults import (
    chat_residue,
    empty,
    fences,
    loop,
    missing_input,
    mojibake,
    placeholder,
    promise_only,
    prompt_echo,
    refusal,
    special_tokens,
    truncated,
    web_residue,
)
from curate.score.faults.column import found
from curate.score.faults.finding import FaultFinding
from curate.score.faults.row import FaultRow
from curate.score.faults.thought import find_also_in_thought
from curate.score.texts import RowTexts

_MODULES = (
    empty,
    refusal,
    missing_input,
    promise_only,
    placeholder,
    truncated,
    fences,
    loop,
    prompt_echo,
    chat_residue,
    web_residue,
    special_tokens,
    mojibake,
)
FAULTS = {module.NAME: module for module in _MODULES}


def findings(prompt: str, response: str, record: str = "") -> list[FaultFinding]:
    """All that is wrong with a row: certain faults first, each in the order of `FAULTS`.

    Args:
        prompt: the user's turns, joined by blank lines.
        response: the assistant's turns, joined by blank lines.
        record: the conversation as JSON, so that tool calls and several turns are known.
    """
    row = FaultRow(prompt, response, record)
    return sorted(_all(row), key=lambda finding: not finding.certain)


def names(texts: RowTexts, certain: bool) -> list[list[str]]:
    """(n,) names of the faults of each row, in the order of `FAULTS`.

    Args:
        texts: of the rows.
        certain: certain faults; else those that a row is suspected of.
    """
    listed: list[list[str]] = [[] for _ in range(len(texts))]
    for name, module in FAULTS.items():
        for row_names, finding in zip(listed, found(texts, name, module.find), strict=True):
            if finding is not None and finding.certain is certain:
                row_names.append(name)
    return listed


def _all(row: FaultRow) -> Iterator[FaultFinding]:
    for module in _MODULES:
        finding = find_also_in_thought(module.NAME, module.find, row)
        if finding is not None:
            yield finding
