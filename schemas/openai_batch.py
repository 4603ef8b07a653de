"""OpenAI's batch files: requests with messages under `body`, and responses with choices.

They are read as rows of SFT messages: one that has both is a conversation; a request alone has no reply, and a response
alone no prompt.
Source: OpenAI's Batch API (custom_id, method, url, body; response.body.choices, error).
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.misfit import place
from schemas.problems import Invalid, shown
from schemas.record import Conversation
from schemas.row import Row, Shape, fields_of, json_of
from schemas.turns import FIELDS, Turn, read_conversation, turn_decoder

_fields = msgspec.json.Decoder(dict[str, Raw])
_turns = msgspec.json.Decoder(list[dict[str, Raw]])
_encode = msgspec.json.Encoder().encode


class BatchRequest(Row, kw_only=False):
    """A request, perhaps with the response to it."""

    custom_id: str
    body: Raw
    method: Raw | UnsetType = UNSET
    url: Raw | UnsetType = UNSET
    response: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


class BatchResponse(Row, kw_only=False):
    """A response without its request."""

    custom_id: str
    response: Raw
    error: Raw | UnsetType = UNSET


def has_messages(data: bytes) -> bool:
    """Whether the messages of a row are in its body."""
    fields = fields_of(data)
    return fields is not None and "messages" not in fields and b'"messages"' in bytes(fields.get("body", b""))


def has_response_alone(data: bytes) -> bool:
    """Whether a row has neither messages nor a request."""
    fields = fields_of(data)
    return fields is not None and fields.keys().isdisjoint(("messages", "body"))


def read(row: BatchRequest) -> Conversation:
    """The record; the rest of the request and of the response stays beside.

    Raises:
        Invalid: E101 or E102 for a body without messages or a response without choices, E101-E109 for a turn, E206 for
            a request without a response, E202-E208 for the order of turns.
    """
    body = _object(bytes(row.body), "$.body")
    if "messages" not in body:
        raise Invalid("E102", "$.body.messages", "the request has no messages")
    turns = _read_turns(bytes(body["messages"]), "$.body.messages")
    if isinstance(row.response, Raw) and bytes(row.response) != b"null":
        turns.append(_answer(bytes(row.response)))
    taken = ("messages", "tools") if row.tools is UNSET else ("messages",)
    if "tools" in taken:
        row.tools = body.get("tools", UNSET)
    record = read_conversation(turns, row.system, "$.body.messages")
    rest = {name: value for name, value in body.items() if name not in taken}
    record.extra = {"custom_id": json_of(_encode(row.custom_id)), "body": json_of(_encode(rest))}
    for name in ("method", "url", "response", "error"):
        if isinstance(value := getattr(row, name), Raw):
            record.extra[name] = json_of(value)
    return record


def read_response(row: BatchResponse) -> Conversation:
    """Raises Invalid: a response has no prompt, E205."""
    message = f"an answer without its prompt, which is in the file of requests under custom_id {shown(row.custom_id)}"
    raise Invalid("E205", "$.response", message)


def _object(data: bytes, path: str) -> dict[str, Raw]:
    try:
        return _fields.decode(data)
    except msgspec.ValidationError:
        raise Invalid("E101", path, f"found {shown(data)}, expected an object") from None


def _read_turns(data: bytes, path: str) -> list[Turn]:
    """Turns, with whatever further fields they have."""
    try:
        names = {name for turn in _turns.decode(data) for name in turn} - FIELDS
        return turn_decoder(Turn, tuple(sorted(names))).decode(data)
    except msgspec.ValidationError as error:
        raise Invalid(*place(data, error, path)) from None


def _answer(data: bytes) -> Turn:
    """The first choice of a response."""
    path = "$.response.body"
    body = _object(data, "$.response").get("body")
    choices = _object(bytes(body), path).get("choices") if body is not None else None
    listed = _choices(bytes(choices), f"{path}.choices") if choices is not None else []
    if not listed or "message" not in listed[0]:
        raise Invalid("E102", f"{path}.choices", f"the response has no choice with a message: {shown(data)}")
    (turn,) = _read_turns(b"[%b]" % bytes(listed[0]["message"]), f"{path}.choices[0].message")
    return turn


def _choices(data: bytes, path: str) -> list[dict[str, Raw]]:
    try:
        return _turns.decode(data)
    except msgspec.ValidationError as error:
        raise Invalid(*place(data, error, path)) from None


SHAPES = (
    Shape(
        "openai-batch",
        BatchRequest,
        read,
        ("custom_id", "body"),
        shows=has_messages,
        borrowed=True,
        rank=1,
        mark="with messages in it, as in batch files",
    ),
    Shape(
        "openai-response",
        BatchResponse,
        read_response,
        ("custom_id", "response"),
        shows=has_response_alone,
        borrowed=True,
        mark="without its request, which is refused: it has no prompt",
    ),
)
