"""Whether the choice was worth it: the subset's diversity and quality beside random subsets of the same size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import Result, State, Step

DIGITS = 6
# By how many standard deviations a subset must beat random ones for that to be called no chance.
CLEAR = 2.0
# Rows that density is measured against.
REFERENCE = 100_000


def options(recipe: Recipe) -> dict[str, Any]:
    """What the comparison depends on."""
    given = recipe.report
    return {"random": given.random, "measures": given.measures, "seed": recipe.seed, "quality": recipe.select.quality}


def run(state: State, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """Facts: `measures`, a list of what `beside` gives, and `quality`, the same for the mean of the quality column.

    Random subsets are drawn from all rows that the choice was from: those that are valid and were not set aside.
    """
    from curate.score.diversity.registry import metric, names
    from curate.table.ledger import left

    positions = left(state.table)
    pool = state.table.take(pa.array(positions))
    rank = pool["rank"].to_numpy(zero_copy_only=False)
    chosen = np.flatnonzero(~np.isnan(rank.astype(float)))
    size = len(chosen)
    counts = {"selected": size, "candidates": len(positions), "random": recipe.report.random}
    if size in (0, len(positions)):
        return Result(facts={**counts, "measures": [], "quality": None})
    drawn = [
        np.sort(np.random.default_rng([recipe.seed, i]).permutation(len(positions))[:size])
        for i in range(recipe.report.random)
    ]
    wanted = names(recipe.report.measures)
    looked_at = np.unique(np.concatenate([chosen, *drawn, _some(len(positions), metric("novelsum").most)]))
    sample = _sample(state, pool, wanted, recipe.seed, looked_at)
    subsets = [sample.take(rows) for rows in (chosen, *drawn)]
    found = []
    for i, name in enumerate(wanted):
        progress("comparing with random subsets", i, len(wanted))
        measure = metric(name)
        values = [measure.value(_cut(subset, measure.most)) for subset in subsets]
        whole = measure.value(_cut(sample, measure.most))
        known = [v for v in values if v is not None]
        if whole is not None and len(known) == len(values):
            described = {"name": name, "says": measure.meaning, "unit": measure.unit, "direction": measure.direction}
            found.append({**described, **beside(known[0], known[1:], whole, measure.direction)})
    progress("comparing with random subsets", len(wanted), len(wanted))
    return Result(facts={**counts, "measures": found, "quality": _quality(pool, chosen, drawn, recipe.select.quality)})


def beside(value: float, random: list[float], pool: float, direction: str) -> dict[str, float | None]:
    """A subset's value beside those of random ones: mean, standard deviation, and how many of those it is better.

    deviations: None where all random subsets have the same value.
    """
    mean, deviation = float(np.mean(random)), float(np.std(random, ddof=1))
    sign = -1 if direction == "lower" else 1
    better = sign * (value - mean) / deviation if deviation > 1e-12 else None
    said = {"subset": value, "random": mean, "deviation": deviation, "deviations": better, "pool": pool}
    return {name: None if number is None else float(f"{number:.{DIGITS}g}") for name, number in said.items()}


def _sample(state: State, pool: pa.Table, wanted: list[str], seed: int, looked_at: np.ndarray):  # type: ignore[no-untyped-def]
    """What these measures are of: all candidates, themselves the reference.

    Args:
        looked_at: (m,) the rows that density is asked of; it is measured against REFERENCE of the candidates at most.
    """
    from curate.score.diversity.cluster_entropy import clusters
    from curate.score.diversity.metric import Sample
    from curate.score.diversity.novelsum import densities
    from curate.score.diversity.prepare import POOL
    from curate.score.diversity.registry import inputs_of
    from curate.select import fields
    from curate.table.table import records

    vectors = state.vectors
    assert vectors is not None
    reference = vectors[_some(len(vectors), POOL, seed)]
    density = None
    if "novelsum" in wanted:
        around = vectors[_some(len(vectors), REFERENCE, seed)]
        density = np.ones(len(vectors))
        density[looked_at] = densities(vectors[looked_at], around)
    prompts, responses = pool["prompt"].to_pylist(), pool["response"].to_pylist()
    texts = [f"{p}\n{r}" for p, r in zip(prompts, responses, strict=True)]
    grams = None
    if "reference" in inputs_of(wanted):
        from curate.score.diversity.prepare import reference_grams

        grams = reference_grams(texts)
    categories = fields.values(pool, records(pool, np.arange(0)), "category")
    if "verb_noun" in wanted:
        from curate.score.diversity.verb_noun import pairs
    return Sample(
        vectors,
        texts,
        prompts,
        categories,
        density,
        clusters(vectors, vectors, seed=seed) if "cluster_entropy" in wanted else None,
        reference,
        grams,
        pairs(prompts) if "verb_noun" in wanted else (),
    )


def _cut(sample, most: int | None):  # type: ignore[no-untyped-def]
    """The sample, or as many of its rows as a measure looks at."""
    return sample if most is None or len(sample) <= most else sample.take(_some(len(sample), most))


def _some(rows: int, most: int | None, seed: int = 0) -> np.ndarray:
    """(min(rows, most),) row numbers, ascending, drawn at random where there are more; all for None."""
    return (
        np.arange(rows)
        if most is None or rows <= most
        else np.sort(np.random.default_rng(seed).permutation(rows)[:most])
    )


def _quality(pool: pa.Table, chosen: np.ndarray, drawn: list[np.ndarray], asked: str | None) -> dict[str, Any] | None:
    """The mean of the quality column, of the subset and of random ones; None if there is no such column."""
    from curate.select import fields
    from curate.select.quality import DEFAULTS
    from curate.table.table import records

    name = asked or next((column for column in DEFAULTS if column in pool.column_names), None)
    if name is None:
        return None
    column = name.removeprefix("-")
    found = fields.values(
        pool, records(pool, np.arange(pool.num_rows)) if column not in pool.column_names else [], column
    )
    values = np.array([np.nan if value is None else float(value) for value in found])
    if not np.isfinite(values).any():
        return None
    means = [float(np.nanmean(values[rows])) for rows in (chosen, *drawn)]
    direction = "higher" if column == name else "lower"
    described = {"name": column, "says": f"mean of the column {column}", "unit": "", "direction": direction}
    return {**described, **beside(means[0], means[1:], float(np.nanmean(values)), direction)}


def verdict(facts: dict[str, Any]) -> list[str]:
    """What the comparison found, in words: one sentence on diversity, one on quality."""
    if not facts["measures"]:
        if facts["selected"]:
            return [f"All {facts['candidates']:,} candidates are selected, so there is nothing to compare with."]
        return ["No row is selected."]
    lines = [_said(m, f"Diversity ({m['name']})", facts["random"]) for m in facts["measures"][:1]]
    if facts["quality"]:
        lines.append(_said(facts["quality"], f"Quality (mean {facts['quality']['name']})", facts["random"]))
    return lines


def clear(measure: dict[str, Any]) -> bool:
    """Whether the subset is better than random ones by more than chance."""
    return measure["deviations"] is not None and measure["deviations"] > CLEAR


def _said(m: dict[str, Any], what: str, random: int) -> str:
    numbers = (
        f"{what}: {m['subset']:.4g}, {random} random subsets of the same size {m['random']:.4g} ± {m['deviation']:.2g}"
    )
    z = m["deviations"]
    if z is None:
        return f"{numbers}: all of them have the same value."
    word = "better" if z > 0 else "worse"
    sure = "" if abs(z) > CLEAR else ", which may be chance"
    return f"{numbers}: {word} by {abs(z):.1f} standard deviations{sure}."


STEP = Step("compare", "compare with random subsets", options, lambda recipe: [], run)
