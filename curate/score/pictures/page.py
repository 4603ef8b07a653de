"""Pictures as a web page that is one file: drawings in SVG, nothing loaded, nothing run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from curate.io import atomic
from curate.report.page import Child, Safe, data, join, language, page, table, tag
from curate.score.pictures.drawing import Bars, Drawing, Histogram, PointMap, TextTable
from curate.text.counted import counted

# Okabe & Ito's colours, which colour-blind eyes tell apart, and steps of viridis for numbers.
KINDS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#8a8a8a")
STEPS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#d4c21d")
STYLE = """
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem 1.5rem; }
.grid figure { margin: 0; }
.maps { grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); }
.label { font-size: .875rem; margin-top: .375rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 11px; }
svg .fill { fill: var(--link); } svg .axis { stroke: var(--line); }
svg .limit { stroke: var(--bad); stroke-dasharray: 3 2; }
svg .middle { stroke: var(--text); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .875rem; }
.legend i { display: inline-block; width: .75rem; height: .75rem; border-radius: 50%; margin-right: .375rem; }
.scroll { overflow-x: auto; } .scroll td { font-size: .875rem; min-width: 4rem; } .scroll td.text { min-width: 14rem; }
"""
WIDTH, HEIGHT = 280, 110


def write(drawing: Drawing, path: str | Path) -> None:
    """Write the page, whole or not at all."""
    with atomic(path) as file:
        file.write(html(drawing))


def html(drawing: Drawing) -> bytes:
    """The page of a drawing."""
    body = [
        tag("style", Safe(STYLE)),
        tag("header", tag("p", drawing.kind, class_="kind"), tag("h1", drawing.headline)),
        tag(
            "main",
            [tag("p", line) for line in drawing.sentences],
            _section("Maps", [_map(each) for each in drawing.maps], "grid maps"),
            _section("Histograms", [_histogram(each) for each in drawing.histograms]),
            _section("Shares", [_bars(each) for each in drawing.bars]),
            [_table(each) for each in drawing.tables],
        ),
    ]
    return page(f"{drawing.kind} · curate", *body)


def _section(title: str, figures: list[Safe], kind: str = "grid") -> Safe:
    return tag("section", tag("h2", title), tag("div", figures, class_=kind)) if figures else Safe()


def _table(text_table: TextTable) -> Safe:
    narrow = {"Score", "Better", "Median", "Row", "Unit", "Measure", "Value", "More", "a", "b", "95%"}
    heads = [(head, "" if head in narrow else "text") for head in text_table.heads]
    rows: list[list[Child]] = [
        [data("span", cell) if language(cell) else cell for cell in row] for row in text_table.rows
    ]
    return tag("section", tag("h2", text_table.title), tag("div", table(None, heads, rows), class_="scroll"))


def _histogram(chart: Histogram) -> Safe:
    low, high = float(chart.edges[0]), float(chart.edges[-1])
    most = max(1, int(chart.counts.max(initial=0)))

    def x(value: float) -> float:
        return round((value - low) / (high - low) * WIDTH, 1)

    bars = []
    for count, left, right in zip(chart.counts.tolist(), chart.edges, chart.edges[1:], strict=False):
        height = round(count / most * HEIGHT, 1)
        if count:
            height = max(height, 1.0)
            width = max(x(right) - x(left) - 1, 0.5)
            bars.append(_rect(x(left), HEIGHT - height, width, height, f"{count:,} from {left:.4g} to {right:.4g}"))
    lines = [_line(x(chart.median), "middle")] if low <= chart.median <= high else []
    if chart.limit is not None and low < chart.limit < high:
        lines.append(_line(x(chart.limit), "limit"))
    ends = [
        tag("text", f"{low:.4g}", x="0", y=str(HEIGHT + 14)),
        tag("text", f"{high:.4g}", x=str(WIDTH), y=str(HEIGHT + 14), text_anchor="end"),
    ]
    axis = tag("line", x1="0", x2=str(WIDTH), y1=str(HEIGHT), y2=str(HEIGHT), class_="axis")
    summary = f"median {chart.median:.4g}" + (f"; {chart.beyond:,} more to the right" if chart.beyond else "")
    label = f"Histogram of {chart.title}: {summary}"
    svg = tag("svg", bars, axis, lines, ends, viewBox=f"0 0 {WIDTH} {HEIGHT + 18}", role="img", aria_label=label)
    caption = tag("figcaption", tag("b", chart.title), f" {summary}", tag("small", f" {chart.meaning}", class_="quiet"))
    return tag("figure", svg, caption)


def _rect(x: float, y: float, width: float, height: float, title: str) -> Safe:
    at = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
    return tag("rect", tag("title", title), class_="fill", **at)


def _line(x: float, kind: str) -> Safe:
    return tag("line", x1=str(x), x2=str(x), y1="0", y2=str(HEIGHT), class_=kind)


def _bars(chart: Bars) -> Safe:
    most = max((max(counts) for _, counts in chart.rows), default=1) or 1
    lines: list[Safe] = []
    for label, counts in chart.rows:
        counted = " / ".join(f"{count:,}" for count in counts)
        lines.append(tag("div", data("span", label), f" {counted}", class_="label"))
        for i, count in enumerate(counts):
            share = f"flex:{count / most:.4f}"
            bar = tag("i", style=f"{share};background:{KINDS[i]}")
            rest = tag("i", style=f"flex:{1 - count / most:.4f};background:none")
            lines.append(tag("div", bar, rest, class_="bar", role="img", aria_label=f"{label}: {count:,}"))
    legend = _legend(list(chart.names), KINDS) if len(chart.names) > 1 else None
    return tag("figure", tag("figcaption", tag("b", chart.title)), legend, lines)


def _map(chart: PointMap) -> Safe:
    size = 420
    low, high = chart.points.min(0), chart.points.max(0)
    places = (chart.points - low) / np.maximum(high - low, 1e-12) * (size - 12) + 6
    colours = STEPS if chart.ordered else KINDS
    groups = []
    for i in range(len(chart.names)):
        dots = [
            tag("circle", cx=f"{x:.1f}", cy=f"{size - y:.1f}", r="2.4") for x, y in places[chart.groups == i].tolist()
        ]
        groups.append(tag("g", dots, fill=colours[i % len(colours)], fill_opacity="0.7"))
    label = f"Map of {counted(len(places), 'row')} coloured by {chart.title}"
    svg = tag("svg", groups, viewBox=f"0 0 {size} {size}", role="img", aria_label=label)
    return tag("figure", svg, _legend(chart.names, colours), tag("figcaption", "by ", tag("b", chart.title)))


def _legend(names: list[str], colours: tuple[str, ...]) -> Safe:
    entries = [
        tag("span", tag("i", style=f"background:{colours[i % len(colours)]}"), data("span", name))
        for i, name in enumerate(names)
    ]
    return tag("div", join(entries), class_="legend")
