"""TRL's unpaired preference: a prompt, a completion, and whether that is a good one.

Source: TRL's page on dataset formats (unpaired preference), KTOTrainer.
"""

from __future__ import annotations

from msgspec import UNSET

from schemas import flat
from schemas import turns as turn_lists
from schemas.preference import LABEL, divided, is_class
from schemas.record import Conversation
from schemas.row import Format, Optional, Raw, Row, Shape, Variant, fields_of, raw_of, text_of, tools_of
from schemas.sft import tools_value
from schemas.sides import label_of, labelled, raw_turns, read_side
from schemas.turns import write_turns


class Kto(Row, kw_only=False):
    """prompt and completion are text or lists of turns; label is true or false."""

    prompt: Optional
    completion: Optional
    label: Raw


def judges(data: bytes, values: tuple[bytes, ...] = (b"true", b"false")) -> bool:
    """Whether the label of a row judges its answer: it is one of these or such a text, and not a class of a task."""
    if b'"label"' not in data:
        return False
    fields = fields_of(data) or {}
    label = fields.get("label")
    if label is None:
        return False
    text = (text_of(label) or "").strip().lower().encode()
    named = {name: bytes(value).decode("utf-8", "replace") for name, value in fields.items() if name != "label"}
    return (bytes(label) in values or text in values) and not is_class(named)


def judges_completion(data: bytes) -> bool:
    """The same beside a completion, where 0 and 1 mean it too."""
    return judges(data, (b"true", b"false", b"0", b"1"))


def read(row: Kto) -> Conversation:
    """The record.  Raises Invalid E101-E115, E201-E216."""
    prompt, answer = read_side(row.prompt, "prompt", "user"), read_side(row.completion, "completion")
    return labelled(prompt, answer, row.system, tools_of(row), label_of(row.label, "label"))


def write(conversation: Conversation) -> Kto:
    """The row, prompt and completion as turns."""
    prompt, answer = divided(conversation)
    row = Kto(raw_turns(write_turns(prompt)), raw_turns(write_turns(answer)), label_value(conversation))
    row.tools = tools_value(conversation.tools) if conversation.tools else UNSET
    return row


def label_value(conversation: Conversation) -> Raw:
    """The label of a record as a JSON value."""
    return Raw(b"true" if conversation.preference and conversation.preference.label else b"false")


def write_text(conversation: Conversation) -> Kto:
    """The row of two texts.  Raises Invalid E301, E302, E303."""
    system, prompt, answer = flat.single(conversation, "kto/text")
    return Kto(raw_of(prompt), raw_of(answer), label_value(conversation), system=system)


FORMAT = Format(
    name="kto",
    title="TRL labelled answers",
    shapes=(
        Shape(
            "kto",
            Kto,
            read,
            ("prompt", "completion", "label"),
            shows=judges_completion,
            rank=1,
            mark="of true or false",
        ),
    ),
    write=write,
    loses=turn_lists.loses,
    names=frozenset({"tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"prompt": [{"role": "user", "content": "Name a prime."}], '
    '"completion": [{"role": "assistant", "content": "4"}], "label": false}',
    source="TRL's page on dataset formats (unpaired preference)",
    holds=LABEL,
    variants=(Variant("text", "kto", write_text, flat.loses, "prompt and completion as text"),),
)
