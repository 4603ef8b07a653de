"""TRL's preference pairs: a prompt, the chosen answer and the rejected one, as turns or as text.

The prompt may be left out where both answers are conversations that begin with it (the implicit prompt).
Source: TRL's page on dataset formats (preference), DPOTrainer; Intel/orca_dpo_pairs (question), Anthropic/hh-rlhf
(transcripts), HuggingFaceH4/ultrafeedback_binarized (a prompt that both conversations repeat).
"""

from __future__ import annotations

from msgspec import UNSET

from schemas import flat
from schemas import turns as turn_lists
from schemas.preference import PAIR, divided, lost_of_both, rejected, with_rejected
from schemas.record import Conversation
from schemas.row import Format, Optional, Row, Shape, Variant, raw_of, tools_of
from schemas.sft import tools_value
from schemas.sides import pair, raw_turns, read_side, shared, transcript
from schemas.turns import write_turns


class Dpo(Row, kw_only=False):
    """Each of the three is text or a list of turns."""

    prompt: Optional
    chosen: Optional = UNSET
    rejected: Optional = UNSET


class DpoQuestion(Row, kw_only=False):
    """The same with another name for the prompt."""

    question: Optional
    chosen: Optional = UNSET
    rejected: Optional = UNSET


class DpoImplicit(Row, kw_only=False):
    """Both are whole conversations: lists of turns, or transcripts."""

    chosen: Optional = UNSET
    rejected: Optional = UNSET


def read(row: Dpo) -> Conversation:
    """The record.  Raises Invalid E101-E115, E201-E216."""
    return _read(row.prompt, "prompt", row)


def read_question(row: DpoQuestion) -> Conversation:
    """The record.  Raises Invalid as `read` does."""
    return _read(row.question, "question", row)


def _read(prompt: Optional, field: str, row: Dpo | DpoQuestion) -> Conversation:
    asked = read_side(prompt, field, "user")
    return pair(asked, read_side(row.chosen, "chosen"), read_side(row.rejected, "rejected"), row.system, tools_of(row))


def read_implicit(row: DpoImplicit) -> Conversation:
    """The record.  Raises Invalid as `read` does, and E215 where the conversations do not begin alike."""
    chosen, other = (transcript(read_side(getattr(row, field), field)) for field in ("chosen", "rejected"))
    return pair(*shared(chosen, other), row.system, tools_of(row))


def write(conversation: Conversation) -> Dpo:
    """The row, all three as turns."""
    prompt, chosen = divided(conversation)
    row = Dpo(*(raw_turns(write_turns(side)) for side in (prompt, chosen, rejected(conversation))))
    row.tools = tools_value(conversation.tools) if conversation.tools else UNSET
    return row


def write_implicit(conversation: Conversation) -> DpoImplicit:
    """The row of two conversations that begin with the prompt."""
    sides = (conversation.messages, with_rejected(conversation).messages)
    row = DpoImplicit(*(raw_turns(write_turns(side)) for side in sides))
    row.tools = tools_value(conversation.tools) if conversation.tools else UNSET
    return row


def write_text(conversation: Conversation) -> Dpo:
    """The row of three texts.  Raises Invalid E301, E302, E303."""
    system, prompt, chosen = flat.single(conversation, "dpo/text")
    _, _, worse = flat.single(with_rejected(conversation), "dpo/text")
    return Dpo(raw_of(prompt), raw_of(chosen), raw_of(worse), system=system)


loses = lost_of_both(turn_lists.loses)
FORMAT = Format(
    name="dpo",
    title="TRL preference pairs",
    shapes=(
        Shape("dpo", Dpo, read, ("prompt", "chosen", "rejected"), rank=1),
        Shape("dpo-question", DpoQuestion, read_question, ("question", "chosen", "rejected"), rank=1),
        Shape("dpo-implicit", DpoImplicit, read_implicit, ("chosen", "rejected"), rank=1, mark="without a prompt"),
    ),
    write=write,
    loses=loses,
    names=frozenset({"tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"prompt": [{"role": "user", "content": "Name a prime."}], '
    '"chosen": [{"role": "assistant", "content": "2"}], "rejected": [{"role": "assistant", "content": "4"}]}',
    source="TRL's page on dataset formats (preference, with explicit or implicit prompt)",
    holds=PAIR,
    variants=(
        Variant("implicit", "dpo-implicit", write_implicit, loses, "two conversations that begin with the prompt"),
        Variant("text", "dpo", write_text, lost_of_both(flat.loses), "prompt, chosen and rejected as text"),
    ),
)
