"""An analysis as a table for the terminal."""

from __future__ import annotations

from typing import Any

from train.analysis.arm_names import FULL
from train.analysis.curve import Analysis
from train.analysis.wording import p_text


def table(analysis: Analysis, title: str = "held-out loss") -> Any:
    """The curves as a rich table: mean and deviation over seeds of each arm at each size."""
    from rich.table import Table

    out = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        title=f"{title} (base model {analysis.base:.4f})",
        title_justify="left",
    )
    out.add_column("rows", justify="right")
    for arm in analysis.arms:
        out.add_column(arm.arm, justify="right", style="bold" if arm.arm == _best(analysis) else "")
    for size in sorted({point.size for arm in analysis.arms for point in arm.points}):
        cells = []
        for arm in analysis.arms:
            point = next((p for p in arm.points if p.size == size), None)
            spread = "" if point is None or point.deviation is None else f" ± {point.deviation:.4f}"
            cells.append("" if point is None else f"{point.mean:.4f}{spread}")
        out.add_row(f"{size:,}", *cells)
    return out


def comparisons(analysis: Analysis) -> Any:
    """Every two arms size by size as a rich table; None where there is nothing to compare."""
    from rich.table import Table

    compared = [c for c in analysis.comparisons if c.size is not None and c.p is not None and c.other != FULL]
    if not compared:
        return None
    out = Table(box=None, pad_edge=False, header_style="bold", title="arm against arm", title_justify="left")
    for name in ("rows", "arm", "other", "difference", "90% interval", "p (Holm)", ""):
        out.add_column(name, justify="left" if name in ("arm", "other", "") else "right", no_wrap=name != "")
    for c in compared:
        low, high = f"{c.low:+.4f}", f"{c.high:+.4f}"
        verdict = f"[green]{c.better} is better[/]" if c.better else ""
        p = p_text(c.p_holm).removeprefix("= ")
        out.add_row(f"{c.size:,}", c.arm, c.other, f"{c.difference:+.4f}", f"{low} to {high}", p, verdict)
    return out


def _best(analysis: Analysis) -> str | None:
    """The arm that is better than every other beyond doubt."""
    overall = [c for c in analysis.comparisons if c.size is None]
    arms = [a.arm for a in analysis.arms if a.arm != FULL]
    for arm in arms:
        if len(arms) > 1 and all(c.better == arm for c in overall if arm in (c.arm, c.other)):
            return arm
    return None
