"""What of a row counts when rows are compared, and which of two rows is the better one."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup import exact
from curate.errors import CurateError
from curate.table import take
from schemas.record import Conversation, Message, loads

KEYS = {
    "conversation": "every turn, its tool calls included",
    "prompt": "the user's turns",
    "response": "the assistant's turns",
    "first-prompt": "the user's first turn",
    "exchange": "any user turn with the answer to it; rows that share one are duplicates",
}
QUALITY = "quality"
BATCH = 10_000


def texts(record: Conversation, key: str) -> list[str]:
    """The texts of a row that count: one, for the key `exchange` one an exchange.  key: one of KEYS."""
    if key == "conversation":
        return ["\n".join(map(_text, record.messages))]
    if key == "prompt":
        return [record.prompt()]
    if key == "response":
        return [record.response()]
    if key == "first-prompt":
        return record.turns("user")[:1] or [""]
    exchanges: list[str] = []
    for turn in record.messages:
        if turn.role == "user":
            exchanges.append(_text(turn))
        elif exchanges:
            exchanges[-1] += f"\n{_text(turn)}"
    return exchanges or [""]


def _text(turn: Message) -> str:
    """What a turn says: its content, its calls, and parts that are no text (the content has those that are)."""
    if turn.tool_calls is None and turn.parts is None:
        return turn.content
    said = [turn.content, turn.tool_calls or ""]
    if turn.parts is not None:
        parts = msgspec.json.decode(turn.parts)
        said += [msgspec.json.encode(p).decode() for p in parts if not isinstance(p, dict) or p.get("type") != "text"]
    return "\n".join(filter(None, said))


def table_texts(table: pa.Table, positions: np.ndarray, key: str) -> Iterator[list[str]]:
    """The texts that count of the rows at these positions, row by row; the table is never held as text at once."""
    check(key)
    column = {"prompt": "prompt", "response": "response"}.get(key)
    for i in range(0, len(positions), BATCH):
        some = positions[i : i + BATCH]
        if column:
            yield from ([text] for text in take(table[column], some))
        else:
            yield from (texts(loads(text), key) for text in take(table["record"], some))


def hashes(table: pa.Table, positions: np.ndarray, key: str) -> tuple[np.ndarray, np.ndarray]:
    """128-bit hashes of the normalised texts that count: (m, 2) uint64, and whose each is, (m,) places in `positions`.

    A text without anything in it has none.  For whole conversations the roles count too.
    """
    check(key)
    digests: list[bytes] = []
    owners: list[int] = []
    if key == "conversation":
        for i in range(0, len(positions), BATCH):
            taken = take(table["record"], positions[i : i + BATCH])
            digests.append(b"".join(exact.key(loads(text)) for text in taken))
        whole = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)
        return whole, np.arange(len(positions))
    for i, some in enumerate(table_texts(table, positions, key)):
        for text in some:
            plain = exact.normal(text)
            if plain:
                digests.append(blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest())
                owners.append(i)
    return np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2), np.array(owners, np.int64)


def check(key: str) -> None:
    """Raises CurateError for a key that is none."""
    if key not in KEYS:
        raise CurateError(f"no key is called {key!r}; keys are {', '.join(KEYS)}")


def ranked(table: pa.Table, positions: np.ndarray, best: str | None = None) -> np.ndarray:
    """These positions from the best row to the worst, whatever the order of the table's rows.

    best: a column of numbers, more being better; `quality` if None and the table has it.  Rows of the same quality
    (or none at all) go by the longer response, then the smaller record text, then file and row.
    Raises CurateError if there is no such column of numbers.
    """
    if best is not None and best not in table.column_names:
        raise CurateError(f"the table has no column {best!r}; it has {', '.join(table.column_names)}")
    best = best or (QUALITY if QUALITY in table.column_names else None)
    # Where all rows are asked for, their texts are not copied.
    every = len(positions) == table.num_rows
    rows = (
        table
        if every
        else table.select([*{"record", "file", "row", "response", best} - {None}]).take(pa.array(positions, pa.int64()))
    )
    columns = {"longer": pc.utf8_length(rows["response"]), **{name: rows[name] for name in ("record", "file", "row")}}
    order = [("longer", "descending"), ("record", "ascending"), ("file", "ascending"), ("row", "ascending")]
    if best:
        quality = rows[best]
        if not (pa.types.is_integer(quality.type) or pa.types.is_floating(quality.type)):
            raise CurateError(f"the column {best!r} holds {quality.type}, no numbers to tell the best row by")
        columns["best"] = quality
        order.insert(0, ("best", "descending"))
    found = pc.sort_indices(pa.table(columns), sort_keys=order).to_numpy()
    return found.astype(np.int64) if every else positions[found]
