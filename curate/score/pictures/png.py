"""The pictures as PNG files, by matplotlib."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.extras import require
from curate.io import atomic
from curate.score.pictures.drawing import Bars, Drawing, Histogram, PointMap
from curate.score.pictures.page import KINDS, STEPS

# The first that is installed draws Chinese labels.
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei", "PingFang SC", "SimHei")


def write(drawing: Drawing, folder: str | Path) -> list[Path]:
    """Write one file a picture into the folder, which is created if need be; returns their paths.

    Args:
        drawing: the pictures; its tables and sentences are not drawn.
        folder: where the files go.

    Raises:
        CurateError: if matplotlib is missing or the folder cannot be created.
    """
    matplotlib = require("matplotlib", "train", "drawing PNG files")
    font_manager = require("matplotlib.font_manager", "train", "drawing PNG files")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CurateError(f"{folder}: cannot make the folder: {error.strerror}") from None
    installed = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [font for font in FONTS if font in installed]
    pictures: list[tuple[str, Callable[[Any], None]]] = []
    pictures += [(f"histogram-{each.title}", partial(_histogram, chart=each)) for each in drawing.histograms]
    pictures += [(f"shares-{each.title}", partial(_bars, chart=each)) for each in drawing.bars]
    pictures += [(f"map-{each.title}", partial(_map, chart=each)) for each in drawing.maps]
    paths = []
    with matplotlib.rc_context({"font.sans-serif": ["DejaVu Sans", *fonts], "axes.unicode_minus": False}):
        for name, draw in pictures:
            path = Path(folder) / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.png"
            _save(path, draw)
            paths.append(path)
    return paths


def _save(path: Path, draw: Callable[[Any], None]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.8), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    with atomic(path) as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # where no font has Chinese
        figure.savefig(file, format="png")


def _histogram(axes: Any, chart: Histogram) -> None:
    axes.bar(chart.edges[:-1], chart.counts, np.diff(chart.edges), align="edge", color=KINDS[0], edgecolor="white")
    axes.axvline(chart.median, color="black", linewidth=1, label=f"median {chart.median:.4g}")
    if chart.limit is not None and chart.edges[0] < chart.limit < chart.edges[-1]:
        axes.axvline(chart.limit, color="firebrick", linestyle="--", linewidth=1, label=f"fault above {chart.limit:g}")
    axes.set(title=chart.title, xlabel=chart.meaning, ylabel="rows")
    axes.xaxis.label.set_wrap(True)
    if chart.beyond:
        axes.annotate(f"{chart.beyond:,} more →", (1, 0.02), xycoords="axes fraction", ha="right")
    axes.legend(frameon=False)


def _bars(axes: Any, chart: Bars) -> None:
    labels = [label for label, _ in chart.rows][::-1]
    height = 0.8 / len(chart.names)
    for i, name in enumerate(chart.names):
        counts = [row[i] for _, row in chart.rows][::-1]
        axes.barh(
            np.arange(len(labels)) + (len(chart.names) - 1 - i) * height, counts, height, color=KINDS[i], label=name
        )
    axes.set_yticks(np.arange(len(labels)) + height * (len(chart.names) - 1) / 2, labels)
    axes.set(title=chart.title, xlabel="rows")
    if len(chart.names) > 1:
        axes.legend(frameon=False)


def _map(axes: Any, chart: PointMap) -> None:
    colours = STEPS if chart.ordered else KINDS
    for i, name in enumerate(chart.names):
        x, y = chart.points[chart.groups == i].T
        axes.scatter(x, y, s=6, alpha=0.7, linewidths=0, color=colours[i % len(colours)], label=name)
    axes.set(title=f"by {chart.title}", xticks=[], yticks=[])
    axes.legend(frameon=False, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
