"""What every tool can be trained on, and which fields of a record are never trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from curate.export.job import ExportRow, Unfit
from schemas.record import Conversation
from schemas.template_tools import listed
from schemas.templates import Template
from schemas.thoughts import BEGIN
from schemas.trainable import THOUGHT, SaidTurn, Trainable, trainable
from schemas.weights import effective

NO_TOOLS = "remove the turns, or export for a tool that supports tool calls (llamafactory, axolotl, trl)"


def check_trainable(record: Conversation) -> Trainable:
    """What a tool trains on of a record: text alone, weights of 0 or 1, and at least one reply trained on.

    Raises:
        Untrainable: for the first turn that nothing can be trained on, see `schemas.trainable`.
        Unfit: for the first that the tool cannot train on.
    """
    said = trainable(record)
    for turn in said.turns:
        path = f"$.messages[{turn.index}]"
        if turn.weight not in (0, 1):
            raise Unfit(
                path,
                f"the turn has weight {turn.weight:g}, and the tool trains on a whole turn or not at all",
                "set the weight to 0 or 1, or train with `curate train`",
            )
        if any(piece.weight != turn.weight for piece in turn.pieces):
            raise Unfit(
                path,
                "the thought is weighted apart from its answer, and the tool trains on a whole turn or not at all",
                "drop the thought (--reasoning drop), or train with `curate train`",
            )
    if not said.is_trained:
        raise Unfit("$.messages", "no turn is trained on: all weights are 0", "set a weight to 1, or remove the row")
    if record.tools and listed(record.tools) is None:
        raise Unfit("$.tools", "the tools are not a JSON list of objects", "write them as a list of functions")
    return said


def check_all_trained(record: Conversation, tool: str, remedy: str) -> None:
    """Check that every reply is trained on.

    Args:
        record: a row.
        tool: what trains on every reply, whatever its weight.
        remedy: what to do about it.

    Raises:
        Unfit: for the first reply of weight 0.
    """
    for i, message in enumerate(record.messages):
        if message.role == "assistant" and effective(message) == 0:
            raise Unfit(
                f"$.messages[{i}]", f"the turn is not to be trained on, and {tool} trains on every reply", remedy
            )


def check_thoughts(turns: Sequence[SaidTurn], template: Template | None) -> None:
    """Check that thoughts can be handed over as text at the head of a reply.

    Args:
        turns: of a row.
        template: that the model is trained with, as far as it is known.

    Raises:
        Unfit: for the first thought, if the template writes thoughts apart from replies.
    """
    if template is None or not template.thinking or template.thinking.startswith(BEGIN):
        return
    for turn in turns:
        if turn.piece(THOUGHT):
            raise Unfit(
                f"$.messages[{turn.index}].reasoning",
                f"the template {template.name} writes thoughts apart from the reply, which is not handed over",
                "leave the thoughts out (--reasoning drop), or train with `curate train`",
            )


def thinks(rows: Sequence[ExportRow]) -> bool:
    """Whether any row has a thought, be it as text of a reply."""
    replies = (message for row in rows for message in row.record.messages if message.role == "assistant")
    return any(reply.reasoning is not None or reply.content.lstrip().startswith(BEGIN) for reply in replies)


def empty_thought_note(template: Template | None, tool: str) -> list[str]:
    """What to know of a template that begins a reply without a thought with an empty one."""
    if template is None or not template.thought:
        return []
    return [f"{template.name} begins a reply without a thought with an empty one, and {tool} trains on it."]


def untrained_fields(rows: Sequence[ExportRow], names_kept: bool = False) -> Counter[str]:
    """Fields that are not handed over because they are never trained on, with the number of rows that have each.

    Args:
        rows: the rows to hand over.
        names_kept: whether the tool has a place for the name of a turn and the id of the call that it answers.
    """
    turn_fields = () if names_kept else ("name", "tool_call_id")
    counts: Counter[str] = Counter()
    for row in rows:
        record = row.record
        names = [name for name in ("category", "source", "id") if getattr(record, name) is not None]
        names += record.extra or ()
        for message in record.messages:
            names += [f"messages[].{name}" for name in turn_fields if getattr(message, name) is not None]
            names += [f"messages[].{name}" for name in message.extra or ()]
            if message.parts is not None:
                names.append("messages[].parts (their text is kept)")
            if message.role != "assistant" and message.weight is not None:
                names.append(f"messages[].weight of {message.role} turns")
        counts.update(set(names))
    return counts
