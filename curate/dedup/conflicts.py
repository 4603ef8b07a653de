"""Conflicts: rows with the same prompt whose answers differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.table.counting import rows_that_count
from curate.table.table import placed, records, with_columns
from curate.text.exact_form import exact_form
from schemas.preference import REJECTED
from schemas.record import Conversation, Message

# Prompts are the same but for these; superscripts and operators count, since 2⁵ asks for something else than 25.
PROMPT_FOLDS = ("width", "case", "space")
ANSWER_FOLDS = (*PROMPT_FOLDS, "punctuation")
BATCH = 10_000


class Conflict(NamedTuple):
    """A prompt with several answers.

    Attributes:
        answers: (k,) positions of the rows that give each answer, the answer of most rows first, rows in the order of
            the table; at least two answers.
        name: the same for the same prompt in any table.
    """

    answers: list[np.ndarray]
    name: str

    @property
    def rows(self) -> int:
        """How many rows have the prompt."""
        return sum(map(len, self.answers))

    def answers_of(self, positions: Set[int]) -> int:
        """How many of the answers rows at these positions give."""
        return sum(not positions.isdisjoint(rows.tolist()) for rows in self.answers)


def conflicts(table: pa.Table) -> list[Conflict]:
    """The prompts to which rows give different answers, those of most rows first.

    A prompt is the tools, the system prompt and all turns of the user; an answer is all other turns.  Case, width and
    runs of white space do not count, nor does punctuation in answers.  Only rows that no step has dropped are looked
    at, and of them not those that have no prompt or are preference data.

    Args:
        table: n rows.
    """
    rows: dict[bytes, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
    for position, record in _rows(table):
        if record.prompt().strip() and record.preference is None and REJECTED not in (record.extra or {}):
            rows[_prompt_key(record)][_answer_key(record)].append(position)
    groups = [
        Conflict(sorted(map(np.array, answers.values()), key=lambda own: (-len(own), own[0])), prompt.hex())
        for prompt, answers in rows.items()
        if len(answers) > 1
    ]
    return sorted(groups, key=lambda group: (-group.rows, -len(group.answers), min(own[0] for own in group.answers)))


def with_conflicts(table: pa.Table, groups: Sequence[Conflict]) -> pa.Table:
    """The table with `conflict`, the same text for all rows of a prompt with several answers, and `conflict_answers`,
    how many there are; null for all other rows.

    Args:
        table: n rows.
        groups: its conflicts.
    """
    positions = np.array([*chain.from_iterable(own.tolist() for g in groups for own in g.answers)], np.int64)
    names = [group.name for group in groups for _ in range(group.rows)]
    counts = [len(group.answers) for group in groups for _ in range(group.rows)]
    return with_columns(
        table,
        conflict=placed(table.num_rows, positions, names, pa.string()),
        conflict_answers=placed(table.num_rows, positions, counts, pa.int32()),
    )


def _rows(table: pa.Table) -> Iterator[tuple[int, Conversation]]:
    positions = rows_that_count(table, "unique")
    for i in range(0, len(positions), BATCH):
        part = positions[i : i + BATCH]
        yield from zip(part.tolist(), records(table, part), strict=True)


def _prompt_key(record: Conversation) -> bytes:
    asked = [turn for turn in record.messages if turn.role in ("system", "user")]
    return _digest([record.tools or "", *chain.from_iterable(_texts(turn, PROMPT_FOLDS) for turn in asked)])


def _answer_key(record: Conversation) -> bytes:
    answered = [turn for turn in record.messages if turn.role not in ("system", "user")]
    return _digest([*chain.from_iterable(_texts(turn, ANSWER_FOLDS) for turn in answered)])


def _texts(turn: Message, folds: Sequence[str]) -> Iterator[str]:
    """What of a turn counts; text of nothing but punctuation counts as it is."""
    yield turn.role
    yield exact_form(turn.content, folds) or turn.content
    yield turn.tool_calls or ""
    yield turn.parts or ""


def _digest(texts: Sequence[str]) -> bytes:
    digest = blake2b(digest_size=8)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()
