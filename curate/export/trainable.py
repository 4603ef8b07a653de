"""What every tool can be trained on, and which fields of a record are never trained on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from curate.export.job import ExportRow, Unfit
from schemas.check import TEXT_PARTS
from schemas.record import Conversation, Message
from schemas.template_tools import listed

NO_TOOLS = "remove the turns, or export for a tool that supports tool calls (llamafactory, axolotl, trl)"


def check_trainable(record: Conversation) -> None:
    """Check that a tool can train on a record: text alone, weights of 0 or 1, and at least one reply trained on.

    Raises:
        Unfit: for the first turn that it cannot train on.
    """
    weights = []
    for i, message in enumerate(record.messages):
        if message.parts is not None:
            _check_parts(message.parts, f"$.messages[{i}]")
        if message.role == "assistant":
            weights.append(loss_weight(message))
            if weights[-1] not in (0, 1):
                raise Unfit(
                    f"$.messages[{i}]",
                    f"the turn has weight {weights[-1]:g}, and the tool trains on a whole turn or not at all",
                    "set the weight to 0 or 1, or train with `curate train`",
                )
    if not any(weights):
        raise Unfit("$.messages", "no turn is trained on: all weights are 0", "set a weight to 1, or remove the row")
    if record.tools and listed(record.tools) is None:
        raise Unfit("$.tools", "the tools are not a JSON list of objects", "write them as a list of functions")


def _check_parts(parts: str, path: str) -> None:
    for part in json.loads(parts):
        if part.get("type") not in TEXT_PARTS:
            raise Unfit(
                path,
                f"the turn has a part of type {part.get('type')!r}, and exports hold text only",
                "remove the part, or train a multimodal model on the row elsewhere",
            )


def loss_weight(message: Message) -> float:
    """The weight of an assistant turn in the loss, 1 where the record has none."""
    return 1.0 if message.weight is None else float(message.weight)


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
