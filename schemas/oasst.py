"""OpenAssistant trees: a prompt with replies, which have replies themselves.

A row is read as its best ranked path; `alternatives` gives all paths from the root to a leaf.
Source: LAION's Open-Assistant, oasst-data (ExportMessageTree: message_tree_id, prompt, replies, rank, deleted).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from schemas import thoughts
from schemas.check import conversation as check_turns
from schemas.misfit import place
from schemas.pairs import lost_of_pairs, pairs_of
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import Format, Row, Shape, json_of, raw_of, text_of

ROLES = {"prompter": "user", "assistant": "assistant"}
_encode = msgspec.json.Encoder().encode


class OasstMessage(msgspec.Struct, gc=False):
    """A message of a tree; of the replies to one the best has the lowest rank."""

    text: str
    role: str
    message_id: str = ""
    rank: int | None = None
    deleted: bool | None = None
    replies: list[OasstMessage] = []


class OasstTree(Row, kw_only=False):
    """Both fields are required; prompt is the root."""

    message_tree_id: Raw
    prompt: Raw


_root = msgspec.json.Decoder(OasstMessage)


class LoneMessage(Row, kw_only=False):
    """A message of a tree in a row of its own."""

    message_id: Raw
    parent_id: Raw
    role: Raw
    text: Raw


def has_replies(data: bytes) -> bool:
    """Whether the text of a row has replies and roles."""
    return b'"replies"' in data and b'"role"' in data


def read(row: OasstTree) -> Conversation:
    """The record of the best ranked path; the tree stays beside it.

    Raises:
        Invalid: E101 or E102 for a message that is none, E103 for a role, E201-E206 for the order of turns.
    """
    data = bytes(row.prompt)
    try:
        root = _root.decode(data)
    except msgspec.ValidationError as error:
        raise Invalid(*place(data, error, "$.prompt")) from None
    path = [root]
    while replies := _standing(path[-1]):
        path.append(min(replies, key=lambda reply: _rank(reply)))
    messages = _messages(path)
    system = text_of(row.system)
    if system:
        messages.insert(0, Message("system", system))
    try:
        check_turns(messages, list(range(len(messages))), "$.prompt")
    except Invalid as invalid:
        found = invalid.problem
        raise Invalid(found.code, "$.prompt", f"of the best path: {found.message}") from None
    record = Conversation(messages)
    record.extra = {"message_tree_id": json_of(row.message_tree_id), "prompt": json_of(data)}
    return record


def read_message(row: LoneMessage) -> Conversation:
    """Raises Invalid E201: messages are made trees of before they are read, but for those without their tree."""
    parent = bytes(row.parent_id)
    why = "the root of no tree here" if parent == b"null" else f"no root is above its parent {shown(parent)}"
    raise Invalid("E201", "$.parent_id", f"one message of a tree by itself: {why}")


def _rank(message: OasstMessage) -> float:
    return float("inf") if message.rank is None else message.rank


def _standing(message: OasstMessage) -> list[OasstMessage]:
    """The replies to a message that were not deleted."""
    return [reply for reply in message.replies if not reply.deleted]


def _messages(path: list[OasstMessage]) -> list[Message]:
    """The turns of a path up to its last reply; a prompt that nobody answered is not one of them."""
    while len(path) > 1 and path[-1].role == "prompter":
        path = path[:-1]
    messages = []
    for step in path:
        if step.role not in ROLES:
            raise Invalid("E103", "$.prompt", f"role {step.role!r} is none of {', '.join(ROLES)}")
        messages.append(Message(ROLES[step.role], step.text))
    thoughts.take_inline(messages, lambda _: "$.prompt")
    return messages


def paths(record: Conversation) -> list[Conversation]:
    """A record of each path from the root to a leaf, the best ranked first; none if the record is of no tree.

    Each has the id of its last message as `message_id`, and no tree beside it.
    """
    extra = record.extra or {}
    if "message_tree_id" not in extra or "prompt" not in extra:
        return []
    try:
        root = _root.decode(extra["prompt"])
    except msgspec.DecodeError:
        return []
    rest = {name: value for name, value in extra.items() if name != "prompt"}
    system = [message for message in record.messages if message.role == "system"]
    answered = _answered(root)
    found: dict[tuple[str, ...], Conversation] = {}
    stack = [[root]]
    while stack:
        path = stack.pop()
        replies = sorted(_standing(path[-1]), key=_rank, reverse=True)
        stack += [[*path, reply] for reply in replies]
        messages = [] if replies else _messages(path)
        # Where nobody answered the last prompt, what comes before it may be the beginning of other paths.
        if len(messages) > 1 and id(path[len(messages) - 1]) not in answered:
            named = {"message_id": _encode(path[len(messages) - 1].message_id).decode()}
            key = tuple(message.content for message in messages)
            made = msgspec.structs.replace(record, messages=system + messages, extra=rest | named)
            found.setdefault(key, made)
    return list(found.values())


def _answered(root: OasstMessage) -> set[int]:
    """The identities of messages below which the assistant speaks."""
    order = [root]
    for message in order:
        order += _standing(message)
    above: set[int] = set()
    for message in reversed(order):
        if any(reply.role == "assistant" or id(reply) in above for reply in _standing(message)):
            above.add(id(message))
    return above


def write(conversation: Conversation) -> OasstTree:
    """The row: the tree that it was read from, or one of a single path.  Raises Invalid E301-E303."""
    system, pairs = pairs_of(conversation, "oasst")
    extra = conversation.extra or {}
    turns = [(message.role, thoughts.whole(message)) for pair in pairs for message in pair]
    tree: dict[str, Any] = {}
    for role, text in reversed(turns):
        name = "prompter" if role == "user" else "assistant"
        tree = {"text": text, "role": name, "replies": [tree] if tree else []}
    tree_id = blake2b(_encode(turns), digest_size=8).hexdigest() if conversation.id is None else conversation.id
    row = OasstTree(raw_of(tree_id), Raw(_encode(tree)), system=UNSET if system is None else raw_of(system))
    if "message_tree_id" in extra:
        row.message_tree_id = Raw(extra["message_tree_id"].encode())
    if any(each.messages == conversation.messages for each in paths(conversation)[:1]):
        row.prompt = Raw(extra["prompt"].encode())
    return row


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold besides text."""
    lost = lost_of_pairs(conversation, frozenset(), False)
    further = {name for message in conversation.messages for name in message.extra or ()}
    return lost + [name for name in (f"messages[].{each}" for each in sorted(further)) if name not in lost]


FORMAT = Format(
    name="oasst",
    title="OpenAssistant trees",
    shapes=(
        Shape(
            "oasst",
            OasstTree,
            read,
            ("message_tree_id", "prompt"),
            shows=has_replies,
            rank=-1,
            mark="with replies",
        ),
        Shape(
            "message",
            LoneMessage,
            read_message,
            ("message_id", "parent_id", "role", "text"),
            rank=-1,
            mark="of messages that make up trees, one a row in any order",
        ),
    ),
    write=write,
    loses=loses,
    names=frozenset(),
    multi_turn=True,
    tool_turns=False,
    example='{"message_tree_id": "t1", "prompt": {"text": "Name a prime.", "role": "prompter", "replies": '
    '[{"text": "2", "role": "assistant", "rank": 0, "replies": []}]}}',
    source="LAION's Open-Assistant and its files of trees; the best ranked path, all of them with --turns split",
)
