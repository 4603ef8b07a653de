"""Pictures of a subset over its pool: shares, histograms and a map, as HTML and SVG."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.report.page import Child, Safe, data, tag
from curate.run.state import RunState
from curate.score.column import Column, of_table
from curate.table import fields
from curate.table.counting import rows_that_count
from curate.table.quality_column import DEFAULTS
from curate.text.counted import counted

WIDTH, HEIGHT, BINS = 280, 110, 28
SHOWN = 12
SIDE = 560
# A score that this share of the rows have alike makes no picture.
ALIKE = 0.98
# Nor do this few values.
FEW = 10
# Points of the map are put on a grid of this many to a unit, and of those in one place one is drawn.
GRID = 2


class SubsetView(NamedTuple):
    """The candidates of a selection, and the subset among them.

    Attributes:
        pool: n rows of the table, from which the subset was selected.
        vectors: (n, d) float32 of unit length.
        chosen: (k,) int64 places of the subset in the pool, by rank.
        balance: the columns that the subset is balanced by; None for none.
    """

    pool: pa.Table
    vectors: np.ndarray
    chosen: np.ndarray
    balance: str | None

    @classmethod
    def of(cls, state: RunState) -> SubsetView:
        """The candidates of a run."""
        pool = state.table.take(pa.array(rows_that_count(state.table, "unique")))
        assert state.vectors is not None
        return cls(pool, state.vectors, rows_that_count(pool, "selected"), state.facts["select"].get("balance"))


LEGEND = (("pool", "candidates"), ("picked", "subset"))


def legend() -> Safe:
    """Which colour is what."""
    entries = [tag("span", tag("i", class_=f"dot {kind}"), name) for kind, name in LEGEND]
    return tag("div", entries, class_="legend")


def balance(view: SubsetView) -> Child:
    """Shares of categories and the like, of candidates and subset, those that were balanced first."""
    figures = []
    for title, values in _columns(view):
        before, after = Counter(values), Counter(values[i] for i in view.chosen)
        if len(before) > 1:
            figures.append(_shares(title, before, after))
    return [legend(), figures] if figures else None


def _columns(view: SubsetView) -> list[tuple[str, list[str]]]:
    pool = view.pool
    columns: list[tuple[str, list[str]]] = []
    if view.balance and "select_group" in pool.column_names:
        groups = ["below the floor of quality" if g is None else g for g in pool["select_group"].to_pylist()]
        if view.balance == "category":
            groups = [fields.text(v) for v in fields.values(pool, [], "category")]
        columns.append((view.balance, groups))
    names = [name for name in ("category", "language", "source", "turns", "format") if name != view.balance]
    for name in names:
        if name == "language" and name not in pool.column_names:
            continue
        values = [fields.text(v) for v in fields.values(pool, [], name)]
        if 1 < len(set(values)) <= max(SHOWN, pool.num_rows // 10):
            columns.append((name, values))
    return columns


def _shares(title: str, before: Counter[str], after: Counter[str]) -> Safe:
    ordered = sorted(before, key=lambda name: (-before[name], name))
    if len(ordered) > SHOWN:
        rest = ordered[SHOWN:]
        name = counted(len(rest), "other")
        before, after = (
            Counter({**{n: c[n] for n in ordered[:SHOWN]}, name: sum(c[n] for n in rest)}) for c in (before, after)
        )
        ordered = [*ordered[:SHOWN], name]
    sides = [("pool", before, sum(before.values())), ("picked", after, sum(after.values()))]
    # What the others have together is no bar beside those of single values.
    single = ordered[:SHOWN] if len(ordered) > SHOWN else ordered
    most = max(counts[name] / max(total, 1) for _, counts, total in sides for name in single)
    lines: list[Safe] = []
    for name in ordered:
        bars = [_bar(kind, counts[name], total, most if name in single else 0, name) for kind, counts, total in sides]
        lines += [data("span", name), tag("div", bars, class_="two")]
    return tag("figure", tag("figcaption", "by ", tag("b", title)), tag("div", lines, class_="shares-of"))


def _bar(kind: str, count: int, total: int, most: float, name: str) -> Safe:
    share = count / max(total, 1)
    part = share / most if most else 0
    pieces = [tag("i", class_=kind, style=f"flex:{part:.4f}")] if count else []
    rest = tag("span", style=f"flex:{1 - part:.4f}")
    bar = tag("div", pieces, rest, class_="bar", role="img", aria_label=f"{name}: {count:,}") if most else tag("span")
    percent = "< 0.1%" if 0 < share < 0.001 else f"{share:.1%}"
    return tag("div", bar, tag("small", f"{count:,} · {percent}"))


def histograms(view: SubsetView) -> Child:
    """A histogram of each score that differs from row to row, and a line for the others."""
    figures, same = [], []
    # The one that all of them make comes first.
    columns = sorted(of_table(view.pool).items(), key=lambda pair: pair[0] not in DEFAULTS)
    for name, column in columns:
        if not column.is_number:
            continue
        values = view.pool[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        of_subset = values[view.chosen]
        known, own = values[np.isfinite(values)], of_subset[np.isfinite(of_subset)]
        if not len(known) or not len(own):
            continue
        commonest = np.unique(known, return_counts=True)[1].max()
        if column.kind == "flag" or commonest >= ALIKE * len(known) or len(own) < FEW:
            if known.any():
                same.append(f"{name} {known.mean():.3g} of candidates, {own.mean():.3g} of the subset")
        else:
            figures.append(_histogram(column, known, own))
    if not figures:
        return None
    rest = tag("p", f"Means without a picture: {'; '.join(same)}.", class_="facts") if same else None
    return [legend(), tag("div", figures, class_="grid"), rest]


def _histogram(column: Column, pool: np.ndarray, own: np.ndarray) -> Safe:
    low, high = float(pool.min()), float(np.quantile(pool, 0.99))
    if not high - low > 0 or pool.max() - low < 2 * (high - low):
        high = float(pool.max())
    edges = np.linspace(low, high, BINS + 1)
    sides = [np.histogram(np.minimum(values, high), edges)[0] / len(values) for values in (pool, own)]
    most = max(side.max() for side in sides)
    step = WIDTH / BINS
    tops = [[HEIGHT - h / most * (HEIGHT - 4) for h in side.tolist()] for side in sides]
    area = f"M0 {HEIGHT}" + "".join(f"V{y:.1f}h{step:g}" for y in tops[0]) + f"V{HEIGHT}Z"
    line = f"M0 {HEIGHT}" + "".join(f"V{y:.1f}h{step:g}" for y in tops[1]) + f"V{HEIGHT}"
    means = f"mean {_short(float(pool.mean()))} of candidates, {_short(float(own.mean()))} of the subset"
    beyond = "; the last bar has all that is larger" if high < pool.max() else ""
    picture = tag(
        "svg",
        tag("path", d=area, class_="pool", fill="var(--hue)"),
        tag("path", d=line, class_="picked", fill="none", stroke="var(--hue)", stroke_width="2"),
        tag("line", x1="0", x2=WIDTH, y1=HEIGHT, y2=HEIGHT, stroke="var(--line)"),
        tag("text", _short(low), x="0", y=HEIGHT + 14),
        tag("text", _short(high), x=WIDTH, y=HEIGHT + 14, text_anchor="end"),
        viewBox=f"0 0 {WIDTH} {HEIGHT + 18}",
        role="img",
        aria_label=f"Histogram of {column.name}: {means}",
    )
    caption = tag("figcaption", tag("b", column.name), tag("small", means, beyond), tag("small", column.meaning))
    return tag("figure", picture, caption)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def map_of(view: SubsetView, method: str) -> Child:
    """All candidates on a plane, the subset over them."""
    from curate.errors import CurateError
    from curate.score.pictures.plane import on_plane

    if len(view.vectors) < 3 or view.vectors.shape[1] < 2:
        return None
    try:
        points, how = on_plane(view.vectors, method)
    except CurateError as error:
        return tag("p", f"There is no map: {error}")
    low, high = np.quantile(points, [0.001, 0.999], axis=0)
    places = np.clip((points - low) / np.maximum(high - low, 1e-12), 0, 1) * (SIDE - 16) + 8
    places[:, 1] = SIDE - places[:, 1]
    picture = tag(
        "svg",
        # Few points need to be larger to be view.
        dots(places, "pool", *(("2.4", "0.45") if len(places) > 5000 else ("4.5", "0.75"))),
        dots(places[view.chosen], "picked", "4.5", "0.9"),
        viewBox=f"0 0 {SIDE} {SIDE}",
        role="img",
        aria_label=f"Map of {counted(len(places), 'candidate')} with the {counted(len(view.chosen), 'row')} of "
        "the subset",
    )
    caption = f"{counted(len(places), 'candidate')} by their embeddings, {how}; rows in one place are one point."
    return tag("figure", legend(), picture, tag("figcaption", caption), class_="map")


def dots(places: np.ndarray, kind: str, size: str, opacity: str) -> Safe:
    """Points as one path of lines without length, which round ends make dots: a few bytes each."""
    cells = np.unique(np.round(places * GRID).astype(np.int64), axis=0) / GRID
    steps = "".join(f"M{x:g} {y:g}h0" for x, y in cells.tolist())
    return tag(
        "path",
        d=steps,
        class_=kind,
        stroke="var(--hue)",
        stroke_width=size,
        stroke_linecap="round",
        stroke_opacity=opacity,
        fill="none",
    )


def strip(z: float | None, clear: float, most: float = 12.0) -> Safe:
    """Where a subset stands among random ones: a band of `clear` standard deviations either way, and a mark at z."""
    width, height = 160, 16

    def x(value: float) -> float:
        return width / 2 + max(-most, min(most, value)) / most * (width / 2 - 6)

    band = {"x": f"{x(-clear):.1f}", "width": f"{x(clear) - x(-clear):.1f}", "y": "2", "height": "12", "rx": "3"}
    middle = {"x1": str(width // 2), "x2": str(width // 2), "y1": "0", "y2": "16"}
    mark: list[Any] = []
    if z is not None:
        kind = "good" if z > clear else "bad" if z < -clear else "none"
        colour = "var(--text)" if kind == "none" else "var(--hue)"
        mark = [tag("circle", cx=f"{x(z):.1f}", cy="8", r="5", class_=kind, fill=colour)]
    return tag(
        "svg",
        tag("line", x1="0", x2=width, y1="8", y2="8", stroke="var(--line)"),
        tag("rect", fill="var(--line)", **band),
        tag("line", stroke="var(--quiet)", **middle),
        mark,
        viewBox=f"0 0 {width} {height}",
        aria_hidden="true",
        style="max-width:12rem",
    )
