"""Pools of the benchmark of quality: their bad rows are bad, as many as asked for, and the halves stay apart."""

# ruff: noqa: E402
from __future__ import annotations

import random
import sys
import types
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).parent.parent / "bench"
sys.path.append(str(BENCH))  # at the end: it has a train.py, too

import quality_leave_out
from dirt.clean import clean_rows
from dirt.donors import Donors, phrases
from dirt.held_out import HELD_OUT
from dirt.kinds import TUNE
from dirt.pools import pool
from dirt.row import half_of
from quality_bars import bars
from quality_leave_out import leave_one_out
from quality_measures import auc, below_floor, deviations, spearman

KINDS = {**TUNE, **HELD_OUT}
MARK = 10  # characters of a phrase that anybody would think of, as a placeholder
RARE = {"lead-in only"}  # hardly a row of sample_data is long enough for it
NO_DATA = Path("no such folder")  # sample_data alone


@pytest.fixture(scope="module")
def rows():
    return clean_rows(NO_DATA)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_changes_rows_and_says_the_same_again(rows, kind):
    donors = Donors(rows[::2])
    spoilt = [(row, KINDS[kind](row, donors, random.Random(i))) for i, row in enumerate(rows[1:301:2])]
    done = [(row, bad) for row, bad in spoilt if bad is not None]
    assert len(done) >= 10 or kind in RARE
    assert all(bad[:2] != row[:2] and bad.answer.strip() for row, bad in done)
    again = [KINDS[kind](row, donors, random.Random(i)) for i, row in enumerate(rows[1:301:2])]
    assert again == [bad for _, bad in spoilt]


@pytest.mark.parametrize("language", ["en", "zh", "mixed"])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_pool_has_its_share_of_bad_rows_and_each_prompt_once(rows, language, share):
    made = pool(rows, language, share, 3, TUNE, size=200)
    bad = [row for row in made if row.kind]
    assert len(bad) == round(share * len(made))
    assert len({row.prompt for row in made}) == len(made)
    assert language == "mixed" or {row.language for row in made} == {language}
    assert made == pool(rows, language, share, 3, TUNE, size=200)
    assert made != pool(rows, language, share, 4, TUNE, size=200)


def test_kinds_are_equally_frequent(rows):
    kinds = [row.kind for row in pool(rows, "mixed", 0.3, 0, TUNE, size=400) if row.kind]
    counts = [kinds.count(kind) for kind in TUNE]
    assert max(counts) - min(counts) <= 2


def test_an_answer_that_is_lent_is_not_also_answered_to_its_own_prompt(rows):
    made = pool(rows, "en", 0.3, 1, {"answer of another row": TUNE["answer of another row"]})
    own = {(row.prompt, row.answer) for row in rows}
    lent = [row.answer for row in made if row.kind]
    alone = {answer for answer in lent if sum(answer == other for _, other in own) == 1}
    assert alone
    assert not alone & {row.answer for row in made if not row.kind}


