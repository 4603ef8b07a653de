"""XTuner: a list of pairs of input and output under `conversation`, the first with the system prompt.

Source: InternLM/xtuner's page on the dataset format (system, input, output, output_with_loss).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from schemas import thoughts, weights
from schemas.check import conversation as check_turns
from schemas.pairs import lost_of_pairs, pairs_of
from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import Format, Row, Shape, lead_with_system
from schemas.turns import extras_of, take_fields, with_extra


class XTunerTurn(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A prompt and its response; output_with_loss says whether the response is trained on."""

    system: str | UnsetType | None = UNSET
    input: str | UnsetType = UNSET
    output: str
    output_with_loss: bool | UnsetType | None = UNSET


FIELDS = frozenset(XTunerTurn.__struct_fields__)


class XTuner(Row, kw_only=False):
    """conversation is required."""

    conversation: list[XTunerTurn]


def read(row: XTuner) -> Conversation:
    """The record.

    Raises:
        Invalid: E108 or E109 for a weight, E202-E208 for blank turns or a system prompt after the first pair; E205 for
            a pair without input, which is text to continue from nothing, as for pretraining.
    """
    messages: list[Message] = []
    places: list[int] = []
    lead_with_system(messages, places, row.system)
    for i, pair in enumerate(row.conversation):
        at = f"$.conversation[{i}]"
        if not pair.input:
            raise Invalid("E205", f"{at}.input", "an output without input: text for pretraining, no pair")
        reply = Message("assistant", pair.output)
        if type(pair) is not XTunerTurn:
            reply.extra = extras_of(pair)
        take_fields(reply, {"output_with_loss": pair.output_with_loss}, at)
        if isinstance(pair.output_with_loss, bool):
            reply.weight = float(pair.output_with_loss)
        turns = [Message("user", pair.input), reply]
        if pair.system:
            turns.insert(0, Message("system", pair.system))
        messages += turns
        places += [i] * len(turns)
    check_turns(messages, places, "$.conversation")
    return Conversation(messages)


def write(conversation: Conversation) -> XTuner:
    """The row.  Raises Invalid E301, E302, E303 for what is not pairs of texts."""
    system, pairs = pairs_of(conversation, "xtuner")
    turns: list[Any] = []
    for prompt, reply in pairs:
        turn = XTunerTurn(input=prompt.content, output=thoughts.beside_field(reply))
        if system and not turns:
            turn.system = system
        if reply.weight is not None and weights.effective(reply) in (0, 1):
            turn.output_with_loss = bool(reply.weight)
        turns.append(with_extra(turn, reply, FIELDS))
    return XTuner(turns)


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold and pairs do not."""
    return lost_of_pairs(conversation, FIELDS, True)


FORMAT = Format(
    name="xtuner",
    title="XTuner",
    shapes=(Shape("xtuner", XTuner, read, ("conversation",), turns="conversation", turn=XTunerTurn),),
    write=write,
    loses=loses,
    names=frozenset({"system"}),
    multi_turn=True,
    tool_turns=False,
    example='{"conversation": [{"system": "Be brief.", "input": "Name a prime.", "output": "2"}]}',
    source="InternLM/xtuner's page on the dataset format",
)
