"""Messages of OpenAssistant trees, one a row, to a row for each tree.

Source: LAION's Open-Assistant, oasst-data (ExportMessageNode: message_id, parent_id, text, role).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw

from schemas.row import fields_of

KEYS = frozenset({"message_id", "parent_id", "text", "role"})
NumberedText = tuple[int, bytes]


class TreeMessage(msgspec.Struct, gc=False):
    """A message and the numbers of its replies among all messages."""

    number: int
    data: bytes
    fields: dict[str, Raw]
    replies: list[int]


def are_messages(data: bytes) -> bool:
    """Whether a row is one message of a tree."""
    return _fields_of_message(data) is not None


def _fields_of_message(data: bytes) -> dict[str, Raw] | None:
    fields = fields_of(data)
    return None if fields is None or not fields.keys() >= KEYS else fields


def trees(rows: Iterable[NumberedText]) -> Iterator[NumberedText]:
    """A row for each tree of these messages, in the order of their roots, with the number of the root.

    Rows that are no message, and messages whose parent is not among the rows, come last as they are.

    Args:
        rows: (row number, JSON text) pairs, in any order.
    """
    messages: list[TreeMessage] = []
    others: list[NumberedText] = []
    places: dict[bytes, int] = {}
    for number, data in rows:
        fields = _fields_of_message(data)
        if fields is not None:
            places.setdefault(bytes(fields["message_id"]), len(messages))
            messages.append(TreeMessage(number, data, fields, []))
        else:
            others.append((number, data))
    roots = []
    for at, message in enumerate(messages):
        parent = bytes(message.fields["parent_id"])
        if parent == b"null":
            roots.append(at)
        elif parent in places:
            messages[places[parent]].replies.append(at)
    reached: set[int] = set()
    for root in roots:
        tree_id = messages[root].fields.get("message_tree_id", messages[root].fields["message_id"])
        tree = b"".join(_written(messages, root, reached))
        yield messages[root].number, b'{"message_tree_id":%b,"prompt":%b}' % (bytes(tree_id), tree)
    # A parent that is missing, or one's own descendant.
    others += [(m.number, m.data) for at, m in enumerate(messages) if at not in reached]
    yield from sorted(others)


def _written(messages: list[TreeMessage], root: int, reached: set[int]) -> Iterator[bytes]:
    """The pieces of a message's JSON text with its replies in it, each with theirs."""
    stack: list[int | bytes] = [root]
    while stack:
        at = stack.pop()
        if isinstance(at, bytes):
            yield at
            continue
        reached.add(at)
        message = messages[at]
        own = {name: value for name, value in message.fields.items() if name not in ("parent_id", "replies")}
        yield msgspec.json.encode(own)[:-1] + b',"replies":['
        stack.append(b"]}")
        for i, reply in enumerate(reversed(message.replies)):
            stack += [b",", reply] if i else [reply]
