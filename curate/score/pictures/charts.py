"""Values, labels and points to pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from curate.score.column import Column
from curate.score.explain import shown
from curate.score.pictures.drawing import Histogram, PointMap
from curate.text.counted import counted

BINS = 24
LABELS = 12
NO_CATEGORY = "(none)"


def histogram(column: Column, values: np.ndarray) -> Histogram:
    """Bins of (n,) values: one a value where there are few whole ones; a long right tail is counted, not drawn."""
    low, high = float(values.min()), float(values.max())
    most = float(np.quantile(values, 0.99))
    cut = most if high - low > 4 * max(most - low, 1e-12) and most > low else high
    inside = values[values <= cut]
    whole = column.kind in ("count", "flag") and cut - low < BINS
    edges = np.arange(low - 0.5, cut + 1) if whole else np.linspace(low, cut if cut > low else low + 1, BINS + 1)
    counts = np.histogram(inside, edges)[0]
    meaning = f"{column.meaning} [{column.unit}]"
    beyond = len(values) - len(inside)
    return Histogram(column.name, meaning, edges, counts, float(np.median(values)), column.limit, beyond)


def label_counts(sets: Sequence[Sequence[Any]]) -> list[tuple[str, tuple[int, ...]]]:
    """(label, counts in each set), the commonest first; those after the twelfth together."""
    counts = [Counter(NO_CATEGORY if value is None else str(value) for value in values) for values in sets]
    total: Counter[str] = sum(counts, Counter())
    first = sorted(total, key=lambda label: (-total[label], label))
    rows = [(label, tuple(count[label] for count in counts)) for label in first[:LABELS]]
    if len(first) > LABELS:
        others = first[LABELS:]
        rows.append((counted(len(others), "other"), tuple(sum(c[label] for label in others) for c in counts)))
    return rows


def map_by_kind(title: str, points: np.ndarray, values: Sequence[Any]) -> PointMap:
    """A map coloured by kinds, the seven commonest of them by name.

    Args:
        title: what the kinds are.
        points: (n, 2) coordinates.
        values: (n,) kinds; None is one too.
    """
    labels = [label for label, _ in label_counts([values])]
    names = labels[:7] if len(labels) > 8 else labels
    number = {name: i for i, name in enumerate(names)}
    groups = np.array([number.get(NO_CATEGORY if v is None else str(v), len(names)) for v in values])
    return PointMap(title, points, groups, [*names, "others"] if len(names) < len(labels) else names, False)


def map_by_number(title: str, points: np.ndarray, values: np.ndarray) -> PointMap:
    """A map coloured by fifths of a number, from low to high.

    Args:
        title: what the number is.
        points: (n, 2) coordinates.
        values: (n,) numbers; NaN counts as the lowest.
    """
    edges = np.unique(np.nanquantile(values, [0.2, 0.4, 0.6, 0.8]))
    groups = np.searchsorted(edges, np.nan_to_num(values, nan=float(np.nanmin(values))), side="right")
    bounds = [float(np.nanmin(values)), *edges.tolist(), float(np.nanmax(values))]
    names = [f"{shown(a)} to {shown(b)}" for a, b in pairwise(bounds)]
    return PointMap(title, points, groups, names, True)