def test_halves_are_disjoint_and_make_the_whole(rows):
    tune, report = clean_rows(NO_DATA, "tune"), clean_rows(NO_DATA, "report")
    assert not {row.prompt for row in tune} & {row.prompt for row in report}
    assert sorted(tune + report) == sorted(rows)
    assert 0.3 < len(tune) / len(rows) < 0.7
    assert {half_of(text) for text in "abcdefgh"} == {"tune", "report"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pools_of_phrases_are_large_and_without_repeats(language):
    for folder, least in (("phrases", 40), ("held_out_phrases", 20)):
        for path in (BENCH / "dirt" / folder).glob(f"*.{language}.txt"):
            lines = phrases(folder, path.name.split(".")[0], language)
            assert len(set(lines)) == len(lines)
            assert len(lines) >= least or "interjection" in path.name


def test_phrases_that_are_reported_on_are_not_among_those_tuned_on():
    seen = {line for path in (BENCH / "dirt" / "phrases").iterdir() for line in path.read_text().splitlines()}
    held_out = {
        line for path in (BENCH / "dirt" / "held_out_phrases").glob("*.txt") for line in path.read_text().splitlines()
    }
    assert held_out
    assert not {line for line in seen & held_out if len(line) > MARK}


def test_measures_have_their_textbook_values():
    assert auc(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 1
    assert auc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5
    assert auc(np.array([1.0, 3.0]), np.array([2.0])) == 0.5
    assert spearman(np.array([1.0, 2, 3]), np.array([10.0, 20, 90])) == pytest.approx(1)
    assert spearman(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) == pytest.approx(-1)


def test_groups_below_a_floor_are_compared_with_the_pool(rows):
    quality = np.array([0.1 if row.language == "zh" else 1.0 for row in rows]) + np.linspace(0, 0.1, len(rows))
    han = np.mean([row.language == "zh" for row in rows])
    ratio = below_floor(rows, quality)["Chinese"]
    assert ratio["rows"] == round(han * len(rows))
    assert ratio["0.10"] == pytest.approx(1 / han, rel=0.05)  # all rows below the floor are Chinese


def test_deviations_tell_spread_out_rows_from_random_ones():
    vectors = np.eye(40, dtype=np.float32)[[*range(40), *[0] * 160]]
    everything = np.ones(200, bool)
    assert deviations(vectors, np.arange(200) < 40, everything) > 2
    assert deviations(vectors, np.arange(200) >= 160, everything) < -2


def test_without_a_hook_leaving_kinds_out_is_skipped_with_a_reason(rows, monkeypatch):
    monkeypatch.setattr(quality_leave_out, "MODULE", "curate.score.no_such_module")
    assert all("no_such_module" in why for why in leave_one_out(rows, 1, "tfidf").values())


def test_each_kind_is_left_out_once(rows, monkeypatch):
    asked = []

    def scores(prompts, responses, embed, prior, without, faults):
        asked.append(without)
        assert faults[:, 0].any()
        pairs = zip(prompts, responses, strict=True)
        told = [float(without != ("echo",) and prompt != answer) for prompt, answer in pairs]
        return types.SimpleNamespace(scores=told)

    for name, module in {"MODULE": scores, "PRIOR": lambda: ((), ())}.items():
        stand_in = types.ModuleType("stand_in_" + name)
        setattr(stand_in, "score_pool" if name == "MODULE" else "prior_rows", module)
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        monkeypatch.setattr(quality_leave_out, name, stand_in.__name__)
    by_kind = leave_one_out(rows, 1, "tfidf")
    assert set(by_kind) == set(TUNE)
    assert set(asked) == set(quality_leave_out.SAME.values())
    # This score knows an echo only where it was told of echoes; certain faults tell some all the same.
    assert 0.5 <= by_kind["prompt echoed"] < 1


def measured(bad_selected, auc_value, length=0.1, seed_faults=()):
    dirty = {"column": "quality", "rows": 700, "selected": 150, "auc": auc_value, "auc_by_kind": {"mash": auc_value}}
    dirty |= {"bad": {"mash": 210}, "bad_selected": {"mash": bad_selected}, "candidates": 400, "deviations": 3.0}
    clean = {"column": "quality", "rows": 500, "length": length, "lexical diversity": 0.0}
    clean["below floor"] = {"code": {"rows": 20.0, "0.10": 1.2}}
    return {"auto": {"dirty": [dirty], "clean": {"en": clean}, "seed tasks": {"rows": 87, "faulty": list(seed_faults)}}}


def test_bars_are_met_by_a_good_score_and_missed_by_each_single_failing():
    assert bars(measured(4, 0.97))[1]
    for bad in (measured(5, 0.97), measured(4, 0.94), measured(4, 0.97, -0.3), measured(4, 0.97, 0.1, ["a task"])):
        lines, met = bars(bad)
        assert not met
        assert sum("**fail**" in line for line in lines) == 1
