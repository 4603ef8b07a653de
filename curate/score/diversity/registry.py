"""All measures of diversity by name.

A module of this package that holds measures has `METRICS`, at its end: what each is, and the function that computes it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence

from curate.errors import CurateError, did_you_mean
from curate.score.diversity.metric import Metric

# Measures, and the modules that hold them.
MODULES = {
    "novelsum": "novelsum",
    "vendi": "vendi",
    "pairwise": "pairwise",
    "nearest": "nearest",
    "facility": "facility",
    "radius": "radius",
    "cluster_entropy": "cluster_entropy",
    "pool_facility": "facility",
    "pool_radius": "radius",
    "category_entropy": "categories",
    "category_evenness": "categories",
    "distinct_1": "distinct",
    "distinct_2": "distinct",
    "distinct_3": "distinct",
    "self_bleu": "self_bleu",
    "compression": "compression",
    "coverage": "coverage",
    "verb_noun": "verb_noun",
}
METRICS = list(MODULES)


def names(requested: Iterable[str]) -> list[str]:
    """The measures that a list names, each once; all for an empty list.

    Args:
        requested: names; one text may hold several by commas, as `vendi,novelsum`.

    Raises:
        CurateError: for an unknown name, with the nearest known one.
    """
    unique = list(dict.fromkeys(part.strip() for text in requested for part in text.split(",") if part.strip()))
    for name in unique:
        if name not in METRICS:
            hint = did_you_mean(name, METRICS)
            raise CurateError(f"unknown measure {name!r}; {hint}measures are {', '.join(METRICS)}")
    return unique or METRICS


def metric(name: str) -> Metric:
    """The measure of this name."""
    module = importlib.import_module(f"curate.score.diversity.{MODULES[name]}")
    return next(metric for metric in module.METRICS if metric.name == name)


def inputs_of(names: Sequence[str]) -> set[str]:
    """What these measures are computed on; see `Metric.on`."""
    return {metric(name).on for name in names}
