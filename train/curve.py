"""What the runs of an ablation say: the curve, its knee, and whether selection beats random rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

KNEE_SHARE = 0.9
# Okabe and Ito's colours, told apart by colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


class Point(NamedTuple):
    """Held-out loss of an arm at a size: mean and standard deviation over seeds (nan for one), in nats a token."""

    size: int
    mean: float
    spread: float
    seeds: int


def base_loss(results: Sequence[Mapping[str, Any]]) -> float:
    """Held-out loss of the model before training."""
    return next(float(r["heldout_loss"]) for r in results if r["size"] == 0)


def curves(results: Sequence[Mapping[str, Any]]) -> dict[str, list[Point]]:
    """For each arm its points, by size."""
    out: dict[str, list[Point]] = {}
    for arm in dict.fromkeys(r["arm"] for r in results if r["size"]):
        rows = [r for r in results if r["arm"] == arm]
        for size in sorted({r["size"] for r in rows}):
            losses = [r["heldout_loss"] for r in rows if r["size"] == size]
            spread = float(np.std(losses, ddof=1)) if len(losses) > 1 else float("nan")
            out.setdefault(arm, []).append(Point(size, float(np.mean(losses)), spread, len(losses)))
    return out


def knee(points: Sequence[Point], base: float) -> int | None:
    """The smallest measured size with 90% of the best size's gain over the base model; None without a gain."""
    gain = base - min(point.mean for point in points)
    if gain <= 0:
        return None
    return next(point.size for point in points if base - point.mean >= KNEE_SHARE * gain)


def sentence(results: Sequence[Mapping[str, Any]]) -> str:
    """What the curves say, in plain words, and no more than they show."""
    base, by_arm = base_loss(results), curves(results)
    parts = []
    for arm, points in by_arm.items():
        last, at = points[-1], knee(points, base)
        if at is None:
            parts.append(f"Training on {arm} rows did not lower the held-out loss ({base:.3f} before).")
            continue
        said = f"With {arm} rows the held-out loss falls from {base:.3f} to {last.mean:.3f} at {last.size:,} rows"
        if at < points[-1].size:
            said += f"; {at:,} rows already bring {KNEE_SHARE:.0%} of the best gain, so the knee is at or below {at:,}"
        else:
            said += f"; no smaller size brings {KNEE_SHARE:.0%} of that: no knee was reached, more data may still help"
        parts.append(said + ".")
    if {"selected", "random"} <= by_arm.keys():
        parts.append(_comparison(results))
    return " ".join(parts)


def _comparison(results: Sequence[Mapping[str, Any]]) -> str:
    """Selected against random rows at the largest size that both have, seed by seed."""
    losses = {(r["arm"], r["size"], r["seed"]): r["heldout_loss"] for r in results}
    pairs = [(a, n, s) for a, n, s in losses if a == "selected" and ("random", n, s) in losses]
    gains: dict[int, list[float]] = {}
    for _, size, seed in pairs:
        gains.setdefault(size, []).append(losses["random", size, seed] - losses["selected", size, seed])
    said = ", ".join(f"{np.mean(g):+.3f} at {n:,}" for n, g in sorted(gains.items()))
    signs = [np.sign(gain) for g in gains.values() for gain in g]
    seeds = min(map(len, gains.values()), default=0)
    lead = f"Selected against random rows (loss of random minus loss of selected): {said}."
    if seeds < 2:
        return f"{lead} One seed is not enough evidence to say which is better."
    if all(sign > 0 for sign in signs):
        return f"{lead} Selection was better at every size with every one of {seeds} seeds."
    if all(sign < 0 for sign in signs):
        return f"{lead} Random rows were better at every size with every one of {seeds} seeds."
    return f"{lead} The sign changes between seeds or sizes: not enough evidence that one is better."


def table(results: Sequence[Mapping[str, Any]]) -> Any:
    """The curves as a rich table."""
    from rich.table import Table

    base, by_arm = base_loss(results), curves(results)
    out = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        title=f"held-out loss (base model {base:.4f})",
        title_justify="left",
    )
    out.add_column("rows", justify="right")
    for arm in by_arm:
        out.add_column(arm, justify="right")
    for size in sorted({point.size for points in by_arm.values() for point in points}):
        cells = []
        for points in by_arm.values():
            point = next((p for p in points if p.size == size), None)
            spread = "" if point is None or np.isnan(point.spread) else f" ± {point.spread:.4f}"
            cells.append("" if point is None else f"{point.mean:.4f}{spread}")
        out.add_row(f"{size:,}", *cells)
    return out


def plot(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw the curves to a PNG: a point for each seed, a line through the means, the base model dashed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from curate.io import atomic

    base, by_arm = base_loss(results), curves(results)
    figure, axes = plt.subplots(figsize=(7.5, 4.8), dpi=150)
    axes.axhline(base, color="0.4", linestyle="--", linewidth=1)
    axes.annotate(
        "base model",
        (0.995, base),
        xycoords=("axes fraction", "data"),
        xytext=(0, -4),
        ha="right",
        va="top",
        textcoords="offset points",
        color="0.3",
        fontsize=9,
    )
    for (arm, points), colour in zip(by_arm.items(), COLOURS * 9, strict=False):
        seeds = [(r["size"], r["heldout_loss"]) for r in results if r["arm"] == arm]
        axes.scatter([n for n, _ in seeds], [loss for _, loss in seeds], s=16, color=colour, alpha=0.55, linewidths=0)
        axes.plot([p.size for p in points], [p.mean for p in points], color=colour, label=arm, marker="o", markersize=4)
        at = knee(points, base)
        if at is not None and at < points[-1].size:
            mean = next(p.mean for p in points if p.size == at)
            axes.scatter([at], [mean], s=110, facecolors="none", edgecolors=colour, linewidths=1.6)
    sizes = sorted({p.size for points in by_arm.values() for p in points})
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{n:,}" for n in sizes])
    axes.minorticks_off()
    marked = any((at := knee(points, base)) is not None and at < points[-1].size for points in by_arm.values())
    axes.set_xlabel("training rows" + (" (a circle marks the knee: 90% of the best gain)" if marked else ""))
    axes.set_ylabel("held-out loss, nats per answer token")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    with atomic(path) as file:
        figure.savefig(file, format="png")
    plt.close(figure)
