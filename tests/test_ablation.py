"""The ablation on a tiny real model."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("scipy")

from curate.errors import CurateError
from schemas.record import Conversation, Message
from tests import tiny_model
from train.analysis import curve, paired
from train.lora import trainer
from train.study import ablation, compute, plan, results
from train.study.extra_metrics import ExtraMetrics
from train.study.measuring import Run
from train.study.processes import Resources

FAST = trainer.LoraSettings(epochs=2, batch_size=4, learning_rate=5e-3)
WORDS = {"red": "rrrr", "blue": "bbbb", "green": "gggg", "white": "wwww"}


def talk(prompt: str, response: str, category: str | None = None) -> Conversation:
    return Conversation([Message("user", prompt), Message("assistant", response)], category=category)


POOL = [talk(f"say {i}", f"it is {i}") for i in range(12)]
HELDOUT = [talk(f"tell {i}", f"it is {i}", "ab"[i % 2]) for i in range(4)]


def random_order(rows, seed):
    return np.random.default_rng(seed).permutation(rows)


ARMS = {"random": functools.partial(random_order, len(POOL)), "selected": lambda seed: np.arange(len(POOL))}


def study(sizes=(2, 4), seeds=(0, 1), arms=ARMS, pool=POOL, held=HELDOUT, settings=FAST, **options):
    sets = held if isinstance(held, dict) else {"heldout": held}
    design = ablation.Design(arms, sizes, seeds, settings, **options)
    return ablation.prepare(pool, sets, design, tiny_model.loaded())


def ablate(out, *, progress=lambda what, done, of: None, processes=1, **options):
    made = study(**options)
    return ablation.run(made, adapted(made), out, progress, Resources(processes, load=tiny_model.loaded))


def adapted(made):
    return trainer.attach(tiny_model.loaded(), made.setup.settings)


def test_an_ablation_goes_on_where_it_was(tmp_path):
    expected = ablate(tmp_path / "whole")
    ablate(tmp_path / "parts", sizes=[2], seeds=[0])
    told = []
    parts = ablate(tmp_path / "parts", progress=lambda what, done, of: told.append(what))
    assert not any(what.startswith(("base model", "random, 2 rows, seed 0")) for what in told)
    assert parts == expected
    assert len(expected) == 1 + 2 * 2 * 2
    assert (tmp_path / "parts" / "results.parquet").read_bytes() == (
        tmp_path / "whole" / "results.parquet"
    ).read_bytes()
    assert results.read(tmp_path / "parts" / "results.parquet") == expected


def test_a_killed_ablation_loses_the_current_run_only(tmp_path):
    def stop(what, done, of):
        if what.startswith("random, 4 rows, seed 0: loss"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ablate(tmp_path, progress=stop)
    done = results.read(tmp_path / "results.parquet")
    assert [(r["arm"], r["size"]) for r in done] == [("base", 0), ("random", 2), ("selected", 2)]
    assert ablate(tmp_path) == ablate(tmp_path / "whole")


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_bytes(tmp_path):
    for processes in (1, 2):
        ablate(tmp_path / str(processes), processes=processes)
    one, two = ((tmp_path / name / "results.parquet").read_bytes() for name in "12")
    assert one == two


@pytest.mark.slow
def test_an_error_in_another_process_is_told(tmp_path):
    with pytest.raises(CurateError, match="no such tiny model"):
        ablation.run(study(), adapted(study()), tmp_path, resources=Resources(2, load=broken_load))


def broken_load():
    raise CurateError("no such tiny model")


def test_sizes_are_nested_and_the_full_pool_has_one():
    arms = {**ARMS, "full": functools.partial(random_order, len(POOL))}
    made = study(arms=arms)
    assert [r for r in made.runs if r.arm == "full"] == [Run("full", 12, 0), Run("full", 12, 1)]
    for seed in (0, 1):
        small, large = ([e.index for e in made.setup.rows(Run("random", n, seed))] for n in (2, 4))
        assert large[:2] == small


def test_held_out_prompts_are_not_trained_on():
    pool = [*POOL, talk("TELL  1", "cheating")]
    assert ablation.overlap(pool, HELDOUT) == {12}
    made = study(pool=pool, arms={"all": lambda seed: np.arange(13)}, sizes=[12])
    assert 12 not in made.setup.orders["all", 0]


def test_only_rows_that_may_be_needed_are_tokenised():
    """The third row of twelve cannot be trained on, so one more than the sizes ask for is."""
    pool = [*POOL[:2], talk("x" * 600, "late"), *POOL[3:]]
    made = study(pool=pool, arms={"all": lambda seed: np.arange(12)}, sizes=[2, 4])
    assert made.setup.orders["all", 0][:4] == [0, 1, 3, 4]
    assert 3 <= len(made.setup.examples) < 12
    assert [e.index for e in made.setup.rows(Run("all", 4, 0))] == [0, 1, 3, 4]


def test_a_size_beyond_the_pool_is_a_clear_error(tmp_path):
    with pytest.raises(CurateError, match="size 13 is more than the 12 rows"):
        ablate(tmp_path, sizes=[13])


def test_several_held_out_sets_are_measured_each(tmp_path):
    text = tmp_path / "general.txt"
    text.write_text("The sky is blue.\n\nWater is wet, and stones are hard.\n", encoding="utf-8")
    results = ablate(tmp_path, held={"one": HELDOUT, "two": HELDOUT[:2]}, forgetting=str(text), sizes=[4], seeds=[0])
    assert [(r["heldout"], r["kind"]) for r in results[:3]] == [
        ("one", "heldout"),
        ("two", "heldout"),
        ("forgetting", "forgetting"),
    ]
    assert curve.heldouts(results) == ["one", "two", "forgetting"]
    assert len(results[2]["heldout_rows"]) == 2
    assert set(curve.analyse(results, "two").results[0]) >= {"heldout_loss", "heldout_by_category"}


@pytest.mark.parametrize("kind", ["steps", "tokens"])
def test_fixed_compute_is_the_same_for_every_size(tmp_path, kind):
    found = ablate(tmp_path, compute=kind, seeds=[0], sizes=[2, 12])
    trained = [r for r in found if r["size"]]
    if kind == "steps":
        assert {r["steps"] for r in trained} == {2 * 3}
    else:
        most = max(e.trained for e in study().setup.examples.values())
        tokens = [r["trained_tokens"] for r in trained]
        assert max(tokens) - min(tokens) < most
    small, large = (next(r for r in trained if r["size"] == n) for n in (2, 12))
    assert small["epochs"] > large["epochs"]


def test_fixed_passes_are_as_lora_itself_does_them():
    examples = list(study().setup.examples.values())
    rows, settings, passes = compute.schedule(examples, compute.Compute("epochs", 2), FAST)
    assert (rows, settings, passes) == (examples, FAST, 2.0)


def test_answers_and_accuracy_are_measured(tmp_path):
    pytest.importorskip("sacrebleu")
    found = ablate(tmp_path, sizes=[4], seeds=[0], extras=ExtraMetrics(2, 5, True))
    for r in found:
        assert len(r["generations"]) == 2
        assert 0 <= r["token_accuracy"] <= 1 and 0 <= r["rouge_l"] <= 1 and 0 <= r["chrf"] <= 100


def colours(count, start=0, answers=None):
    names = list(WORDS)
    called = [names[i % 4] for i in range(count)]
    said = called if answers is None else [called[i] for i in answers]
    return [talk(f"{start + i} {name}", WORDS[a], name) for i, (name, a) in enumerate(zip(called, said, strict=True))]


LEARNS = trainer.LoraSettings(rank=16, alpha=32, epochs=4, batch_size=8, learning_rate=1e-2)


def test_an_arm_with_shuffled_answers_is_worse(tmp_path):
    pool = colours(128) + colours(128, answers=np.random.default_rng(0).permutation(128))
    arms = {
        "right": lambda seed: random_order(128, seed),
        "shuffled": lambda seed: 128 + random_order(128, seed),
    }
    found = ablate(
        tmp_path, pool=pool, held=colours(40, 1000), arms=arms, sizes=[64, 128], seeds=range(4), settings=LEARNS
    )
    (overall,) = [c for c in paired.compare(found) if c.size is None]
    assert overall.better == "right"
    assert overall.p_holm < 0.05


@pytest.mark.slow
def test_two_arms_alike_are_not_told_apart(tmp_path):
    """Two random draws from the same rows, in 19 of 20 ablations with seeds of their own."""
    pool, held = colours(128), colours(24, 1000)
    arms = {"one": lambda seed: random_order(128, [seed, 0]), "two": lambda seed: random_order(128, [seed, 1])}
    claims = 0
    for trial in range(20):
        seeds = range(3 * trial, 3 * trial + 3)
        found = ablate(tmp_path / str(trial), pool=pool, held=held, arms=arms, sizes=[24], seeds=seeds, settings=LEARNS)
        claims += any(c.better for c in paired.compare(found))
    assert claims <= 1


RATES = plan.Throughput(train=100.0, measure=300.0, answer=0.0, source="made up")


def test_the_plan_counts_runs_tokens_and_time():
    prepared_study = study()
    study_plan = plan.make(prepared_study, [], RATES, 1)
    assert len(study_plan.remaining) == 9
    tokens = sum(len(e) for r in prepared_study.runs for e in prepared_study.setup.rows(r)) * 2
    assert study_plan.tokens[0] == tokens
    assert study_plan.seconds == pytest.approx(tokens / 100 + study_plan.tokens[1] / 300)
    assert plan.make(prepared_study, [], RATES, 2).seconds < 0.7 * study_plan.seconds
    done = [prepared_study.keys[r] for r in prepared_study.runs[:4]]
    assert len(plan.make(prepared_study, done, RATES, 1).remaining) == 5
    assert "9 runs with the base model's" in study_plan.summary_lines()[0]


def test_a_budget_picks_what_fits():
    prepared_study = study(sizes=[1, 2, 4, 8, 12], seeds=range(5))
    full_time = plan.make(prepared_study, [], RATES, 1).seconds
    assert plan.fit(prepared_study, [], RATES, 1, full_time + 1).runs == prepared_study.runs
    subset = plan.fit(prepared_study, [], RATES, 1, full_time / 2)
    assert plan.make(subset, [], RATES, 1).seconds <= full_time / 2
    assert {r.seed for r in subset.runs} >= {0, 1}
    assert len({r.size for r in subset.runs if r.size}) >= 4
    assert (
        plan.fit(prepared_study, [prepared_study.keys[r] for r in prepared_study.runs], RATES, 1, 1.0).runs
        == prepared_study.runs
    )
    with pytest.raises(CurateError, match="nothing fits into 1 s"):
        plan.fit(prepared_study, [], RATES, 1, 0.5)


def test_a_warm_up_measures_speed_and_leaves_no_trace(tmp_path):
    made = study(sizes=[4], seeds=[0])
    lm = trainer.attach(tiny_model.loaded(), FAST)
    rates = plan.warm_up(made, lm, 1)
    assert rates.train > 0 and rates.measure > 0
    after = ablation.run(made, lm, tmp_path / "warm")
    assert after == ablate(tmp_path / "cold", sizes=[4], seeds=[0])
    assert plan.earlier_throughput(tmp_path / "warm" / "timings.jsonl", 1, 1).train > 0
    assert plan.earlier_throughput(tmp_path / "warm" / "timings.jsonl", 1, 2) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), ("5", 300), ("1.5H", 5400)]
)
def test_lengths_of_time(text, seconds):
    assert plan.seconds(text) == seconds


def test_other_settings_make_other_runs():
    one = study()
    for other in (study(settings=replace(FAST, learning_rate=1e-3)), study(held=HELDOUT[:3]), study(compute="steps")):
        assert not {one.keys[r] for r in one.runs if r.size} & {other.keys[r] for r in other.runs if r.size}
