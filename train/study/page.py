"""An ablation as a web page that is one file: its findings, the curve, every table, and how to do it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from curate.io import atomic
from curate.report.page import Child, Safe, data, page, table, tag
from curate.text.counted import counted
from train.analysis.arm_names import REFERENCE
from train.analysis.curve import Analysis, ArmCurve
from train.analysis.fits import SHAPES
from train.analysis.wording import bounds, capitalize, p_text, round_rows
from train.study import picture
from train.study.results import METRICS

STYLE = """
figure svg { display: block; width: 100%; height: auto; background: #fff; border-radius: .375rem; }
.scroll { overflow-x: auto; }
.scroll table { width: auto; min-width: 60%; }
.scroll th, .scroll td { padding-right: 1.5rem; white-space: nowrap; }
.said p { max-width: 46rem; }
.better { color: var(--good); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; } dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
"""
METRIC_NAMES = {
    "token_accuracy": "token accuracy",
    "exact_match": "exact match",
    "rouge_l": "ROUGE-L",
    "chrf": "chrF",
    "win_rate": "win rate over the base model",
}
MOST_ANSWERS = 4


def write(analyses: Sequence[Analysis], sentences: Sequence[str], facts: Mapping[str, Any], path: Path) -> None:
    """Write the page, whole or not at all.

    Args:
        analyses: see `html`.
        sentences: see `html`.
        facts: see `html`.
        path: of the page.
    """
    with atomic(path) as file:
        file.write(html(analyses, sentences, facts))


def html(analyses: Sequence[Analysis], sentences: Sequence[str], facts: Mapping[str, Any]) -> bytes:
    """The page.

    Args:
        analyses: of each held-out set, the main one first.
        sentences: on the main one.
        facts: what was done and how, from label to text; `command` is shown as one to run.
    """
    main, *further = analyses
    body = [
        tag("style", Safe(STYLE)),
        tag("header", tag("p", "Data-size ablation of ", data("b", str(facts["model"])), class_="kind")),
        tag("h1", _headline(main)),
        tag(
            "main",
            tag("figure", _svg(main), tag("figcaption", _caption(main), class_="quiet")),
            tag("section", [tag("p", line) for line in sentences], class_="said"),
            _losses(main),
            _knees(main),
            _forecasts(main),
            _comparisons(main),
            _equals(main),
            _marginal(main),
            _fits(main),
            _categories(main),
            _metrics(main),
            [_further_set(analysis) for analysis in further],
            _answers(main),
            _facts(facts),
        ),
    ]
    return page("Data-size ablation · curate", *body)


def _headline(analysis: Analysis) -> str:
    best = min((p.mean, a.arm, p.size) for a in analysis.arms for p in a.points)
    return (
        f"Held-out loss from {analysis.base:.3f} to {best[0]:.3f}, by {counted(best[2], 'row')} of {best[1]}"
        if best[0] < analysis.base
        else "No run brought the held-out loss below that of the base model"
    )


def _svg(analysis: Analysis) -> Safe:
    """The picture as an element of the page; matplotlib makes it, and draws all text as outlines."""
    text = picture.image_bytes(analysis, "svg").decode("utf-8")
    return Safe(text[text.index("<svg") :])


def _caption(analysis: Analysis) -> str:
    seeds = max((p.seeds for a in analysis.arms for p in a.points), default=1)
    caption = "Every point is a run; lines join the means, dotted lines are the fitted curves"
    if seeds > 1:
        caption += (
            f", bands are 90% intervals of the difference from the base model, over {seeds} seeds and the held-out "
            "rows (arms are compared with one another on the same seeds and rows, which is sharper)"
        )
    return f"{caption}. Bars at the bottom are knees with their 90% intervals."


def _section(title: str, heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Child]], note: str = "") -> Safe:
    if not rows:
        return Safe()
    return tag(
        "section",
        tag("h2", title),
        tag("p", note, class_="quiet") if note else None,
        tag("div", table(None, heads, rows), class_="scroll"),
    )


def _losses(analysis: Analysis) -> Safe:
    heads = [("Rows", "number"), *((arm.arm, "number") for arm in analysis.arms)]
    rows: list[list[Child]] = []
    for size in sorted({p.size for a in analysis.arms for p in a.points}):
        row: list[Child] = [f"{size:,}"]
        for arm in analysis.arms:
            p = next((p for p in arm.points if p.size == size), None)
            spread = "" if p is None or p.deviation is None else f" ± {p.deviation:.4f}"
            row.append("" if p is None else f"{p.mean:.4f}{spread}")
        rows.append(row)
    note = f"Nats per answer token, mean ± standard deviation over seeds. The base model has {analysis.base:.4f}."
    return _section("Held-out loss", heads, rows, note)


def _knees(analysis: Analysis) -> Safe:
    heads = [("Arm", "name"), ("Verdict", ""), ("Rows", "number"), ("90% interval", "number")]
    heads += [("A doubling below", "number"), ("above", "number"), ("p", "number")]
    rows = []
    for arm in analysis.arms:
        k = arm.knee
        verdict = {"none": "no knee", "unknown": "not enough evidence"}.get(
            k.verdict, "gradual" if arm.gradual else "knee"
        )
        numbers = ["", "", "", ""]
        if k.verdict == "knee":
            numbers = [
                round_rows(k.at),
                f"{round_rows(k.low)} to {round_rows(k.high)}",
                f"{k.before:.3f}",
                f"{k.after:.3f}",
            ]
        rows.append([arm.arm, verdict, *numbers, p_text(k.p).removeprefix("= ")])
    note = (
        "The break of two straight lines in ln n; p is the chance of so much flattening in a straight line. Gradual: a "
        "curve without a break describes the bend better."
    )
    return _section("Knees", heads, [r for r in rows if r[1]], note)


def _forecasts(analysis: Analysis) -> Safe:
    heads = [("Arm", "name"), ("Rows", "number"), ("Loss", "number"), ("90% interval", "number"), ("By", "")]
    heads += [("Check: foretold", "number"), ("measured", "number"), ("", "")]
    rows = []
    for arm in analysis.arms:
        f = arm.forecast
        if f:
            c = f.check
            check = ["", "", "not checked"]
            if c:
                check = [f"{c.foretold:.3f} at {c.size:,}", f"{c.measured:.3f}", "held" if c.held else "missed"]
            rows.append([arm.arm, f"{f.size:,}", f"{f.loss:.3f}", f"{f.low:.3f} to {f.high:.3f}", f.shape, *check])
    note = "What twice the rows would bring; the check foretells the largest size from the smaller ones."
    return _section("Twice the rows", heads, rows, note)


def _comparisons(analysis: Analysis) -> Safe:
    heads = [("Rows", "number"), ("Arm", "name"), ("against", "name"), ("Difference", "number")]
    heads += [("90% interval", "number"), ("p", "number"), ("p (Holm)", "number"), ("", "")]
    rows: list[list[Child]] = []
    for c in analysis.comparisons:
        if c.p is None:
            continue
        verdict = tag("span", f"{c.better} is better", class_="better") if c.better else ""
        p = [p_text(value).removeprefix("= ") for value in (c.p, c.p_holm)]
        size = "all" if c.size is None else f"{c.size:,}"
        rows.append([size, c.arm, c.other, f"{c.difference:+.4f}", f"{c.low:+.4f} to {c.high:+.4f}", *p, verdict])
    note = (
        "Loss of the second less loss of the first, paired by seed and held-out row; both count as samples. Above "
        "zero, the first is better."
    )
    return _section("Arm against arm", heads, rows, note)


def _equals(analysis: Analysis) -> Safe:
    reference = next((a for a in analysis.arms if a.arm == REFERENCE), None)
    if reference is None:
        return Safe()
    first, largest = reference.points[0].size, reference.points[-1].size
    heads = [("Rows", "number"), ("Arm", "name"), ("equal random rows", "number"), ("90% interval", "number")]
    heads += [("Ratio", "number")]
    rows = []
    for e in analysis.equals:
        at = f"over {largest:,}" if e.rows == np.inf else f"under {first:,}" if e.rows == 0 else round_rows(e.rows)
        ratio = f"{e.ratio:.2f}" if 0 < e.rows < np.inf else ""
        rows.append([f"{e.size:,}", e.arm, at, " to ".join(bounds(e, largest)), ratio])
    return _section("What selected rows are worth", heads, rows, "Rows of random data that reach the same loss.")


def _marginal(analysis: Analysis) -> Safe:
    heads = [("Rows", "name"), ("Arm", "name"), ("Gain", "number"), ("90% interval", "number")]
    rows = [
        [f"{m.start:,} to {m.end:,}", arm.arm, f"{m.gain:+.4f}", f"{m.low:+.4f} to {m.high:+.4f}"]
        for arm in analysis.arms
        for m in arm.marginal
    ]
    return _section("What a hundred more rows bring", heads, rows, "Loss gained for every hundred rows added.")


def _fits(analysis: Analysis) -> Safe:
    heads = [("Arm", "name"), ("Curve", ""), ("AICc", "number"), ("Above the best", "number"), ("Values", "")]
    rows = []
    for arm in analysis.arms:
        for f in arm.fits.values():
            best = arm.fit.aicc if arm.fit else f.aicc
            rows.append(
                [arm.arm, SHAPES[f.shape].formula, f"{f.aicc:.1f}", f"{f.aicc - best:.1f}", values_of(arm, f.shape)]
            )
    return _section("Fitted curves", heads, rows, "The lowest AICc is the best; differences below 2 mean little.")


def values_of(arm: ArmCurve, shape: str) -> str:
    """The numbers of a fitted curve by their names in its formula."""
    f = arm.fits[shape]
    values = [("c", f.level)]
    if shape in ("power", "exponential"):
        values += [("a", f.coefficients[0]), ("b", f.parameter)]
    else:
        values += [("a", -f.coefficients[0])]
    if shape == "broken":
        values += [("a above k", -sum(f.coefficients)), ("k", f.parameter)]
    return ", ".join(f"{name} = {value:.4g}" for name, value in values)


def _categories(analysis: Analysis) -> Safe:
    """Loss by category of the base model and of each arm at its largest size."""
    base = next(r for r in analysis.results if not r["size"])
    if not base.get("heldout_by_category"):
        return Safe()
    names = list(json.loads(base["heldout_by_category"]))
    if len(names) < 2:
        return Safe()
    columns = [("base model", [base])]
    for arm in analysis.arms:
        largest = arm.points[-1].size
        runs = [r for r in analysis.results if r["arm"] == arm.arm and r["size"] == largest]
        columns.append((f"{arm.arm}, {largest:,}", runs))
    rows: list[list[Child]] = []
    for name in names:
        means = [np.mean([json.loads(r["heldout_by_category"])[name] for r in runs]) for _, runs in columns]
        rows.append([data("span", name), *(f"{mean:.3f}" for mean in means)])
    heads = [("Category", "name"), *((title, "number") for title, _ in columns)]
    return _section("By category", heads, rows, "Held-out loss at the largest size, mean over seeds.")


def _metrics(analysis: Analysis) -> Safe:
    metrics = [m for m in METRICS if any(r.get(m) is not None for r in analysis.results)]
    if not metrics:
        return Safe()
    heads = [("Arm", "name"), ("Rows", "number"), *((capitalize(METRIC_NAMES[m]), "number") for m in metrics)]
    rows = []
    for arm, size in dict.fromkeys((r["arm"], r["size"]) for r in analysis.results):
        runs = [r for r in analysis.results if (r["arm"], r["size"]) == (arm, size)]
        cells = []
        for m in metrics:
            figures = [r[m] for r in runs if r.get(m) is not None]
            cells.append(f"{np.mean(figures):.3f}" if figures else "")
        rows.append([arm, f"{size:,}", *cells])
    return _section("Beyond the loss", heads, rows, "Means over seeds; answers are greedy.")


def _further_set(analysis: Analysis) -> Safe:
    kinds = {r.get("kind") for r in analysis.results}
    title = f"On {analysis.heldout}"
    heads = [("Rows", "number"), *((arm.arm, "number") for arm in analysis.arms)]
    rows: list[list[Child]] = []
    for size in sorted({p.size for a in analysis.arms for p in a.points}):
        points = [next((p for p in a.points if p.size == size), None) for a in analysis.arms]
        rows.append(
            [f"{size:,}", *("" if p is None else f"{p.mean:.4f} ({p.low:.4f} to {p.high:.4f})" for p in points)]
        )
    note = f"Loss, with 90% intervals; the base model has {analysis.base:.4f}."
    if "forgetting" in kinds:
        note = f"Text that the rows are not about. {note} A loss above that is forgetting."
    return _section(title, heads, rows, note)


def _answers(analysis: Analysis) -> Safe:
    """The first answers of the base model and of each arm's largest run."""
    runs = [r for r in analysis.results if not r["size"]]
    for arm in analysis.arms:
        runs += [r for r in analysis.results if r["arm"] == arm.arm and r["size"] == arm.points[-1].size][:1]
    runs = [r for r in runs if r.get("generations")]
    if not runs:
        return Safe()
    figures = []
    for i in range(min(MOST_ANSWERS, len(runs[0]["generations"]))):
        for r in runs:
            title = "base model" if not r["size"] else f"{r['arm']}, {r['size']:,} rows"
            figures.append(
                tag("figure", tag("figcaption", tag("b", title), f", prompt {i + 1}"), data("pre", r["generations"][i]))
            )
    return tag("section", tag("h2", "Answers"), figures)


def _facts(facts: Mapping[str, Any]) -> Safe:
    entries = [(capitalize(name), str(value)) for name, value in facts.items() if name != "command"]
    pairs = [item for name, value in entries for item in (tag("dt", name), data("dd", value))]
    return tag(
        "section",
        tag("h2", "How it was done"),
        tag("dl", pairs),
        tag("p", "To do it again:"),
        data("pre", str(facts["command"])),
    )
