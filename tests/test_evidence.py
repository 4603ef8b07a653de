"""What a run's report says of a subset by measures that selection did not see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from curate.run.evidence import Samples
from curate.run.verdict import remarks, verdict
from curate.score.audit.auditor import audit
from curate.score.audit.matched import matched_ranks
from curate.score.quality.prior import prior_rows


@pytest.fixture(scope="module")
def judged() -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """(which rows are bad, ranks, prompts, answers): sample rows, a quarter with the answers of others."""
    prompts, answers = (list(texts[:400]) for texts in prior_rows())
    bad = np.arange(len(answers)) % 4 == 0
    wrong = np.flatnonzero(bad)
    moved = [answers[i] for i in np.roll(wrong, 1)]
    for i, answer in zip(wrong.tolist(), moved, strict=True):
        answers[i] = answer
    return bad, matched_ranks(audit(prompts, answers), answers, np.arange(len(answers))), prompts, answers


def test_the_auditor_sees_answers_to_other_questions(judged):
    bad, ranks, _, _ = judged
    assert ranks.mean() == pytest.approx(0.5)
    assert ranks[~bad].mean() - ranks[bad].mean() > 0.15


def test_no_length_is_better(judged):
    _, ranks, _, answers = judged
    lengths = np.argsort([len(answer) for answer in answers], kind="stable")
    error = ranks.std() / np.sqrt(100)
    assert abs(ranks[lengths[:100]].mean() - 0.5) < 3 * error and abs(ranks[lengths[-100:]].mean() - 0.5) < 3 * error


def test_the_order_of_rows_does_not_matter(judged):
    _, _, prompts, answers = judged
    order = np.random.default_rng(0).permutation(120)
    plain = audit(prompts[:120], answers[:120])
    other = audit([prompts[i] for i in order], [answers[i] for i in order])
    assert np.allclose(plain[order], other, atol=0.05)
    assert np.array_equal(plain, audit(prompts[:120], answers[:120]))


def test_texts_that_no_words_can_be_found_in():
    assert np.isfinite(audit(["", "?", "\ud800"] * 30, ["", "。", "{own}"] * 30)).all()


@pytest.mark.parametrize(("of_subset", "of_candidates"), [(200, 1000), (80, 300)])
def test_the_deviation_is_that_of_random_subsets(of_subset, of_candidates):
    rng = np.random.default_rng(0)
    values = rng.random(1000)
    differences, deviations = [], []
    for _ in range(600):
        chosen = rng.permutation(1000)[:200]
        samples = Samples(chosen[:of_subset], rng.permutation(1000)[:of_candidates], (200, 1000))
        result = samples.compared(values[samples.subset], values[samples.candidates], "higher")
        differences.append(result["subset"] - result["random"])
        deviations.append(result["deviation"])
    assert np.std(differences) == pytest.approx(np.mean(deviations), rel=0.12)


def measure(name: str, z: float | None, **more: Any) -> dict[str, Any]:
    """What was compared, of so many deviations."""
    numbers = {"subset": 0.6, "random": 0.5, "deviation": 0.02, "deviations": z, "pool": 0.5}
    return {"name": name, "says": "", "unit": "", "direction": "higher", **numbers, **more}


def facts(audit_z: float | None, *diversity: dict[str, Any]) -> dict[str, Any]:
    counts = {"selected": 10, "candidates": 100, "random": 20}
    own = measure("quality", 9.0)
    return {**counts, "measures": [*diversity], "quality": own, "audit": measure("auditor", audit_z), "audit_note": ""}


@pytest.mark.parametrize(
    ("z", "kind", "words"),
    [
        (2.1, "good", "better by 2.1 standard deviations"),
        (1.9, "none", "no difference that this measure can see"),
        (-1.9, "none", "no difference that this measure can see"),
        (-2.1, "bad", "worse by 2.1 standard deviations"),
        (None, "none", "no difference that this measure can see"),
    ],
)
def test_better_is_said_only_beyond_two_deviations(z, kind, words):
    found = [(k, sentence) for k, sentence in remarks(facts(z)) if sentence.startswith("Quality")]
    assert found[0][0] == kind and words in found[0][1]
    # The quality that rows were selected by is no evidence, however much better it is.
    assert len(found) == 1 and "9.0" not in " ".join(verdict(facts(z)))


def test_every_measure_of_diversity_is_named():
    measures = measure("novelsum", 5.0, sought=True), measure("vendi", 0.3), measure("distinct_2", -4.0)
    kind, sentence = next(pair for pair in remarks(facts(0.0, *measures)) if pair[1].startswith("Diversity"))
    assert kind == "warn"
    assert "better than random rows by novelsum (+5.0, what the method seeks); worse by distinct_2 (-4.0)" in sentence
    assert "no clear difference by vendi (+0.3)" in sentence
    only = remarks(facts(0.0, measures[0]))
    assert next(kind for kind, sentence in only if sentence.startswith("Diversity")) == "none"


def test_without_an_auditor_the_reason_is_said():
    without = {**facts(0.0), "audit": None, "audit_note": "Quality was not measured independently: too few rows."}
    assert "Quality was not measured independently: too few rows." in verdict(without)
