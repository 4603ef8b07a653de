"""Tables as reading a file makes them."""

from __future__ import annotations

import pyarrow as pa

from curate.table import table
from schemas.decode import Read
from schemas.record import Conversation, Message
from schemas.registry import FORMATS


def pool(rows: list[tuple[str, str, str | None]], file: str = "f.jsonl") -> pa.Table:
    """A table of (prompt, response, category)."""
    sft = FORMATS["sft"]
    reads = []
    for prompt, response, category in rows:
        messages = [Message("user", prompt), Message("assistant", response)]
        reads.append(Read(Conversation(messages, category=category), sft, sft.shapes[0]))
    return pa.Table.from_batches([table.batch(file, range(1, len(rows) + 1), reads)])
