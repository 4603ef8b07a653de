"""What the formats of one exchange share: a prompt, perhaps with an input, and a response, in one object."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas import parts, thoughts
from schemas.check import conversation as check_turns
from schemas.check import exchange
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import Names, Optional, Row, raw_of, text_of

_pairs = msgspec.json.Decoder(list[tuple[str, str]])


class Flat(Row, kw_only=True):
    """A row of one exchange.

    Attributes:
        history: earlier exchanges, as (user, assistant) pairs; null, absent or empty for none.
    """

    history: Optional = UNSET


def read_flat(
    row: Flat, names: Names, instruction: str | UnsetType, context: str | UnsetType | None, response: str | UnsetType
) -> Conversation:
    """The record of a flat row.

    Args:
        row: the decoded row.
        names: of the fields, for JSON paths.
        instruction: the request.
        context: the input, None or UNSET where the row has none.
        response: the reply.

    Raises:
        Invalid: E102 for a missing field, E101 for a malformed history, E201-E206 for blank or misplaced turns.
    """
    request, reply = present(instruction, names.prompt), present(response, names.response)
    prompt, boundary = joined(request, context or None)
    exchange(prompt, reply, f"$.{names.prompt}", f"$.{names.response}")
    messages = [Message("user", prompt), Message("assistant", reply)]
    if row.history is not UNSET:
        messages = _earlier(bytes(row.history)) + messages
    if row.system is not UNSET:
        system = text_of(row.system)
        if system:
            messages.insert(0, Message("system", system))
    return Conversation(messages, boundary=boundary)


def _earlier(data: bytes) -> list[Message]:
    if data == b"null":
        return []
    try:
        pairs = _pairs.decode(data)
    except msgspec.ValidationError as error:
        raise Invalid(
            "E101", "$.history", f"found {shown(data)}, expected a list of [prompt, response]: {error}"
        ) from None
    messages = [message for user, answer in pairs for message in (Message("user", user), Message("assistant", answer))]
    if messages:
        check_turns(messages, list(range(len(messages))), "$.history")
    return messages


def history(messages: list[Message]) -> Raw:
    """The history of these turns.

    Args:
        messages: (2n,) turns, user and assistant in alternation.
    """
    pairs = [(messages[i].content, thoughts.whole(messages[i + 1])) for i in range(0, len(messages), 2)]
    return Raw(msgspec.json.encode(pairs))


def present(value: str | UnsetType, field: str) -> str:
    """A required field's value.  Raises Invalid E102 if the row lacks it.

    The struct gives such a field a default so that it keeps its place among the optional ones.
    """
    if value is UNSET:
        raise Invalid("E102", f"$.{field}", f"the row has no {field}")
    return value


def joined(instruction: str, context: str | None) -> tuple[str, int | None]:
    """One prompt from an instruction and its input, a newline between, and the boundary."""
    if not context:
        return instruction, None
    return f"{instruction}\n{context}", len(instruction)


def divided(conversation: Conversation, prompt: str) -> tuple[str, str]:
    """(instruction, input) of the last prompt, by the record's boundary."""
    at = conversation.boundary
    if at is None:
        return prompt, ""
    return prompt[:at], prompt[at + 1 :]


def single(conversation: Conversation, name: str) -> tuple[Optional, str, str]:
    """(system as JSON text or UNSET, prompt, response with its thought inline) of a conversation with one exchange.

    Raises:
        Invalid: E301, E302 or E303 where format `name`, which holds one exchange of text, cannot hold it.
    """
    system, messages = texts(conversation, name)
    if len(messages) != 2:
        raise Invalid(
            "E301", "$", f"the conversation has {len(messages)} turns; {name} holds one prompt and one response"
        )
    return UNSET if system is None else raw_of(system), messages[0].content, thoughts.whole(messages[1])


def texts(conversation: Conversation, name: str) -> tuple[str | None, list[Message]]:
    """(the system prompt or None, the other turns) of a conversation that is text alone.

    Raises:
        Invalid: E302 or E303 where format `name`, which holds texts, cannot hold it.
    """
    messages = conversation.messages
    system = None
    if messages[0].role == "system":
        text_only(messages[0], name)
        system, messages = messages[0].content, messages[1:]
    for message in messages:
        if message.role == "tool" or message.tool_calls:
            raise Invalid("E303", "$", f"the conversation calls tools; {name} has no place for that")
        text_only(message, name)
    return system, messages


def text_only(message: Message, name: str) -> None:
    """Raise Invalid E302 if the turn has a part that is neither text nor its thought or calls."""
    if message.parts is not None:
        for _, kind in parts.unread(message):
            raise Invalid("E302", "$", f"a turn holds {kind!r}; {name} holds text only")


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold besides text, which a flat row does not."""
    lost: list[str] = []
    for message in conversation.messages:
        if message.weight is not None or message.name is not None or message.tool_call_id is not None:
            fields = ("weight", "name", "tool_call_id")
            lost += [f"messages[].{field}" for field in fields if getattr(message, field) is not None]
        if message.parts is not None:
            lost.append("messages[].parts")
        if message.extra:
            lost += [f"messages[].{name}" for name in message.extra]
        if message.reasoning_weight is not None:
            lost.append("messages[].reasoning_weight")
    return lost
