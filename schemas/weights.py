"""The weight of a turn in the loss, under whatever name a file gives it.

Source: OpenAI's fine-tuning files (weight), LLaMA-Factory's v1 data (loss_weight), ms-swift and XTuner (loss),
Axolotl (train, trainable).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.problems import Invalid
from schemas.record import Conversation, Message

# One thing; the first that a turn has is the one that is read.
ALIASES = ("weight", "loss_weight", "loss", "train", "trainable")
_encode = msgspec.json.Encoder().encode


def effective(message: Message) -> float:
    """The weight of a turn in the loss: 1 where the record has none.  Only assistant turns are trained on."""
    return 1.0 if message.weight is None else float(message.weight)


def untrained(record: Conversation) -> Conversation:
    """The record with no turn trained on: what was said so far, among which an answer without text may stand."""
    turns = [msgspec.structs.replace(message, weight=0) for message in record.messages]
    return msgspec.structs.replace(record, messages=turns)


def take(message: Message, own: Mapping[str, float | bool], path: str) -> None:
    """Set the weight of a turn from all its names; a second name with the same weight stays a further field.

    Args:
        message: its further fields may have names in ALIASES.
        own: those that the format's struct names, with their values.
        path: JSON path of the turn.

    Raises:
        Invalid: E108 for a weight below 0, E109 for two names with different weights.
    """
    extra = message.extra or {}
    given: dict[str, float | bool] = {}
    for name in ALIASES:
        value = own.get(name)
        value = number(extra.get(name, "")) if value is None else value
        if value is not None:
            given[name] = value
    if not given:
        return
    first, *others = given
    for name in given:
        if given[name] < 0:
            raise Invalid("E108", f"{path}.{name}", f"the turn's weight is {given[name]:g}")
        if given[name] != given[first]:
            message_text = f"{first} is {_shown(given[first])} and {name} is {_shown(given[name])}"
            raise Invalid("E109", f"{path}.{name}", message_text)
    message.weight = float(given[first])
    twins = {name: extra.get(name) or _shown(given[name]) for name in others}
    message.extra = {name: value for name, value in extra.items() if name not in given} | twins or None


def number(value: str) -> float | bool | None:
    """The number or truth value in JSON text; None for any other value."""
    if value in ("true", "false"):
        return value == "true"
    if value[:1] not in "-0123456789" or not value:
        return None
    try:
        return msgspec.json.decode(value, type=float)
    except msgspec.ValidationError:  # beyond what a float holds
        return None


def _shown(value: float | bool) -> str:
    return _encode(value).decode()
