"""Rows of which several examples can be made: seed tasks of several instances, trees of several paths."""

from __future__ import annotations

from schemas import oasst, self_instruct
from schemas.problems import Invalid
from schemas.record import Conversation


def field_of(record: Conversation) -> str:
    """The further field that would hold the examples of a row; "" where it has none."""
    return next((name for name in ("instances", "prompt") if name in (record.extra or {})), "")


def of(record: Conversation) -> list[tuple[Conversation, list[str]]]:
    """Each example of a row, with the names of what is lost; none for a row that has no more than its record says."""
    if field_of(record) == "instances":
        return [(each, []) for each in self_instruct.of_instances(record)]
    return [(each, ["prompt (the tree's labels and other paths)"]) for each in oasst.paths(record)]


def several(record: Conversation) -> bool:
    """Whether a row has more examples than its record says."""
    try:
        return len(of(record)) > 1
    except Invalid:  # one that is no good is one more
        return True
