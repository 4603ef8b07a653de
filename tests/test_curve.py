"""What is said of a learning curve, on curves whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("matplotlib")

from train.analysis import curve, draws, efficiency, fits, forecast, knee, paired, wording
from train.study import picture

SIZES = [32, 64, 128, 256, 512, 1024, 2048]
ROWS = 80


def runs(sizes=SIZES, seeds=3):
    return np.repeat(np.asarray(sizes, float), seeds), np.tile(np.arange(seeds), len(sizes))


def bent(n, at, before=0.2, after=0.02, power=False):
    """A curve whose slope in ln n, or in ln n of its logarithm, changes at a size."""
    scale = 3.0 if power else 1.0
    x = np.log(n / 32)
    fall = before * x - (before - after) * np.maximum(np.log(n / at), 0)
    return 3 * np.exp(-fall / scale) if power else 3 - fall


def results(arm, losses, sizes=SIZES, seeds=3, rows=None):
    n, seed = runs(sizes, seeds)
    out = []
    for i, loss in enumerate(losses):
        row = {"arm": arm, "size": int(n[i]), "seed": int(seed[i]), "heldout_loss": float(loss)}
        if rows is not None:
            row |= {"heldout_rows": rows[i] + loss, "heldout_weights": np.ones(len(rows[i]))}
        out.append(row)
    return out


BASE = {"arm": "base", "size": 0, "seed": 0, "heldout_loss": 3.2}


@pytest.mark.parametrize("shape", ["power", "exponential", "logarithmic", "broken"])
def test_aicc_chooses_the_shape_that_made_the_curve(shape):
    n, seeds = runs(seeds=4)
    losses = {
        "power": 1.5 + 6 * n**-0.5,
        "exponential": 1.5 + np.exp(-n / 200),
        "logarithmic": 3 - 0.1 * np.log(n),
        "broken": bent(n, 256),
    }[shape]
    noise = np.random.default_rng(3).normal(0, 0.004, len(n))
    fitted = fits.all_fits(n, seeds, losses + noise + 0.02 * seeds)
    best = next(iter(fitted.values()))
    assert best.shape == shape
    assert best.at(n) - best.level == pytest.approx(losses - losses.mean() + (best.at(n).mean() - best.level), abs=0.02)


def test_the_parameters_of_a_clean_power_law_are_found():
    n, seeds = runs()
    found = fits.fit("power", n, seeds, 1.5 + 6 * n**-0.4)
    assert (found.floor, found.coefficients[0], found.parameter) == pytest.approx((1.5, 6, 0.4), rel=1e-2)


def test_too_few_sizes_choose_no_curve():
    n, seeds = runs([10, 40, 160])
    assert fits.all_fits(n, seeds, 3 - 0.1 * np.log(n)) == {}
    assert forecast.double(n, seeds, 3 - 0.1 * np.log(n), np.zeros((9, len(n)))) is None
    assert knee.find(n, seeds, 3 - 0.1 * np.log(n)).verdict == "unknown"


@pytest.mark.parametrize("sizes", [SIZES, [50, 150, 400, 1000, 3000]])
@pytest.mark.parametrize("power", [False, True])
def test_the_knees_interval_covers_the_truth(sizes, power):
    """In at least 85% of 200 trials; seeds have levels of their own, and held-out rows differ."""
    random = np.random.default_rng(7)
    n, seeds = runs(sizes)
    covered = 0
    for _ in range(200):
        truth = np.exp(random.uniform(np.log(sizes[1]), np.log(sizes[-2])))
        noise = random.normal(0, 0.02, len(n)) + random.normal(0, 0.03, 3)[seeds]
        found = knee.find(n, seeds, bent(n, truth, power=power) + noise)
        covered += found.verdict == "knee" and found.low <= truth <= found.high
    assert covered >= 170


@pytest.mark.parametrize("law", ["logarithmic", "power"])
def test_no_knee_is_said_of_straight_lines(law):
    random = np.random.default_rng(8)
    n, seeds = runs()
    line = 3 - 0.1 * np.log(n) if law == "logarithmic" else 4 * n**-0.1
    said = [
        knee.find(n, seeds, line + random.normal(0, 0.02, len(n)) + random.normal(0, 0.03, 3)[seeds]).verdict
        for _ in range(200)
    ]
    assert said.count("none") >= 190


def test_a_curve_that_gets_steeper_has_no_knee():
    n, seeds = runs()
    noise = np.random.default_rng(0).normal(0, 0.005, len(n))
    assert knee.find(n, seeds, bent(n, 256, 0.02, 0.2) + noise).verdict == "none"


def test_draws_follow_students_t_over_seeds():
    """The 90% interval of a mean covers the truth in about 90% of trials, with three seeds as well."""
    random = np.random.default_rng(1)
    covered = 0
    for trial in range(300):
        losses = 2 + random.normal(0, 0.1, 3)
        low, high = draws.interval(draws.draw(results("a", losses, [100]), 300, trial).mean(1))
        covered += low <= 2 <= high
    assert 0.84 <= covered / 300 <= 0.95


def test_rows_drawn_anew_keep_the_mean():
    rows = np.random.default_rng(0).normal(0, 0.3, (1, 50))
    some = results("a", [2.0], [100], 1, rows)
    drawn = draws.rows_anew(some, 4000, np.random.default_rng(0))[:, 0]
    each = some[0]["heldout_rows"]
    assert drawn.mean() == pytest.approx(each.mean(), abs=0.005)
    assert drawn.std() == pytest.approx(each.std() / 50**0.5, rel=0.1)


def arms(random, gap=0.0, spread=0.02, seeds=3, row_gap=0.0):
    n, seed = runs(seeds=seeds)
    line = 3 - 0.1 * np.log(n)
    out = [BASE | {"heldout_rows": np.full(ROWS, 3.2), "heldout_weights": np.ones(ROWS)}]
    hardness = random.normal(0, 0.5, ROWS)
    for arm, better in (("a", 0.0), ("b", gap)):
        losses = line - better + random.normal(0, spread, len(n)) + random.normal(0, spread, seeds)[seed]
        own = random.normal(0, row_gap, ROWS)
        rows = hardness + own - (hardness + own).mean() + random.normal(0, 0.02, (len(n), ROWS))
        out += results(arm, losses, seeds=seeds, rows=rows - rows.mean(1, keepdims=True))
    return out


def overall(some):
    return next(c for c in paired.compare(some) if c.size is None)


def test_a_clear_difference_is_found():
    random = np.random.default_rng(2)
    assert all(overall(arms(random, gap=0.2)).better == "b" for _ in range(20))


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("spread", [0.005, 0.02])
def test_a_difference_that_is_none_is_claimed_in_one_of_twenty_at_most(seeds, spread):
    """Whether seeds or held-out rows vary more: 20 of 200 would be passed once in a thousand times at 1 in 20."""
    random = np.random.default_rng(2)
    claims = [overall(arms(random, spread=spread, seeds=seeds)).better for _ in range(200)]
    assert sum(claim is not None for claim in claims) <= 20


def test_many_held_out_rows_do_not_make_up_for_seeds_that_disagree():
    """Eighty rows that all say the same, and three seeds that do not: no claim."""
    rows = np.zeros((3, ROWS))
    better = results("a", [2.0, 2.0, 2.0], [100], 3, rows)
    mixed = results("b", [1.7, 2.1, 1.9], [100], 3, rows)
    found = overall([*better, *mixed])
    assert found.p is not None and found.p > 0.2 and found.better is None


def test_seeds_that_agree_do_not_make_up_for_held_out_rows_that_disagree():
    own = np.random.default_rng(0).normal(0, 2.0, 12)
    own -= own.mean()
    one = results("a", [2.0, 2.0, 2.0], [100], 3, np.zeros((3, 12)))
    other = results("b", [1.9, 1.9001, 1.8999], [100], 3, np.tile(own, (3, 1)))
    assert overall([*one, *other]).better is None


def test_identical_runs_do_not_differ():
    same = results("a", [2.0, 2.1], [100], 2) + results("b", [2.0, 2.1], [100], 2)
    assert overall(same).p == 1


def test_holm_is_the_known_correction():
    family = [paired.ArmComparison("a", "b", n, 0.1, 0, 0, 3, p) for n, p in enumerate([0.01, 0.04, 0.03, 0.005])]
    assert [c.p_holm for c in paired.holm(family)] == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_rows_that_equal_rows():
    """One arm is the other moved by a factor of two in rows."""
    n, _ = runs(seeds=1)
    random = 3 - 0.1 * np.log(n)
    selected = 3 - 0.1 * np.log(2 * n)
    found = efficiency.equal("selected", "random", (n, selected, selected[None]), (n, random, random[None]))
    assert [e.ratio for e in found[:-1]] == pytest.approx([2] * (len(SIZES) - 1))
    assert found[-1].rows == np.inf


def test_what_a_hundred_more_rows_bring():
    n = np.array([100.0, 300.0])
    (step,) = efficiency.marginal(n, np.array([3.0, 2.0]), np.array([[3.0, 2.0]]))
    assert (step.start, step.end, step.gain) == (100, 300, pytest.approx(0.5))


def test_a_forecast_is_checked_on_the_largest_size():
    n, seeds = runs()
    random = np.random.default_rng(4)
    good = 3 - 0.1 * np.log(n) + random.normal(0, 0.005, len(n))
    told = forecast.double(n, seeds, good, draws.draw(results("a", good)))
    assert told.trusted and told.low <= 3 - 0.1 * np.log(4096) <= told.high
    broken = np.where(n == 2048, good + 0.5, good)
    told = forecast.double(n, seeds, broken, draws.draw(results("a", broken)))
    assert not told.trusted


def test_the_words_follow_the_numbers():
    n, _ = runs()
    random = np.random.default_rng(5)
    sharp = bent(n, 256) + random.normal(0, 0.01, len(n))
    told = curve.analyse([BASE, *results("random", sharp), *results("selected", sharp - 0.1)])
    sentences = " ".join(wording.sentences(told))
    assert "Selected rows are better than random rows" in sentences
    assert "knee is at about" in sentences or "diminish gradually around" in sentences
    straight = 3 - 0.1 * np.log(n) + random.normal(0, 0.01, len(n))
    sentences = " ".join(wording.sentences(curve.analyse([BASE, *results("random", straight)])))
    assert "No knee from 32 to 2,048 rows" in sentences
    worse = [BASE, *results("random", np.full(2, 3.5), [10, 20], 1)]
    sentences = " ".join(wording.sentences(curve.analyse(worse)))
    assert "No size brings the loss below that of the base model" in sentences
    few = [BASE, *results("random", [2.5, 2.4], [10, 20], 1), *results("selected", [2.4, 2.3], [10, 20], 1)]
    sentences = " ".join(wording.sentences(curve.analyse(few)))
    assert "Not enough evidence for or against a knee" in sentences
    assert "one seed is not enough evidence" in sentences


def test_the_picture_is_the_same_each_time(tmp_path):
    n, _ = runs()
    told = curve.analyse([BASE, *results("random", bent(n, 256) + 0.01 * np.sin(n))])
    paths = picture.write(told, tmp_path)
    assert [path.name for path in paths] == ["curve.png", "curve.svg"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert all(picture.image_bytes(told, path.suffix[1:]) == path.read_bytes() for path in paths)
