"""Faults of the thought before an answer: those kinds that are faults in any text, named as the thought's."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from curate.score.faults.finding import FaultFinding
from curate.score.faults.row import FaultRow

# A thought may refuse, promise and break off as no answer may; these spoil it too.
LOOKED_FOR = frozenset({"loop", "mojibake", "special_tokens"})


def find_also_in_thought(
    name: str, find: Callable[[FaultRow], FaultFinding | None], row: FaultRow
) -> FaultFinding | None:
    """What a fault finds in the prompt and the answer, or, where that is nothing certain, in the thought.

    Args:
        name: of the fault.
        find: its function.
        row: the row.
    """
    finding = find(row)
    if (finding is not None and finding.certain) or name not in LOOKED_FOR or not row.thought:
        return finding
    inner = find(FaultRow(row.prompt, row.thought))
    if inner is None or (finding is not None and not inner.certain):
        return finding
    return msgspec.structs.replace(inner, what=f"in the thought: {inner.what}")
