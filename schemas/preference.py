"""Preference data: pairs of a better and a worse answer to one prompt, and answers labelled as good or bad.

pair    chosen and rejected, as TRL (DPO) and LLaMA-Factory (ranking) name them
label   label (TRL) or kto_tag (LLaMA-Factory), true for a good answer and false for a bad one

The record of a pair ends in the chosen answer.  What is an example to follow is decided here: a pair is none unless its
chosen answer is asked for, and a bad answer never is.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from msgspec.structs import replace

from schemas.problems import Invalid
from schemas.record import Conversation, Message, Preference

CHOSEN, REJECTED = "chosen", "rejected"
LABELS = ("label", "kto_tag")
# What the rows of a format hold beside a conversation, as `Format.holds` has it.
PAIR, LABEL = "pair", "label"
# Fields that say what kind of task a row is; for classification a `label` is a class.
KINDS_OF_TASK = ("category", "task", "task_type", "is_classification")
TAKE = "write the chosen answers as replies with `curate convert --take chosen`"


def is_pair(names: Container[str]) -> bool:
    """Whether a row with fields of these names holds a better and a worse answer."""
    return REJECTED in names and CHOSEN in names


def is_class(fields: Mapping[str, str]) -> bool:
    """Whether fields of a row, as JSON text, say that its task is classification, so that `label` is a class."""
    told = [fields.get(name, "").strip('"').lower() for name in KINDS_OF_TASK]
    return told[-1] == "true" or any("classif" in text for text in told)


def not_to_follow(record: Conversation) -> tuple[str, str] | None:
    """(JSON path, why) of a record that is no example to follow: a pair, or a bad answer; None for all others."""
    own, extra = record.preference, record.extra
    if own is not None and own.rejected is not None:
        return f"$.{REJECTED}", "the row is a pair of a chosen and a rejected answer"
    if own is not None and own.label is False:
        return f"$.{own.field}", "the answer is labelled as a bad one"
    if not extra:
        return None
    if is_pair(extra):
        return f"$.{REJECTED}", "the row is a pair of a chosen and a rejected answer"
    for name in LABELS:
        if extra.get(name) == "false" and not (name == "label" and _is_class(record)):
            return f"$.{name}", "the answer is labelled as a bad one"
    return None


def has_bad_answer(record: Conversation) -> bool:
    """Whether the answer that a record ends in may be a bad one: it is labelled so, or nothing says which it is.

    A pair that was read as one ends in its chosen answer.
    """
    return not rejected(record) and not_to_follow(record) is not None


def judged_as(record: Conversation) -> str:
    """What a record of preference data is, in words; "" for any other."""
    own = record.preference
    if own is not None and own.rejected is not None:
        return "pairs"
    bad = not_to_follow(record) is not None
    return "bad answers" if bad else "good answers" if own is not None else ""


def _is_class(record: Conversation) -> bool:
    return is_class({"category": record.category or "", **(record.extra or {})})


def check_example(record: Conversation) -> None:
    """Raises Invalid E305 for a record that is no example to follow, see `not_to_follow`."""
    refused = not_to_follow(record)
    if refused:
        raise Invalid("E305", *refused)


def example(record: Conversation) -> Conversation:
    """The record of a good answer as an example to follow.

    Replies in the prompt, which nobody judged, are not trained on unless they say otherwise.

    Raises:
        Invalid: E305, see `not_to_follow`.
    """
    check_example(record)
    if record.preference is None:
        return record
    prompt, answer = divided(record)
    return replace(record, messages=[*map(_untrained, prompt), *answer], preference=None)


def followed(record: Conversation) -> Conversation:
    """The record as an example to follow; as it is where it is none."""
    return record if not_to_follow(record) else example(record)


def _untrained(message: Message) -> Message:
    return replace(message, weight=0.0) if message.role == "assistant" and message.weight is None else message


def taken(record: Conversation) -> tuple[Conversation, list[str]]:
    """(the chosen or good answer as an example to follow, names of what is left out); see `--take chosen`.

    Raises:
        Invalid: E305 for a bad answer, and for a pair that the row's format does not read as one.
    """
    own = record.preference
    if own is None:
        return example(record), []
    if own.rejected is None:
        return example(record), [own.field]
    label = replace(own, rejected=None, label=True)
    return example(replace(record, preference=label)), [REJECTED]


def fitted(record: Conversation, holds: str) -> list[Conversation]:
    """The records as which one is written in a format whose rows hold this.

    held    record       written
    ""      pair         none, E305
    ""      label        the good answer, its label beside it; a bad one is refused, E305
    pair    label, none  none, E306
    label   pair         two: the chosen answer as a good one, the rejected one as a bad one
    label   none         none, E306, unless a further field is its label

    Raises:
        Invalid: E305 or E306.
    """
    own = record.preference
    if holds == LABEL and own is None:
        own = _label_beside(record)
        record = record if own is None else _with_label(record, own)
    if not holds:
        return [record if own is None else _carrying_label(record, own)]
    if own is None:
        found = "an answer without a label" if holds == LABEL else "one answer and no other to compare it with"
        raise Invalid("E306", "$", f"the row has {found}")
    if holds == LABEL:
        return [record] if own.rejected is None else both(record)
    if own.rejected is None:
        raise Invalid("E306", f"$.{own.field}", "the row has one answer with a label, and no other to compare it with")
    return [record]


def both(record: Conversation) -> list[Conversation]:
    """The two answers of a pair as one good and one bad answer to the same prompt."""
    prompt, answer = divided(record)
    bad = rejected(record)
    return [
        replace(record, messages=[*prompt, *answer], preference=Preference(len(answer), label=True)),
        replace(record, messages=[*prompt, *bad], preference=Preference(len(bad), label=False)),
    ]


def _carrying_label(record: Conversation, own: Preference) -> Conversation:
    """The example with its label as a further field."""
    return replace(example(record), extra={**(record.extra or {}), own.field: "true"})


def _label_beside(record: Conversation) -> Preference | None:
    """The label that a record of another format has as a further field; None where it has none."""
    for name in LABELS:
        value = (record.extra or {}).get(name)
        if value in ("true", "false") and not (name == "label" and _is_class(record)):
            return Preference(last_answer(record.messages), label=value == "true", field=name)
    return None


def _with_label(record: Conversation, own: Preference) -> Conversation:
    extra = {name: value for name, value in (record.extra or {}).items() if name != own.field}
    return replace(record, extra=extra or None, preference=own)


def last_answer(messages: list[Message]) -> int:
    """How many of the last messages follow the last user turn."""
    return next((i for i, message in enumerate(reversed(messages)) if message.role == "user"), len(messages))


def divided(record: Conversation) -> tuple[list[Message], list[Message]]:
    """(the prompt, the answer: of a pair the chosen one) of a record of preference data."""
    at = len(record.messages) - (record.preference.answer if record.preference else 0)
    return record.messages[:at], record.messages[at:]


def rejected(record: Conversation) -> list[Message]:
    """The rejected answer of a pair; empty for any other record."""
    return (record.preference.rejected if record.preference else None) or []


def with_rejected(record: Conversation) -> Conversation:
    """The prompt of a pair with the rejected answer to it."""
    return replace(record, messages=[*divided(record)[0], *rejected(record)], preference=None)


def lost_of_both(loses: Callable[[Conversation], list[str]]) -> Callable[[Conversation], list[str]]:
    """What is lost of a pair in a format whose turns lose this: of the prompt and the chosen answer, of the other."""

    def lost(record: Conversation) -> list[str]:
        other = rejected(record)
        return loses(record) + (loses(replace(record, messages=other, preference=None)) if other else [])

    return lost
