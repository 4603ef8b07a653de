"""Turns of typed blocks or parts, as Anthropic and Gemini write them, to messages and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from schemas import thoughts
from schemas.calls import FlatCall, lost_in_calls
from schemas.check import TEXT_PARTS
from schemas.parts import hold_calls, hold_thought, unread
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import one_line
from schemas.turns import extras_of, take_fields

# The field that a thought in a block of its own has where turns are written as OpenAI does.
FIELD = "thinking"
_encode = msgspec.json.Encoder().encode
_calls = msgspec.json.Decoder(list[dict[str, Raw]])


class MadeTurn(msgspec.Struct):
    """A message and the index of the turn that it was read from, -1 for one that came from elsewhere."""

    place: int
    message: Message


class BlockTurn(msgspec.Struct):
    """What the blocks of one turn say.

    Attributes:
        parts: blocks of text and media, as objects with a type.
        thoughts: texts.
        calls: in OpenAI's shape.
        results: of tools, as messages.
        extra: further fields of blocks, with the values that they have there.
    """

    parts: list[dict[str, Any]] = []
    thoughts: list[str] = []
    calls: list[dict[str, Any]] = []
    results: list[Message] = []
    extra: dict[str, list[Any]] = {}

    def beside(self, block: dict[str, Any], known: Collection[str]) -> None:
        """Keep the fields of a block that are not known, under their names."""
        for name, value in block.items():
            if name not in known:
                self.extra.setdefault(name, []).append(value)

    def fill(self, message: Message) -> None:
        """Write what the blocks say into the message; a field that several blocks have becomes a list."""
        message.content = "\n".join(part["text"] for part in self.parts if isinstance(part.get("text"), str))
        if len(self.parts) > 1 or (self.parts and self.parts[0].keys() != {"type", "text"}):
            message.parts = _encode(self.parts).decode()
        if self.calls:
            message.tool_calls = _encode(self.calls).decode()
        if self.thoughts:
            thought = "\n\n".join(self.thoughts)
            if message.content.lstrip().startswith(thoughts.BEGIN) or not thought.strip():
                self.extra[FIELD] = [thought]
            else:
                message.reasoning, message.reasoning_form = thought, FIELD
        if self.extra:
            values = {name: found[0] if len(found) == 1 else found for name, found in self.extra.items()}
            message.extra = {name: _encode(value).decode() for name, value in values.items()}


def take_extras(message: Message, turn: msgspec.Struct, plain: type[msgspec.Struct], at: str) -> None:
    """Keep the further fields of a turn, and read a weight and a thought among them.

    Args:
        message: of the turn, with the fields of its blocks.
        turn: as it was decoded.
        plain: the struct of a turn without further fields.
        at: JSON path of the turn.

    Raises:
        Invalid: E108, E109 or E115; see `turns.take_fields`.
    """
    message.extra = _both(extras_of(turn) if type(turn) is not plain else None, message.extra)
    take_fields(message, {}, at)
    message.extra = message.extra or None


def _both(one: dict[str, str] | None, other: dict[str, str] | None) -> dict[str, str]:
    """The further fields of two; one that both have becomes a list."""
    one, other = one or {}, other or {}
    return one | other | {name: f"[{one[name]},{other[name]}]" for name in one if name in other}


def with_results(results: list[Message], message: Message) -> list[Message]:
    """The messages of a turn: the results of tools, then what else it says; fields of a turn without are the last's."""
    if not results or message.content or message.parts:
        return [*results, message]
    results[-1].extra = _both(message.extra, results[-1].extra) or None
    results[-1].weight = message.weight
    return results


def object_of(call: FlatCall) -> Raw:
    """The arguments of a call.

    Raises:
        Invalid: E104 if they are no JSON object.
    """
    data = one_line(bytes(call.arguments)).lstrip()
    if data[:1] != b"{":
        raise Invalid("E104", "$", f"the arguments of {call.name} are {shown(data)}, no object")
    return Raw(data)


def calls_with_ids(messages: Sequence[Message]) -> list[Message]:
    """The messages with an id for every call and every result, which pair in order where they had none."""
    out = []
    unanswered: list[str] = []
    count = 0
    for message in messages:
        if message.tool_calls:
            made = _calls.decode(message.tool_calls)
            unanswered = []
            for entry in made:
                count += 1
                unanswered.append(msgspec.json.decode(entry.get("id", Raw(b"null"))) or f"call_{count}")
                entry["id"] = Raw(_encode(unanswered[-1]))
            message = msgspec.structs.replace(message, tool_calls=_encode(made).decode())
        elif message.role == "tool":
            answered = message.tool_call_id or (unanswered[0] if unanswered else "call_0")
            unanswered = [other for other in unanswered if other != answered]
            message = msgspec.structs.replace(message, tool_call_id=answered)
        out.append(message)
    return out


def parts_of(message: Message, name: str, media: Collection[str]) -> list[dict[str, Any]]:
    """Blocks of text and media of a message; thoughts and calls that were read from its parts are none of them.

    Raises:
        Invalid: E302 for a part of a type that format `name` does not have.
    """
    if message.parts is None:
        return [{"type": "text", "text": message.content}] if message.content else []
    left = {i for i, _ in unread(message)}
    parts = []
    for i, part in enumerate(msgspec.json.decode(message.parts)):
        if part["type"] in TEXT_PARTS:
            rest = {k: v for k, v in part.items() if k not in ("type", "text", "value")}
            parts.append({"type": "text", "text": part.get("text", part.get("value")), **rest})
        elif part["type"] in media:
            parts.append(part)
        elif i in left:
            raise Invalid("E302", "$", f"a turn holds {part['type']!r}; {name} has no such part")
    return parts


def lost_of_blocks(conversation: Conversation, own: Collection[str], of_call: Collection[str]) -> list[str]:
    """Names of what messages hold and turns of blocks do not.

    Args:
        conversation: the record.
        own: names of a turn that belong to the format.
        of_call: names of a call that do.
    """
    lost: list[str] = []
    for message in conversation.messages:
        for field in ("weight", "name", "reasoning_weight"):
            if getattr(message, field) is not None:
                lost.append(f"messages[].{field}")
        lost += [f"messages[].{name}" for name in message.extra or () if name in own]
        if message.role == "system" and message.extra:
            lost += [f"messages[].{name}" for name in message.extra]
        if message.tool_calls:
            lost += lost_in_calls(message.tool_calls, of_call)
        if message.parts is not None and (message.role == "system" or hold_thought(message) or hold_calls(message)):
            lost.append("messages[].parts")
    return lost
