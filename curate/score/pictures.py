"""What the pictures of a scored table, or of sets, show: numbers ready to be drawn as a page or as PNG files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.score.column import Column
from curate.score.combine import NAME
from curate.score.diversity.measure import Compared, Measured, verdict
from curate.score.diversity.metric import Sample
from curate.score.explain import shown
from curate.score.map import flat
from curate.table.table import valid

BINS = 24
LABELS = 12
POINTS = 3000
WORST = 10
NO_CATEGORY = "(none)"


class Histogram(NamedTuple):
    """Attributes:
    title: what of.
    says: what of.
    edges: (bins + 1,).
    counts: (bins,).
    middle: the median.
    limit: of faults, or None.
    beyond: how many values are off the right end.
    """

    title: str
    says: str
    edges: np.ndarray
    counts: np.ndarray
    middle: float
    limit: float | None
    beyond: int


class Bars(NamedTuple):
    """Attributes:
    title: what is counted.
    names: the sets.
    rows: (label, count in each set), the commonest first.
    """

    title: str
    names: tuple[str, ...]
    rows: list[tuple[str, tuple[int, ...]]]


class Map(NamedTuple):
    """Attributes:
    title: what the colours are.
    points: (n, 2).
    groups: (n,) number of each point's colour.
    names: of the colours.
    ordered: whether the colours are steps of a number, not kinds.
    """

    title: str
    points: np.ndarray
    groups: np.ndarray
    names: list[str]
    ordered: bool


class Table(NamedTuple):
    """Attributes:
    heads: texts of a table.
    rows: texts of a table.
    """

    title: str
    heads: list[str]
    rows: list[list[str]]


class Drawing(NamedTuple):
    """All that is shown, in order."""

    kind: str
    headline: str
    said: list[str]
    tables: list[Table]
    histograms: list[Histogram]
    bars: list[Bars]
    maps: list[Map]


def of_table(table: pa.Table, method: str = "pca", embedder: str = "auto") -> Drawing:
    """The pictures of a scored table: a histogram a score, categories, and maps of the rows, where they can be made."""
    from curate.score.column import of_table as scores

    rows = table.take(pa.array(valid(table)))
    columns = scores(rows)
    histograms, same = [], []
    for name, column in columns.items():
        values = rows[name].drop_null().to_numpy(zero_copy_only=False)
        if column.kind != "label" and len(values):
            if column.kind == "flag":
                same.append(f"{name}: {np.count_nonzero(values):,} of {len(values):,} rows")
            elif values.min() < values.max():
                histograms.append(histogram(column, values.astype(float)))
            else:
                same.append(f"{name}: {shown(values[0].item())} in every row")
    labels = [
        Bars(name, ("rows",), _counted([rows[name].to_pylist()])) for name, c in columns.items() if c.kind == "label"
    ]
    bars = [Bars("category", ("rows",), _counted([rows["category"].to_pylist()])), *labels]
    maps, said = _maps(rows, columns, method, embedder)
    headline = f"{rows.num_rows:,} rows, {len(columns)} scores"
    if same:
        said.append(f"Without a picture: {'; '.join(same)}.")
    left_out = table.num_rows - rows.num_rows
    if left_out:
        said.insert(0, f"{left_out:,} invalid rows are not scored.")
    return Drawing("Scores", headline, said, [_scores(rows, columns), *_worst(rows, columns)], histograms, bars, maps)


def _scores(rows: pa.Table, columns: dict[str, Column]) -> Table:
    from curate.score.summary import summary

    lines = []
    for found in summary(rows)["scores"]:
        c = columns[found["name"]]
        middle = found.get("median", found.get("commonest", ""))
        spread = f"{found['p5']} to {found['p95']}" if "p5" in found else ""
        faults = "" if found["faults"] is None else f"{found['faults']:,} above {c.limit:g}"
        lines.append([c.name, f"{c.says}. {c.source}", c.unit, c.direction.replace("none", ""), middle, spread, faults])
    return Table("The scores", ["Score", "What it is", "Unit", "Better", "Median", "5% to 95%", "Faults"], lines)


def _worst(rows: pa.Table, columns: dict[str, Column]) -> list[Table]:
    if NAME not in columns:
        return []
    order = np.argsort(rows[NAME].to_numpy(zero_copy_only=False), kind="stable")[:WORST]
    lines = []
    for row in rows.take(pa.array(order)).to_pylist():
        faults = [f"{name} {shown(row[name])}" for name, c in columns.items() if c.faulty(row[name])]
        place = f"{row['file']}:{row['row']}"
        lines.append([place, shown(row[NAME]), ", ".join(faults), _short(row["prompt"]), _short(row["response"])])
    return [Table("The lowest rows", ["Row", "Score", "Faults", "Prompt", "Response"], lines)]


def _short(text: str, most: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def histogram(column: Column, values: np.ndarray) -> Histogram:
    """Bins of (n,) values: one a value where there are few whole ones; a long right tail is counted, not drawn."""
    low, high = float(values.min()), float(values.max())
    most = float(np.quantile(values, 0.99))
    cut = most if high - low > 4 * max(most - low, 1e-12) and most > low else high
    inside = values[values <= cut]
    whole = column.kind in ("count", "flag") and cut - low < BINS
    edges = np.arange(low - 0.5, cut + 1) if whole else np.linspace(low, cut if cut > low else low + 1, BINS + 1)
    counts = np.histogram(inside, edges)[0]
    middle = float(np.median(values))
    return Histogram(
        column.name, f"{column.says} [{column.unit}]", edges, counts, middle, column.limit, len(values) - len(inside)
    )


def _counted(sets: Sequence[Sequence[Any]]) -> list[tuple[str, tuple[int, ...]]]:
    """(label, counts in each set), the commonest first; those after the twelfth together."""
    counts = [Counter(NO_CATEGORY if value is None else str(value) for value in values) for values in sets]
    total: Counter[str] = sum(counts, Counter())
    first = sorted(total, key=lambda label: (-total[label], label))
    rows = [(label, tuple(count[label] for count in counts)) for label in first[:LABELS]]
    if len(first) > LABELS:
        others = first[LABELS:]
        rows.append((f"{len(others):,} others", tuple(sum(c[label] for label in others) for c in counts)))
    return rows


def _maps(rows: pa.Table, columns: dict[str, Column], method: str, embedder: str) -> tuple[list[Map], list[str]]:
    chosen = np.sort(np.random.default_rng(0).permutation(rows.num_rows)[:POINTS])
    some = rows.take(pa.array(chosen))
    if some.num_rows < 3:
        return [], []
    try:
        from curate.models.embed import embed

        texts = [f"{p}\n{r}" for p, r in zip(some["prompt"].to_pylist(), some["response"].to_pylist(), strict=True)]
        vectors, note = embed(texts, embedder)
        points, how = flat(vectors, method)
    except CurateError as error:
        return [], [f"There is no map of the rows: {error}"]
    maps = [by_kind("category", points, some["category"].to_pylist())]
    if NAME in columns:
        maps.append(by_number(NAME, points, some[NAME].to_numpy(zero_copy_only=False)))
    drawn = f"{some.num_rows:,} rows drawn at random" if some.num_rows < rows.num_rows else "all rows"
    return maps, [f"The map shows {drawn}, {how}; {note}."]


def by_kind(title: str, points: np.ndarray, values: Sequence[Any]) -> Map:
    """A map coloured by kinds, the seven commonest of them by name."""
    counted = [label for label, _ in _counted([values])]
    names = counted[:7] if len(counted) > 8 else counted
    number = {name: i for i, name in enumerate(names)}
    groups = np.array([number.get(NO_CATEGORY if v is None else str(v), len(names)) for v in values])
    return Map(title, points, groups, [*names, "others"] if len(names) < len(counted) else names, False)


def by_number(title: str, points: np.ndarray, values: np.ndarray) -> Map:
    """A map coloured by fifths of a number, from low to high."""
    edges = np.unique(np.nanquantile(values, [0.2, 0.4, 0.6, 0.8]))
    groups = np.searchsorted(edges, np.nan_to_num(values, nan=float(np.nanmin(values))), side="right")
    bounds = [float(np.nanmin(values)), *edges.tolist(), float(np.nanmax(values))]
    names = [f"{shown(a)} to {shown(b)}" for a, b in pairwise(bounds)]
    return Map(title, points, groups, names, True)


def of_sets(
    samples: Sequence[Sample],
    found: Sequence[Measured] | Sequence[Compared],
    called: tuple[str, str],
    notes: Sequence[str],
    method: str = "pca",
) -> Drawing:
    """The pictures of one set or two: measures, categories, and maps coloured by category and by set."""
    names = called[: len(samples)]
    two = len(samples) > 1
    said = [*(verdict(found, *called) if two else []), *notes]  # type: ignore[arg-type]
    random = np.random.default_rng(0)
    parts = [s.take(np.sort(random.permutation(len(s))[: POINTS // len(samples)])) for s in samples]
    maps: list[Map] = []
    if sum(map(len, parts)) > 2 and parts[0].vectors.shape[1] > 1:
        points, how = flat(np.concatenate([part.vectors for part in parts]), method)
        said.append(f"The map shows {len(points):,} rows, {how}.")
        maps.append(by_kind("category", points, [c for part in parts for c in part.categories]))
        if two:
            labels = [name for name, part in zip(names, parts, strict=True) for _ in range(len(part))]
            maps.insert(0, by_kind("set", points, labels))
    bars = Bars("category", names, _counted([s.categories for s in samples]))
    headline = f"{called[0]} against {called[1]}" if two else f"How diverse is {called[0]}?"
    return Drawing("Diversity", headline, said, [_measures(found)], [], [bars], maps)


def _measures(found: Sequence[Measured] | Sequence[Compared]) -> Table:
    from curate.score.diversity import metric

    heads, rows = ["Measure", "What it is", "More diverse"], []
    for item in found:
        both = [item.a, item.b] if isinstance(item, Compared) else [item]
        if any(m.value is None for m in both):
            continue
        what = metric(both[0].name)
        row = [what.name, f"{what.says} [{what.unit}]. {what.source}", what.direction]
        for m in both:
            row += [shown(m.value), f"{shown(m.low)} to {shown(m.high)}" if m.low is not None else ""]
        rows.append([*row, {"a": "a", "b": "b"}.get(item.more, "?")] if isinstance(item, Compared) else row)
    sides = ["a", "95%", "b", "95%", "More"] if found and isinstance(found[0], Compared) else ["Value", "95% interval"]
    return Table("The measures", [*heads, *sides], rows)
