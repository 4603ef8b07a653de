"""The bars on quality, each with pass or fail, as lines of Markdown tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

Bar = tuple[str, str, str, bool | None]  # what, value, bar, whether it is met (None: shown only)

OVERALL, EACH = 0.1, 1 / 3  # share of bad rows in the subset over their share in the pool
AUC, AUC_EACH = 0.95, 0.85
FLOOR, CORRELATION, DEVIATIONS = 1.5, 0.25, 2.0


def bars(results: dict[str, Any]) -> tuple[list[str], bool]:
    """(lines, whether all bars are met) of what was measured by embedder."""
    lines, met = [], True
    for embedder, result in results.items():
        lines += ["", f"### Embedder `{embedder}`", "", "| what | value | bar | |", "| --- | --- | --- | --- |"]
        for what, value, bar, passed in [*_subset(result), *_auc(result), *_left_out(result), *_clean(result)]:
            met &= passed is not False
            word = "" if passed is None else "pass" if passed else "**fail**"
            lines.append(f"| {what} | {value} | {bar} | {word} |")
    return lines, met


def _subset(result: dict[str, Any]) -> Iterator[Bar]:
    """Bad rows in subsets, and how diverse these are."""
    pools = result["dirty"]
    pairs = [(sum(p["bad_selected"].values()) / p["selected"], sum(p["bad"].values()) / p["rows"]) for p in pools]
    ratios = [chosen / present for chosen, present in pairs]
    mean = float(np.sum([c for c, _ in pairs]) / np.sum([p for _, p in pairs]))
    means = np.mean(pairs, axis=0)
    shares = f"{means[0]:.1%} of the subset, {means[1]:.1%} of the pool: {mean:.2f}x"
    yield f"bad rows, mean of {len(pools)} pools", shares, f"<= {OVERALL}x", mean <= OVERALL
    yield "bad rows, worst pool", f"{max(ratios):.2f}x", "", None
    for name in sorted({name for p in pools for name in p["bad"]}):
        chosen = sum(p["bad_selected"].get(name, 0) / p["selected"] for p in pools)
        ratio = chosen / sum(p["bad"].get(name, 0) / p["rows"] for p in pools)
        yield f"bad rows: {name}", f"{ratio:.2f}x", f"<= {EACH:.2f}x", ratio <= EACH
    deviations = [p["deviations"] for p in pools]
    value = f"{np.mean(deviations):+.1f} (least {min(deviations):+.1f})"
    yield (
        "NovelSum above random gated rows, deviations",
        value,
        f">= {DEVIATIONS:.0f}",
        bool(np.mean(deviations) >= DEVIATIONS),
    )


def _auc(result: dict[str, Any]) -> Iterator[Bar]:
    """How well quality tells clean rows from bad ones, over all kinds and for each."""
    pools = result["dirty"]
    column, values = pools[0]["column"], [p["auc"] for p in pools]
    yield (
        f"AUC of `{column}`, mean",
        f"{np.mean(values):.3f} (least {min(values):.3f})",
        f">= {AUC}",
        bool(np.mean(values) >= AUC),
    )
    for name in sorted({name for p in pools for name in p["bad"]}):
        rows: Counter[str] = Counter()
        total = 0.0
        for p in (p for p in pools if name in p["bad"]):
            rows[name] += p["bad"][name]
            total += p["bad"][name] * p["auc_by_kind"][name]
        value = total / rows[name]
        yield f"AUC: {name}", f"{value:.3f} ({rows[name]} rows)", f">= {AUC_EACH}", value >= AUC_EACH


def _left_out(result: dict[str, Any]) -> Iterator[Bar]:
    """AUC of each kind when the score was not trained on it."""
    for name, value in result.get("left out", {}).items():
        if isinstance(value, str):
            yield f"AUC, left out: {name}", f"skipped: {value}", f">= {AUC_EACH}", None
        else:
            yield f"AUC, left out: {name}", f"{value:.3f}", f">= {AUC_EACH}", value >= AUC_EACH


def _clean(result: dict[str, Any]) -> Iterator[Bar]:
    """What quality goes by on clean rows, and false faults."""
    for language, clean in result["clean"].items():
        for name in ("length", "lexical diversity"):
            what = f"Spearman of `{clean['column']}` and {name}, clean {language} ({clean['rows']} rows)"
            yield what, f"{clean[name]:+.2f}", f"<= {CORRELATION}", abs(clean[name]) <= CORRELATION
    largest = max(result["clean"].values(), key=lambda clean: clean["rows"])
    for name, ratios in largest["below floor"].items():
        by_floor = {floor: ratio for floor, ratio in ratios.items() if floor != "rows"}
        value = ", ".join(f"{ratio:.2f}" for ratio in by_floor.values())
        what = f"below floors {', '.join(by_floor)}: {name} ({ratios['rows']:.0f} rows)"
        yield what, f"{value}x", f"<= {FLOOR}x", max(by_floor.values()) <= FLOOR if ratios["rows"] else None
    tasks = result["seed tasks"]
    passed = not tasks["faulty"] if tasks["rows"] else None
    yield f"certain faults on {tasks['rows']} seed tasks", str(len(tasks["faulty"])), "0", passed
