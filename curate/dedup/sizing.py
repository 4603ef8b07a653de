"""Deduplication down to a size: the highest threshold that leaves no more than so many rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from curate.dedup.clusters import resolve
from curate.dedup.links import METHODS, Links
from curate.dedup.options import Dedup
from curate.dedup.similar_pairs import reaches
from curate.errors import CurateError
from curate.text.counted import counted


class SizedLinks(NamedTuple):
    """Links at the threshold that a size asks for.

    Attributes:
        links: those that reach it.
        settings: what they were found with, the threshold in place of the lowest one.
        note: a sentence on it.
    """

    links: Links
    settings: dict[str, Any]
    note: str


def check_size(options: Dedup) -> None:
    """Check that a size has a threshold to be reached by.

    Raises:
        CurateError: if neither near nor semantic duplicates are looked for.
    """
    if options.size is not None and options.near is None and options.semantic is None:
        raise CurateError("--size raises a threshold and needs one to begin with: --near 0.5, or --semantic 0.8")


def sized_links(direct: Links, nodes: int, fixed: int, size: int, settings: Mapping[str, Any]) -> SizedLinks:
    """The links at the highest threshold that leaves at most so many rows; exact duplicates are dropped at any.

    Rows are counted at the similarities that occur, by halving: ten million links take some twenty countings.

    Args:
        direct: links between nodes, found with the settings.
        nodes: how many there are.
        fixed: so many of them, the first ones, are outside the table and not counted.
        size: rows to be left.
        settings: as in the ledger: near, semantic, key, cluster, and complete.

    Raises:
        CurateError: if more rows are left at the lowest threshold, or not all similarities were kept.
    """
    name = "semantic" if settings["semantic"] is not None else "near"
    if not settings["complete"]:
        raise CurateError(f"some clusters are too large to hold all similarities; --size needs a higher --{name}", 1)
    of_method = direct.method == METHODS.index(name)

    def at(threshold: float) -> Links:
        return direct.where(~of_method | reaches(direct.similarity, threshold))

    def rows_left(threshold: float) -> int:
        clusters = resolve(nodes, at(threshold), fixed, settings["key"] != "exchange", settings["cluster"] == "drop")
        return int(np.count_nonzero(clusters.representative[fixed:] < 0))

    lowest = settings[name]
    left = rows_left(lowest)
    if left > size:
        raise CurateError(
            f"{name} {lowest:g} leaves {counted(left, 'row')}, more than {size:,}; give a lower --{name}", 1
        )
    steps = [lowest, *np.unique(direct.similarity[of_method]).tolist(), 1.0]
    low, high = 0, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rows_left(steps[middle]) <= size else (low, middle)
    threshold = float(steps[low])
    note = f"size {size:,}: {name} {threshold:.4f} leaves {counted(rows_left(threshold), 'row')}"
    return SizedLinks(at(threshold), {**settings, name: threshold}, note)
