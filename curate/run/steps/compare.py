"""Whether the selection was worth it: the subset's faults, quality and diversity, and those of random subsets.

The quality that rows were selected by is measured too, but it is no evidence: any score is better where it was sought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from curate.dedup.conflicts import conflicts
from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run import evidence
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult, no_files

if TYPE_CHECKING:
    from curate.score.diversity.metric import Sample

# The measure that a method of selection makes large.
SOUGHT = {"novelsum": "novelsum", "facility_location": "pool_facility", "lima": "pool_facility"}
# Rows that density is measured against.
REFERENCE = 100_000


def options(recipe: Recipe) -> dict[str, Any]:
    """What the comparison depends on."""
    report = recipe.report
    return {
        "random": report.random,
        "measures": report.measures,
        "audit": report.audit,
        "method": recipe.select.method,
        "seed": recipe.seed,
        "quality": recipe.select.quality,
    }


def run(state: RunState, recipe: Recipe, progress: Progress, _engine: Engine) -> StepResult:
    """Facts, of which each number is as `versus_random` gives it.

        faults     a list: the shares of rows with certain and with suspected faults
        audit      the mean rank by an auditor that selection does not see, or None; `audit_note`: what it cannot see
        measures   a list: measures of diversity
        quality    the mean of the quality that rows were selected by, or None
        conflicts  how many prompts have different answers

    Random subsets are drawn from all candidates: the rows that are valid and were not dropped.
    """
    from curate.table.counting import rows_that_count

    positions = rows_that_count(state.table, "unique")
    pool = state.table.take(pa.array(positions))
    chosen = np.sort(rows_that_count(pool, "selected"))
    counts = {"selected": len(chosen), "candidates": len(positions), "random": recipe.report.random}
    facts: dict[str, Any] = {**counts, "measures": [], "quality": None, "conflicts": _conflicts(pool, chosen)}
    if len(chosen) in (0, len(positions)):
        return StepResult(facts={**facts, "faults": [], "audit": None, "audit_note": ""})
    samples = evidence.Samples.drawn(chosen, len(positions), recipe.seed)
    note = "Quality was not measured independently: report.audit is false."
    audit, note = evidence.audited(pool, samples, progress) if recipe.report.audit else (None, note)
    facts |= {"faults": evidence.faults(state.table, pool, samples), "audit": audit, "audit_note": note}
    return StepResult(facts=facts | _by_random_subsets(state, recipe, pool, chosen, progress))


def _conflicts(pool: pa.Table, chosen: np.ndarray) -> dict[str, int]:
    """How many prompts have different answers, among the candidates and in the subset, and the most answers of one."""
    of_pool, positions = conflicts(pool), set(chosen.tolist())
    in_subset = sum(conflict.answers_of(positions) > 1 for conflict in of_pool)
    most = max((len(conflict.answers) for conflict in of_pool), default=0)
    return {"candidates": len(of_pool), "subset": in_subset, "most_answers": most}


def _by_random_subsets(
    state: RunState, recipe: Recipe, pool: pa.Table, chosen: np.ndarray, progress: Progress
) -> dict[str, Any]:
    """`measures` and `quality`: of the chosen rows of the pool, and of random subsets of as many."""
    from curate.score.diversity.registry import metric, names

    size, count = len(chosen), pool.num_rows
    random_subsets = [
        np.sort(np.random.default_rng([recipe.seed, i]).permutation(count)[:size]) for i in range(recipe.report.random)
    ]
    measure_names = names(recipe.report.measures)
    measured = np.unique(np.concatenate([chosen, *random_subsets, _random_rows(count, metric("novelsum").most)]))
    sample = _sample(state, pool, measure_names, recipe.seed, measured)
    measures = _measures(sample, [chosen, *random_subsets], measure_names, progress)
    for measure in measures:
        measure["sought"] = SOUGHT.get(recipe.select.method) == measure["name"]
    return {"measures": measures, "quality": _quality(pool, chosen, random_subsets, recipe.select.quality)}


def _measures(sample: Sample, subsets: list[np.ndarray], names: list[str], progress: Progress) -> list[dict[str, Any]]:
    """What each measure of diversity is for the first subset and for the others, which are random ones."""
    from curate.score.diversity.registry import metric

    samples = [sample.take(rows) for rows in subsets]
    measures = []
    for i, name in enumerate(names):
        progress("comparing with random subsets", i, len(names))
        measure = metric(name)
        values = [measure.value(_cut(subset, measure.most)) for subset in samples]
        whole = measure.value(_cut(sample, measure.most))
        known = [value for value in values if value is not None]
        if whole is not None and len(known) == len(values):
            about = {"name": name, "says": measure.meaning, "unit": measure.unit, "direction": measure.direction}
            measures.append({**about, **versus_random(known[0], known[1:], whole, measure.direction)})
    progress("comparing with random subsets", len(names), len(names))
    return measures


def versus_random(value: float, random: list[float], pool: float, direction: str) -> dict[str, float | None]:
    """A subset's value and those of random ones: their mean and standard deviation, and how many of those it is better.

    Args:
        value: of the subset.
        random: of at least two random subsets.
        pool: of all candidates.
        direction: `higher` or `lower`, which is better.

    Returns:
        subset, random, deviation, deviations (None where all random subsets have the same value) and pool.
    """
    mean, deviation = float(np.mean(random)), float(np.std(random, ddof=1))
    return evidence.comparison(value, mean, deviation, pool, direction)


def _sample(state: RunState, pool: pa.Table, measure_names: list[str], seed: int, measured: np.ndarray) -> Sample:
    """All candidates as a sample, themselves the reference.

    Density is made for the `measured` rows alone, against REFERENCE of the candidates at most.
    """
    from curate.score.diversity.cluster_entropy import clusters
    from curate.score.diversity.metric import Sample
    from curate.score.diversity.novelsum import densities
    from curate.score.diversity.prepare import POOL, reference_grams
    from curate.score.diversity.registry import inputs_of
    from curate.score.diversity.verb_noun import pairs
    from curate.table import fields
    from curate.table.texts import texts_of

    vectors = state.vectors
    assert vectors is not None
    reference = vectors[_random_rows(len(vectors), POOL, seed)]
    density = None
    if "novelsum" in measure_names:
        around = vectors[_random_rows(len(vectors), REFERENCE, seed)]
        density = np.ones(len(vectors))
        density[measured] = densities(vectors[measured], around)
    prompts, texts = pool["prompt"].to_pylist(), texts_of(pool)
    return Sample(
        vectors,
        texts,
        prompts,
        fields.values(pool, [], "category"),
        density,
        clusters(vectors, vectors, seed=seed) if "cluster_entropy" in measure_names else None,
        reference,
        reference_grams(texts) if "reference" in inputs_of(measure_names) else None,
        pairs(prompts) if "verb_noun" in measure_names else (),
    )


def _cut(sample: Sample, most: int | None) -> Sample:
    """The sample, or as many of its rows as a measure looks at."""
    return sample if most is None or len(sample) <= most else sample.take(_random_rows(len(sample), most))


def _random_rows(rows: int, most: int | None, seed: int = 0) -> np.ndarray:
    """(min(rows, most),) row numbers, ascending, drawn at random where there are more; all for None."""
    return (
        np.arange(rows)
        if most is None or rows <= most
        else np.sort(np.random.default_rng(seed).permutation(rows)[:most])
    )


def _quality(
    pool: pa.Table, chosen: np.ndarray, random_subsets: list[np.ndarray], column: str | None
) -> dict[str, Any] | None:
    """The mean of the quality column, of the subset and of random ones; None if there is no such column."""
    from curate.table.quality_column import default_quality, numbers
    from curate.table.table import records

    name = column or default_quality(pool, pool["record"], lambda: records(pool, np.arange(pool.num_rows)))
    if name is None:
        return None
    column = name.removeprefix("-")
    own = records(pool, np.arange(pool.num_rows)) if column not in pool.column_names else []
    values = numbers(pool, own, column)
    if not np.isfinite(values).any():
        return None
    means = [float(np.nanmean(values[rows])) for rows in (chosen, *random_subsets)]
    direction = "higher" if column == name else "lower"
    about = {"name": column, "says": f"mean of the column {column}", "unit": "", "direction": direction}
    return {**about, **versus_random(means[0], means[1:], float(np.nanmean(values)), direction)}


STEP = RecipeStep("compare", "compare with random subsets", options, no_files, run)
