"""LLaMA-Factory's labelled answers: a conversation, or Alpaca's fields, with kto_tag, which is true or false.

Source: LLaMA-Factory's data README (KTO datasets); its kto_en_demo has messages and label.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from schemas import alpaca, flat, sharegpt
from schemas import turns as turn_lists
from schemas.flat import Flat, read_flat
from schemas.kto import judges, label_value
from schemas.preference import LABEL, last_answer
from schemas.record import Conversation
from schemas.row import Format, Optional, Raw, Row, Shape, Variant, tools_of
from schemas.sft import tools_value
from schemas.sides import Side, label_of, labelled, raw_turns, read_side
from schemas.turns import write_turns


class KtoTag(Row, kw_only=False):
    """Turns of from and value, or of role and content."""

    conversations: Optional
    kto_tag: Raw


class KtoTagMessages(Row, kw_only=False):
    """The same under messages."""

    messages: Optional
    kto_tag: Raw


class KtoLabelMessages(Row, kw_only=False):
    """The same with the label's other name."""

    messages: Optional
    label: Raw


class KtoTagAlpaca(Flat, kw_only=False):
    """Alpaca's fields."""

    instruction: str
    kto_tag: Raw
    input: str | UnsetType | None = UNSET
    output: str | UnsetType = UNSET


def read(row: KtoTag) -> Conversation:
    """The record.  Raises Invalid E101-E115, E201-E216."""
    return _read(row.conversations, "conversations", row, row.kto_tag, "kto_tag")


def read_messages(row: KtoTagMessages) -> Conversation:
    """The record.  Raises Invalid as `read` does."""
    return _read(row.messages, "messages", row, row.kto_tag, "kto_tag")


def read_label(row: KtoLabelMessages) -> Conversation:
    """The record.  Raises Invalid as `read` does."""
    return _read(row.messages, "messages", row, row.label, "label")


def _read(turns: Optional, name: str, row: Row, label: Raw, field: str) -> Conversation:
    return labelled(read_side(turns, name, "user"), Side([], []), row.system, tools_of(row), label_of(label, field))


def read_alpaca(row: KtoTagAlpaca) -> Conversation:
    """The record.  Raises Invalid E101, E102, E201-E206, E216."""
    record = read_flat(row, alpaca.NAMES, row.instruction, row.input, row.output)
    record.preference = label_of(row.kto_tag, "kto_tag")
    record.preference.answer = last_answer(record.messages)
    return record


def write(conversation: Conversation) -> KtoTag:
    """The row.  Raises Invalid E302 for parts that are not text."""
    whole = sharegpt.write(conversation)
    row = KtoTag(raw_turns(whole.conversations), label_value(conversation), system=whole.system)
    row.tools = whole.tools
    return row


def write_messages(conversation: Conversation) -> KtoLabelMessages:
    """The row as LLaMA-Factory's own example has it."""
    row = KtoLabelMessages(raw_turns(write_turns(conversation.messages)), label_value(conversation))
    row.tools = tools_value(conversation.tools) if conversation.tools else UNSET
    return row


def write_alpaca(conversation: Conversation) -> KtoTagAlpaca:
    """The row; earlier exchanges go to history.  Raises Invalid E301, E302, E303."""
    whole = alpaca.write(conversation)
    label = label_value(conversation)
    row = KtoTagAlpaca(whole.instruction, label, whole.input, whole.output, system=whole.system)
    row.history = whole.history
    return row


FORMAT = Format(
    name="kto-tag",
    title="LLaMA-Factory labelled answers",
    shapes=(
        Shape("kto-tag", KtoTag, read, ("conversations", "kto_tag"), rank=1),
        Shape("kto-tag-messages", KtoTagMessages, read_messages, ("messages", "kto_tag"), rank=1),
        Shape(
            "kto-label",
            KtoLabelMessages,
            read_label,
            ("messages", "label"),
            shows=judges,
            rank=1,
            mark="of true or false",
        ),
        Shape("kto-tag-alpaca", KtoTagAlpaca, read_alpaca, ("instruction", "output", "kto_tag"), rank=1),
    ),
    write=write,
    loses=sharegpt.loses,
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "4"}], '
    '"kto_tag": false}',
    source="LLaMA-Factory's data README (KTO datasets)",
    holds=LABEL,
    variants=(
        Variant("messages", "kto-label", write_messages, turn_lists.loses, "messages and label, as in kto_en_demo"),
        Variant("alpaca", "kto-tag-alpaca", write_alpaca, flat.loses, "instruction, input, output and kto_tag"),
    ),
)
