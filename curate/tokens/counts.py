"""Tokens of rows, counted so that counts of parts of files add up to those of all."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np

from curate.models.masking import DroppedRow, MaskedRow, TrainingExample
from curate.tokens.row import ANSWER, PROMPT, THOUGHT

# Of what tokens are counted; `all` is prompt, thought and answer, `trained` is of these.
NAMES = ("prompt", "thought", "answer", "all", "trained")
KINDS = {"prompt": PROMPT, "thought": THOUGHT, "answer": ANSWER}
# Rows that are named, and rows that are kept to measure the speed of training with.
MOST_NAMED, MOST_SAMPLED = 100, 32


class UntrainedRow(msgspec.Struct, frozen=True):
    """A valid row without a trained token.

    Attributes:
        file: that it is in.
        row: its number.
        reason: why nothing of it is trained.
    """

    file: str
    row: int
    reason: str


class SampledRow(NamedTuple):
    """A row to measure the speed of training with.

    Attributes:
        order: by which rows are drawn.
        example: the row.
    """

    order: tuple[int, bytes]
    example: TrainingExample


@dataclass
class TokenCounts:
    """Tokens of rows, which those of further rows are added to.

    Attributes:
        rows: valid rows.
        lengths: for each of NAMES, how many rows have how many such tokens before they are cut; rows that the template
            cannot write are not among them.
        fitting: for each of NAMES, such tokens of all rows that are trained on, after they are cut.
        cut: rows that are longer than the maximum length.
        cut_trained: trained tokens that are cut off, of all rows.
        untrained: the first rows without a trained token.
        untrained_rows: how many there are.
        random: rows that are trained on, drawn at random.
        longest: the longest of these.
    """

    rows: int = 0
    lengths: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in NAMES})
    fitting: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    cut_trained: int = 0
    untrained: list[UntrainedRow] = field(default_factory=list)
    untrained_rows: int = 0
    random: list[SampledRow] = field(default_factory=list)
    longest: list[SampledRow] = field(default_factory=list)

    @property
    def trained_rows(self) -> int:
        """How many rows are trained on."""
        return self.rows - self.untrained_rows

    def add(self, file: str, number: int, row: MaskedRow | DroppedRow, kinds: np.ndarray, max_length: int) -> None:
        """Count a valid row.

        Args:
            file: that it is in.
            number: of the row.
            row: with its mask, or why the template cannot write it.
            kinds: (n,) int8, see `curate.tokens.row.parts`; of a row that is not written any.
            max_length: that it is cut to.
        """
        self.rows += 1
        fitting = row if isinstance(row, DroppedRow) else self._cut(row, kinds, max_length)
        if isinstance(fitting, TrainingExample):
            self.fitting.update(_by_name(kinds[:max_length], fitting.weights))
            self._sample(fitting)
            return
        self.untrained_rows += 1
        if len(self.untrained) < MOST_NAMED:
            self.untrained.append(UntrainedRow(file, number, fitting.reason))

    def _cut(self, row: MaskedRow, kinds: np.ndarray, max_length: int) -> TrainingExample | DroppedRow:
        whole = _by_name(kinds, row.weights)
        for name, tokens in whole.items():
            self.lengths[name][tokens] += 1
        self.cut += len(row.ids) > max_length
        self.cut_trained += whole["trained"] - int(np.count_nonzero(row.weights[:max_length]))
        return row.cut(max_length)

    def merge(self, later: TokenCounts) -> None:
        """Add the counts of rows that follow these."""
        self.rows += later.rows
        for name in NAMES:
            self.lengths[name].update(later.lengths[name])
        self.fitting.update(later.fitting)
        self.cut += later.cut
        self.cut_trained += later.cut_trained
        self.untrained = [*self.untrained, *later.untrained][:MOST_NAMED]
        self.untrained_rows += later.untrained_rows
        self.random = _first([*self.random, *later.random])
        self.longest = _first([*self.longest, *later.longest])

    def sample(self, most: int, longest: bool = False) -> list[TrainingExample]:
        """Rows that are trained on, MOST_SAMPLED or fewer.

        Args:
            most: how many rows.
            longest: whether they are the longest ones; else they are drawn at random.
        """
        return [row.example for row in _first(self.longest if longest else self.random)[:most]]

    def _sample(self, example: TrainingExample) -> None:
        # By a hash, so that neither the order of the rows nor how files are cut changes what is drawn.
        digest = hashlib.blake2b(example.ids.tobytes(), digest_size=8).digest()
        self.random.append(SampledRow((0, digest), example))
        self.longest.append(SampledRow((-len(example), digest), example))
        if len(self.random) >= 2 * MOST_SAMPLED:
            self.random, self.longest = _first(self.random), _first(self.longest)


def _by_name(kinds: np.ndarray, weights: np.ndarray) -> dict[str, int]:
    """The tokens of a row, for each of NAMES."""
    counts = {name: int(np.count_nonzero(kinds == kind)) for name, kind in KINDS.items()}
    return {**counts, "all": len(kinds), "trained": int(np.count_nonzero(weights))}


def _first(rows: Iterable[SampledRow]) -> list[SampledRow]:
    return heapq.nsmallest(MOST_SAMPLED, rows, key=lambda row: row.order)
