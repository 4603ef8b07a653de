"""What a measure of diversity is, and what it is computed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from curate.text.words import words


class Metric(msgspec.Struct, frozen=True):
    """One measure of a set.

    Attributes:
        name: as for a score's column.
        meaning: what it measures, in one line.
        unit: of its values.
        direction: `higher` where a larger value is a more diverse set, else `lower`.
        source: paper or practice that the formula is from.
        on: what it needs: `vectors`, `texts`, `categories`, `prompts` (parsed), `pool` (vectors of a reference) or
            `reference` (its texts).
        value: the measure of a sample; None where the sample has nothing to measure it on.
        most: rows that it looks at; a larger set is measured on so many drawn at random. None: all of them.
        lowest: that it can be; intervals end there.
        highest: that it can be; intervals end there.
    """

    name: str
    meaning: str
    unit: str
    direction: str
    source: str
    on: str
    value: Callable[[Sample], float | None]
    most: int | None = None
    lowest: float = 0.0
    highest: float | None = None


@dataclass(frozen=True)
class Sample:
    """A set, or some of its rows.

    Attributes:
        vectors: (n, d) float32 of unit length.
        texts: (n,) the text of each row that is looked at.
        prompts: (n,) the prompt of each row.
        categories: (n,) the category of each row, None for rows without one.
        density: (n,) 1 / mean squared distance to the nearest rows of the reference pool, None without one.
        clusters: (n,) number of the cluster of the pool that each row is in.
        pool: (m, d) vectors of the reference pool, None without one.
        reference: what the set is to cover: distinct n-grams of a reference's texts, None without one.
        pairs: (n,) root verb and noun of each prompt, None where there are none.
    """

    vectors: np.ndarray
    texts: Sequence[str] = ()
    prompts: Sequence[str] = ()
    categories: Sequence[str | None] = ()
    density: np.ndarray | None = None
    clusters: np.ndarray | None = None
    pool: np.ndarray | None = None
    reference: frozenset[int] | None = None
    pairs: Sequence[str | None] = ()

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def tokens(self) -> list[list[str]]:
        """(n,) words of each text."""
        return [words(text) for text in self.texts]

    def take(self, rows: np.ndarray) -> Sample:
        """The sample of some of the rows.

        Args:
            rows: (k,) numbers of rows.
        """
        numbers = rows.tolist()

        def subset(values: Any) -> Any:
            if values is None or isinstance(values, np.ndarray):
                return None if values is None else values[rows]
            return [values[i] for i in numbers] if len(values) else values

        part = Sample(
            self.vectors[rows],
            subset(self.texts),
            subset(self.prompts),
            subset(self.categories),
            subset(self.density),
            subset(self.clusters),
            self.pool,
            self.reference,
            subset(self.pairs),
        )
        if "tokens" in self.__dict__:
            part.__dict__["tokens"] = subset(self.tokens)
        return part
