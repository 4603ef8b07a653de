"""LLaMA-Factory's ranking: a conversation or an instruction without its answer, and chosen and rejected beside it.

Source: LLaMA-Factory's data README (preference datasets, `"ranking": true` in dataset_info.json).
"""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from schemas import alpaca, flat, sharegpt
from schemas.flat import Flat
from schemas.preference import PAIR, divided, lost_of_both, rejected, with_rejected
from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import Format, Optional, Row, Shape, Variant, raw_of, tools_of
from schemas.sides import Side, pair, raw_turns, read_side


class Ranking(Row, kw_only=False):
    """Turns that end in the user's, and two turns that answer them."""

    conversations: Optional
    chosen: Optional = UNSET
    rejected: Optional = UNSET


class RankingAlpaca(Flat, kw_only=False):
    """An instruction, perhaps with an input, and two texts that answer it."""

    instruction: str
    input: str | UnsetType | None = UNSET
    chosen: Optional = UNSET
    rejected: Optional = UNSET


def read(row: Ranking) -> Conversation:
    """The record.  Raises Invalid E101-E115, E201-E216."""
    prompt = read_side(row.conversations, "conversations", "user")
    return pair(prompt, read_side(row.chosen, "chosen"), read_side(row.rejected, "rejected"), row.system, tools_of(row))


def read_alpaca(row: RankingAlpaca) -> Conversation:
    """The record.  Raises Invalid E101-E115, E201-E216."""
    chosen, worse = read_side(row.chosen, "chosen"), read_side(row.rejected, "rejected")
    # Its prompt is Alpaca's, which is read together with a reply.
    asked = flat.read_flat(row, alpaca.NAMES, row.instruction, row.input, "-")
    system = asked.messages[0].role == "system"
    prompt = asked.messages[system:-1]
    paths = [f"$.history[{i // 2}][{i % 2}]" for i in range(len(prompt) - 1)]
    record = pair(Side(prompt, [*paths, "$.instruction"]), chosen, worse, row.system, tools_of(row))
    record.boundary = asked.boundary
    return record


def write(conversation: Conversation) -> Ranking:
    """The row.  Raises Invalid E301 for an answer of several turns, E302 for parts that are not text."""
    prompt, chosen = divided(conversation)
    asked = sharegpt.write(Conversation(prompt, tools=conversation.tools))
    row = Ranking(raw_turns(asked.conversations), _turn(chosen), _turn(rejected(conversation)), system=asked.system)
    row.tools = asked.tools
    return row


def _turn(answer: list[Message]) -> Raw:
    turns = sharegpt.write(Conversation(answer)).conversations
    if len(turns) > 1:
        raise Invalid("E301", "$", f"an answer has {len(turns)} turns; ranking holds one turn for each answer")
    return raw_turns(turns[0])


def write_alpaca(conversation: Conversation) -> RankingAlpaca:
    """The row; earlier exchanges go to history.  Raises Invalid E301, E302, E303."""
    row = alpaca.write(conversation)
    worse = alpaca.write(with_rejected(conversation)).output
    asked = RankingAlpaca(row.instruction, row.input, raw_of(str(row.output)), raw_of(str(worse)), system=row.system)
    asked.history = row.history
    return asked


FORMAT = Format(
    name="ranking",
    title="LLaMA-Factory ranking",
    shapes=(
        Shape("ranking", Ranking, read, ("conversations", "chosen", "rejected"), rank=1),
        Shape("ranking-alpaca", RankingAlpaca, read_alpaca, ("instruction", "chosen", "rejected"), rank=1),
    ),
    write=write,
    loses=lost_of_both(sharegpt.loses),
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"conversations": [{"from": "human", "value": "Name a prime."}], '
    '"chosen": {"from": "gpt", "value": "2"}, "rejected": {"from": "gpt", "value": "4"}}',
    source="LLaMA-Factory's data README (preference datasets, ranking)",
    holds=PAIR,
    variants=(
        Variant(
            "alpaca",
            "ranking-alpaca",
            write_alpaca,
            lost_of_both(flat.loses),
            "instruction, input, chosen and rejected as text",
        ),
    ),
)
