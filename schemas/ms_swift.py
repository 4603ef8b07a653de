"""ms-swift: query, response, and earlier exchanges under history.

Source: modelscope/ms-swift's custom-dataset page (system, query, response, history).
"""

from __future__ import annotations

from msgspec import UNSET

from schemas import thoughts
from schemas.flat import Flat, history, loses, read_flat
from schemas.pairs import pairs_of
from schemas.record import Conversation
from schemas.row import Format, Names, Shape, raw_of

NAMES = Names("query", "", "response")


class MsSwift(Flat, kw_only=False):
    """Both fields are required."""

    query: str
    response: str


def read(row: MsSwift) -> Conversation:
    """The record.  Raises Invalid E101, E201-E206; see `read_flat`."""
    return read_flat(row, NAMES, row.query, None, row.response)


def write(conversation: Conversation) -> MsSwift:
    """The row; earlier exchanges go to history.  Raises Invalid E301, E302, E303."""
    system, pairs = pairs_of(conversation, "ms-swift")
    prompt, reply = pairs[-1]
    row = MsSwift(prompt.content, thoughts.whole(reply), system=UNSET if system is None else raw_of(system))
    if len(pairs) > 1:
        row.history = history([message for pair in pairs[:-1] for message in pair])
    return row


FORMAT = Format(
    name="ms-swift",
    title="ms-swift",
    shapes=(Shape("ms-swift", MsSwift, read, ("query", "response"), NAMES),),
    write=write,
    loses=loses,
    names=frozenset({"system"}),
    multi_turn=True,
    tool_turns=False,
    example='{"query": "Name a prime.", "response": "2", "history": [["Name a city.", "Oslo"]]}',
    source="modelscope/ms-swift's page on custom datasets; MetaMath's files have the same two fields",
)
