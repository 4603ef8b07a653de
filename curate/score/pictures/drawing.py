"""Pictures as numbers and texts, ready to be drawn on a page or as PNG files."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Histogram(NamedTuple):
    """How often values lie in each bin.

    Attributes:
        title: of the picture.
        meaning: what the values are, and their unit.
        edges: (bins + 1,) edges of the bins.
        counts: (bins,) values in each bin.
        median: of all values.
        limit: above which values are faults, or None.
        beyond: how many values are off the right end.
    """

    title: str
    meaning: str
    edges: np.ndarray
    counts: np.ndarray
    median: float
    limit: float | None
    beyond: int


class Bars(NamedTuple):
    """How often each label is in one set or more.

    Attributes:
        title: what is counted.
        names: of the sets.
        rows: (label, count in each set), the commonest first.
    """

    title: str
    names: tuple[str, ...]
    rows: list[tuple[str, tuple[int, ...]]]


class PointMap(NamedTuple):
    """Rows as points in colours.

    Attributes:
        title: what the colours are.
        points: (n, 2) coordinates.
        groups: (n,) number of each point's colour.
        names: of the colours.
        ordered: whether the colours are steps of a number, not kinds.
    """

    title: str
    points: np.ndarray
    groups: np.ndarray
    names: list[str]
    ordered: bool


class TextTable(NamedTuple):
    """A table of texts.

    Attributes:
        title: of the table.
        heads: of the columns.
        rows: a text for each column.
    """

    title: str
    heads: list[str]
    rows: list[list[str]]


class Drawing(NamedTuple):
    """All that is shown.

    Attributes:
        kind: what the page is about, in a word.
        headline: what is shown.
        sentences: what stands before the pictures.
        tables: in order.
        histograms: in order.
        bars: in order.
        maps: in order.
    """

    kind: str
    headline: str
    sentences: list[str]
    tables: list[TextTable]
    histograms: list[Histogram]
    bars: list[Bars]
    maps: list[PointMap]
