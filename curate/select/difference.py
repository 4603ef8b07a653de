"""Two subsets side by side: the rows they share, their balance, lengths and scores."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.table import fields
from curate.table.counting import rows_that_count
from curate.table.table import records
from curate.text.exact_form import exact_key

BALANCE = ("category", "language", "source", "turns", "format")
TEXTS = ("prompt", "response")
# Numbers of a table that say where a row is, or what a step made of it, but not how good it is.
NO_SCORES = {"row", "turns", "rank", "duplicate_of"}


class Subset(NamedTuple):
    """The rows of a subset, in order; of a ledger the selected ones, by rank.

    Attributes:
        keys: hashes of their texts.
        places: texts `file:row`.
        rows: n rows of the table.
    """

    keys: list[bytes]
    places: list[str]
    rows: pa.Table


def subset(table: pa.Table) -> Subset:
    """The rows that a table stands for: the ranked ones if it has ranks, else all valid ones that are no duplicates."""
    positions = rows_that_count(table, "selected")
    rows = table.take(pa.array(positions, pa.int64()))
    places = [f"{file}:{row}" for file, row in zip(rows["file"].to_pylist(), rows["row"].to_pylist(), strict=True)]
    return Subset([exact_key(record) for record in records(table, positions)], places, rows)


def compare(a: pa.Table, b: pa.Table) -> dict:
    """What two subsets share and where they differ.

    Rows are the same if they have the same text, wherever they come from.

    Returns:
        rows (of A, of B), shared, jaccard (shared over either), order_agreement (Spearman's correlation of the shared
        rows' places; None below three), only_in_a and only_in_b (places), balance and lengths and scores, each with its
        value for A and for B.
    """
    subset_a, subset_b = subset(a), subset(b)
    place_in_a = {k: i for i, k in reversed(list(enumerate(subset_a.keys)))}
    place_in_b = {k: i for i, k in reversed(list(enumerate(subset_b.keys)))}
    shared = sorted(place_in_a.keys() & place_in_b.keys(), key=place_in_a.__getitem__)
    either = len(place_in_a.keys() | place_in_b.keys())
    return {
        "rows": [len(subset_a.keys), len(subset_b.keys)],
        "shared": len(shared),
        "jaccard": len(shared) / either if either else 1.0,
        "order_agreement": _agreement([place_in_a[k] for k in shared], [place_in_b[k] for k in shared]),
        "only_in_a": [place for k, place in zip(subset_a.keys, subset_a.places, strict=True) if k not in place_in_b],
        "only_in_b": [place for k, place in zip(subset_b.keys, subset_b.places, strict=True) if k not in place_in_a],
        "balance": {name: _balance(subset_a.rows, subset_b.rows, name) for name in BALANCE},
        "lengths": {name: _pair(_characters(subset_a.rows, name), _characters(subset_b.rows, name)) for name in TEXTS},
        "scores": {
            name: _pair(_numbers(subset_a.rows, name), _numbers(subset_b.rows, name))
            for name in _scores(subset_a.rows)
            if name in _scores(subset_b.rows)
        },
    }


def _agreement(one: list[int], other: list[int]) -> float | None:
    if len(one) < 3:
        return None
    first, second = (np.argsort(np.argsort(places)) for places in (one, other))
    return float(np.corrcoef(first, second)[0, 1])


def _balance(a: pa.Table, b: pa.Table, name: str) -> dict[str, list[int]]:
    counts = []
    for rows in (a, b):
        counts.append(Counter(fields.text(value) for value in fields.values(rows, [], name)))
    return {
        value: [counts[0][value], counts[1][value]]
        for value in sorted(counts[0] | counts[1], key=lambda v: (-(counts[0][v] + counts[1][v]), v))
    }


def _scores(rows: pa.Table) -> list[str]:
    numeric = [f.name for f in rows.schema if pa.types.is_floating(f.type) or pa.types.is_integer(f.type)]
    return [name for name in numeric if name not in NO_SCORES and not name.startswith("select_")]


def _characters(rows: pa.Table, name: str) -> np.ndarray:
    return np.array([len(text) for text in rows[name].to_pylist()], float)


def _numbers(rows: pa.Table, name: str) -> np.ndarray:
    numbers = np.array([np.nan if v is None else v for v in rows[name].to_pylist()], float)
    return numbers[np.isfinite(numbers)]


def _pair(a: np.ndarray, b: np.ndarray) -> dict:
    """Mean, median and 95th percentile of each, and the difference of the means in pooled standard deviations."""
    if not len(a) or not len(b):
        return {"mean": None, "median": None, "p95": None, "effect": None}
    spread = float(np.sqrt((a.var() + b.var()) / 2))
    return {
        "mean": [float(a.mean()), float(b.mean())],
        "median": [float(np.median(a)), float(np.median(b))],
        "p95": [float(np.quantile(a, 0.95)), float(np.quantile(b, 0.95))],
        "effect": float((b.mean() - a.mean()) / spread) if spread else 0.0,
    }
