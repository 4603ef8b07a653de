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
from curate.io import atomic
from curate.score.page import KINDS, STEPS
from curate.score.pictures import Bars, Drawing, Histogram, Map

# The first that is there draws Chinese labels.
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei", "PingFang SC", "SimHei")


def write(drawing: Drawing, folder: str | Path) -> list[Path]:
    """Write one file a picture into the folder, which is made if it is not there; gives their paths.

    Raises:
        CurateError: if matplotlib is missing or the folder cannot be made.
    """
    try:
        import matplotlib
        from matplotlib import font_manager
    except ImportError:
        raise CurateError("PNG files need matplotlib: pip install 'curate-sft[train]'") from None
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CurateError(f"{folder}: cannot make the folder: {error.strerror}") from None
    there = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [font for font in FONTS if font in there]
    drawn: list[tuple[str, Callable[[Any], None]]] = []
    drawn += [(f"histogram-{each.title}", partial(_histogram, given=each)) for each in drawing.histograms]
    drawn += [(f"shares-{each.title}", partial(_bars, given=each)) for each in drawing.bars]
    drawn += [(f"map-{each.title}", partial(_map, given=each)) for each in drawing.maps]
    paths = []
    with matplotlib.rc_context({"font.sans-serif": ["DejaVu Sans", *fonts], "axes.unicode_minus": False}):
        for name, draw in drawn:
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


def _histogram(axes: Any, given: Histogram) -> None:
    axes.bar(given.edges[:-1], given.counts, np.diff(given.edges), align="edge", color=KINDS[0], edgecolor="white")
    axes.axvline(given.middle, color="black", linewidth=1, label=f"median {given.middle:.4g}")
    if given.limit is not None and given.edges[0] < given.limit < given.edges[-1]:
        axes.axvline(given.limit, color="firebrick", linestyle="--", linewidth=1, label=f"fault above {given.limit:g}")
    axes.set(title=given.title, xlabel=given.says, ylabel="rows")
    axes.xaxis.label.set_wrap(True)
    if given.beyond:
        axes.annotate(f"{given.beyond:,} more →", (1, 0.02), xycoords="axes fraction", ha="right")
    axes.legend(frameon=False)


def _bars(axes: Any, given: Bars) -> None:
    labels = [label for label, _ in given.rows][::-1]
    height = 0.8 / len(given.names)
    for i, name in enumerate(given.names):
        counts = [row[i] for _, row in given.rows][::-1]
        axes.barh(
            np.arange(len(labels)) + (len(given.names) - 1 - i) * height, counts, height, color=KINDS[i], label=name
        )
    axes.set_yticks(np.arange(len(labels)) + height * (len(given.names) - 1) / 2, labels)
    axes.set(title=given.title, xlabel="rows")
    if len(given.names) > 1:
        axes.legend(frameon=False)


def _map(axes: Any, given: Map) -> None:
    colours = STEPS if given.ordered else KINDS
    for i, name in enumerate(given.names):
        x, y = given.points[given.groups == i].T
        axes.scatter(x, y, s=6, alpha=0.7, linewidths=0, color=colours[i % len(colours)], label=name)
    axes.set(title=f"by {given.title}", xticks=[], yticks=[])
    axes.legend(frameon=False, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
