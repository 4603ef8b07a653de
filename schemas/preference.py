"""Rows of preference data: pairs of a better and a worse answer, and answers labelled as good or bad.

pair    chosen and rejected, as TRL (DPO) and LLaMA-Factory (ranking) name them
label   label (TRL) or kto_tag (LLaMA-Factory), true for a good answer and false for a bad one

A row of other formats that has such fields keeps them as further fields; what is asked here is whether it may be
written, mended and trained on as an example to follow.
"""

from __future__ import annotations

from collections.abc import Container

from schemas.problems import Invalid
from schemas.record import Conversation

CHOSEN, REJECTED = "chosen", "rejected"
LABELS = ("label", "kto_tag")


def is_pair(names: Container[str]) -> bool:
    """Whether a row with fields of these names holds a better and a worse answer."""
    return REJECTED in names and CHOSEN in names


def not_to_follow(record: Conversation) -> tuple[str, str] | None:
    """(JSON path, why) of a record that is no example to follow: a pair, or a bad answer; None for all others."""
    extra = record.extra
    if not extra:
        return None
    if is_pair(extra):
        return f"$.{REJECTED}", "the row is a pair of a chosen and a rejected answer"
    for name in LABELS:
        if extra.get(name) == "false":
            return f"$.{name}", "the answer is labelled as a bad one"
    return None


def check_example(record: Conversation) -> None:
    """Raises Invalid E305 for a record that is no example to follow, see `not_to_follow`."""
    refused = not_to_follow(record)
    if refused:
        raise Invalid("E305", *refused)
