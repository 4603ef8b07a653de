"""Diversity of sets: each measure is one file with `METRIC`, which says what it is, and `value(sample)`."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from types import ModuleType

from curate.errors import CurateError
from curate.score.diversity.metric import Metric, Sample

__all__ = ["METRICS", "Metric", "Sample", "metric", "names"]

METRICS = [
    "novelsum",
    "vendi",
    "pairwise",
    "nearest",
    "facility",
    "radius",
    "cluster_entropy",
    "pool_facility",
    "pool_radius",
    "category_entropy",
    "category_evenness",
    "distinct_1",
    "distinct_2",
    "distinct_3",
    "self_bleu",
    "compression",
    "coverage",
    "verb_noun",
]


def names(given: str | None) -> list[str]:
    """The measures of a list such as `vendi,novelsum`, all if None.

    Raises:
        CurateError: for a name that is none.
    """
    if not given:
        return METRICS
    found = [part.strip() for part in given.split(",") if part.strip()]
    for name in found:
        if name not in METRICS:
            close = difflib.get_close_matches(name, METRICS, 1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise CurateError(f"no measure is called {name!r}; {hint}measures are {', '.join(METRICS)}")
    return list(dict.fromkeys(found))


def module(name: str) -> ModuleType:
    """The file of a measure."""
    return importlib.import_module(f"curate.score.diversity.{name}")


def metric(name: str) -> Metric:
    """What a measure is."""
    return module(name).METRIC


def needed(chosen: Sequence[str]) -> set[str]:
    """What these measures are measured on."""
    return {metric(name).on for name in chosen}
