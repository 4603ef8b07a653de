"""The pictures of one set or two, with the measures of their diversity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.score.diversity.measure import MetricComparison, MetricValue, verdict
from curate.score.diversity.metric import Sample
from curate.score.diversity.registry import metric
from curate.score.explain import shown
from curate.score.pictures.charts import label_counts, map_by_kind
from curate.score.pictures.drawing import Bars, Drawing, PointMap, TextTable
from curate.score.pictures.plane import on_plane
from curate.text.counted import counted

POINTS = 3000


def draw_sets(
    samples: Sequence[Sample],
    measures: Sequence[MetricValue] | Sequence[MetricComparison],
    labels: tuple[str, str],
    notes: Sequence[str],
    method: str = "pca",
) -> Drawing:
    """Measures, categories, and maps coloured by category and by set.

    Args:
        samples: one set or two.
        measures: of the set, or of both.
        labels: what the sets are called; the second counts where there are two.
        notes: sentences on how the samples were made.
        method: how the map is laid out, see `plane.on_plane`.
    """
    names = labels[: len(samples)]
    two = len(samples) > 1
    sentences = [*(verdict(measures, *labels) if two else []), *notes]  # type: ignore[arg-type]
    random = np.random.default_rng(0)
    parts = [s.take(np.sort(random.permutation(len(s))[: POINTS // len(samples)])) for s in samples]
    maps: list[PointMap] = []
    if sum(map(len, parts)) > 2 and parts[0].vectors.shape[1] > 1:
        points, layout = on_plane(np.concatenate([part.vectors for part in parts]), method)
        sentences.append(f"The map shows {counted(len(points), 'row')}, {layout}.")
        maps.append(map_by_kind("category", points, [c for part in parts for c in part.categories]))
        if two:
            set_of_row = [name for name, part in zip(names, parts, strict=True) for _ in range(len(part))]
            maps.insert(0, map_by_kind("set", points, set_of_row))
    bars = Bars("category", names, label_counts([s.categories for s in samples]))
    headline = f"{labels[0]} against {labels[1]}" if two else f"How diverse is {labels[0]}?"
    return Drawing("Diversity", headline, sentences, [_table(measures)], [], [bars], maps)


def _table(measures: Sequence[MetricValue] | Sequence[MetricComparison]) -> TextTable:
    heads, rows = ["Measure", "What it is", "More diverse"], []
    for item in measures:
        both = [item.a, item.b] if isinstance(item, MetricComparison) else [item]
        if any(m.value is None for m in both):
            continue
        described = metric(both[0].name)
        meaning = f"{described.meaning} [{described.unit}]. {described.source}"
        row = [described.name, meaning, described.direction]
        for m in both:
            row += [shown(m.value), f"{shown(m.low)} to {shown(m.high)}" if m.low is not None else ""]
        rows.append([*row, item.more or "?"] if isinstance(item, MetricComparison) else row)
    two = bool(measures) and isinstance(measures[0], MetricComparison)
    sides = ["a", "95%", "b", "95%", "More"] if two else ["Value", "95% interval"]
    return TextTable("The measures", [*heads, *sides], rows)
