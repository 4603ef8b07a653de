"""Rows of which several examples can be made: seed tasks of several instances, trees of several paths."""

from __future__ import annotations

from schemas import oasst, self_instruct
from schemas.record import Conversation


def of(record: Conversation) -> list[tuple[Conversation, list[str]]]:
    """Each example of a row, with the names of what is lost; none for a row that has no more than its record says."""
    if not record.extra:
        return []
    if "instances" in record.extra:
        return [(each, []) for each in self_instruct.of_instances(record)]
    return [(each, ["prompt (the tree's labels and other paths)"]) for each in oasst.paths(record)]
