"""The curves as a picture: a point for every seed, the mean with its 90% band, the fitted curve, the knee."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from curate.io import atomic
from train.analysis.arm_names import FULL
from train.analysis.curve import Analysis, ArmCurve

# Okabe and Ito's colours, told apart by colour-blind eyes, each with a mark of its own for print without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKS = ("o", "s", "^", "D", "v", "P")


def write(analysis: Analysis, out: Path, name: str = "curve") -> list[Path]:
    """Write the picture as PNG and SVG into a folder, each whole or not at all; gives their paths."""
    paths = []
    for kind in ("png", "svg"):
        path = out / f"{name}.{kind}"
        with atomic(path) as file:
            file.write(image_bytes(analysis, kind))
        paths.append(path)
    return paths


def image_bytes(analysis: Analysis, kind: str) -> bytes:
    """The picture as the bytes of a file; kind: png or svg.  The same analysis gives the same bytes."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with matplotlib.rc_context({"svg.hashsalt": "curate", "svg.fonttype": "path", "font.size": 10}):
        figure, axes = plt.subplots(figsize=(8, 5), dpi=150)
        _draw(axes, analysis)
        figure.tight_layout()
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else {"Software": None})
        plt.close(figure)
    return buffer.getvalue()


def _draw(axes: Any, analysis: Analysis) -> None:
    axes.axhline(analysis.base, color="0.35", linestyle=(0, (5, 3)), linewidth=1, label="base model")
    for i, arm in enumerate(analysis.arms):
        _arm(axes, arm, analysis, COLOURS[i % len(COLOURS)], MARKS[i % len(MARKS)])
    _knees(axes, analysis)
    sizes = sorted({p.size for arm in analysis.arms for p in arm.points})
    axes.set_xscale("log")
    axes.set_xticks(_label_sizes(sizes), [f"{n:,}" for n in _label_sizes(sizes)])
    axes.minorticks_off()
    if len(sizes) == 1:
        axes.set_xlim(sizes[0] / 2, sizes[0] * 2)
    axes.set_xlabel("training rows (logarithmic)")
    axes.set_ylabel("held-out loss, nats per answer token")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    # Opaque, since the line of the base model may run behind it.
    axes.legend(frameon=True, framealpha=1, edgecolor="none", borderpad=0.2)


def _arm(axes: Any, arm: ArmCurve, analysis: Analysis, colour: str, mark: str) -> None:
    sizes = np.array([p.size for p in arm.points], float)
    mean = np.array([p.mean for p in arm.points])
    several = max(p.seeds for p in arm.points) > 1
    seeds = [(r["size"], r["heldout_loss"]) for r in analysis.results if r["arm"] == arm.arm]
    axes.scatter(
        [n for n, _ in seeds],
        [loss for _, loss in seeds],
        s=18,
        color=colour,
        marker=mark,
        alpha=0.45,
        linewidths=0,
        zorder=3,
    )
    low, high = [p.low for p in arm.points], [p.high for p in arm.points]
    label = f"{arm.arm}: mean, 90% interval" if several else arm.arm
    if arm.arm == FULL or len(sizes) == 1:
        error = [mean - low, high - mean]
        axes.errorbar(
            sizes, mean, error, color=colour, marker=mark, markersize=7, capsize=3, linestyle="none", label=label
        )
        return
    axes.fill_between(sizes, low, high, color=colour, alpha=0.14, linewidth=0)
    axes.plot(sizes, mean, color=colour, marker=mark, markersize=5, linewidth=1.6, label=label, zorder=4)
    if arm.fit:
        fine = np.geomspace(sizes[0], sizes[-1], 200)
        axes.plot(fine, arm.fit.at(fine), color=colour, linewidth=1, linestyle=":", zorder=2)


def _knees(axes: Any, analysis: Analysis) -> None:
    """Each knee as a bar with its interval at the bottom, so that none hides a curve."""
    knees = [(i, arm) for i, arm in enumerate(analysis.arms) if arm.knee.verdict == "knee"]
    if not knees:
        return
    bottom, top = axes.get_ylim()
    step = 0.055 * (top - bottom)
    for row, (i, arm) in enumerate(knees):
        at, low, high = arm.knee.at, arm.knee.low, arm.knee.high
        assert at is not None and low is not None and high is not None
        y = bottom - (row + 0.4) * step
        colour = COLOURS[i % len(COLOURS)]
        axes.plot([low, high], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot([at], [y], marker="|", markersize=13, markeredgewidth=2.4, color=colour)
        label = f"{'bend' if arm.gradual else 'knee'} of {arm.arm}"
        axes.annotate(
            label, (high, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8, color=colour
        )
        if arm.fit:
            axes.plot([at, at], [y, float(arm.fit.at(at)[0])], color=colour, linewidth=0.8, linestyle=(0, (1, 2)))
    axes.set_ylim(bottom - (len(knees) + 0.4) * step, top)


def _label_sizes(sizes: list[int]) -> list[int]:
    """Sizes whose labels do not touch: a tenth of the axis between them."""
    if len(sizes) < 2:
        return sizes
    least = np.log(sizes[-1] / sizes[0]) / 12
    labels = [sizes[-1]]
    for n in reversed(sizes[:-1]):
        if np.log(labels[0] / n) >= least:
            labels.insert(0, n)
    return labels
