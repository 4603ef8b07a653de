"""`curate advise`, and the words of an ablation's command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("scipy")

from curate.errors import CurateError
from train.study import advice


@pytest.mark.parametrize(
    ("text", "size"), [("7B", 7e9), ("135m", 135e6), ("1.5 B", 1.5e9), ("7e9", 7e9), ("0.5b", 5e8)]
)
def test_numbers_of_parameters(text, size):
    assert advice.parameters(text) == pytest.approx(size)


@pytest.mark.parametrize("text", ["", "big", "-7B", "0", "7 GB"])
def test_what_is_no_number_of_parameters_is_a_clear_error(text):
    with pytest.raises(CurateError, match="not a number of parameters"):
        advice.parameters(text)


def test_ranges_follow_the_size_and_sources_of_that_size_come_first():
    small, middle, large = (advice.advise(size) for size in (135e6, 7e9, 405e9))
    assert (middle.row_range.low, middle.row_range.high) == (1_000, 10_000)
    assert small.row_range.high > middle.row_range.high < large.row_range.high
    assert "AlpaGasus" in middle.sources[0].name
    assert large.sources[0].name.startswith("Tülu 3")
    assert all(source.reference.startswith("arXiv ") for source in advice.SOURCES)
    assert all("Rule of thumb" in each.sentences[0] for each in (small, middle, large))


def test_the_data_at_hand_are_set_against_the_range():
    said = [advice.advise(7e9, rows).sentences[2] for rows in (50, 5_000, 52_000)]
    assert ["fewer than that" in said[0], "in that range" in said[1], "more than that" in said[2]] == [True] * 3


def test_the_command_reads_data_and_study(curate, tmp_path):
    from train.study import files as study_files

    rows = [{"arm": "base", "size": 0, "seed": 0, "heldout_loss": 3.2}]
    random = np.random.default_rng(0)
    for n in [32, 64, 128, 256, 512, 1024, 2048]:
        for seed in range(3):
            loss = 3 - 0.2 * np.log(min(n, 256) / 32) + random.normal(0, 0.01)
            rows.append({"arm": "random", "size": n, "seed": seed, "heldout_loss": float(loss)})
    study_files.write(rows, {"model": "tiny", "compute": "3 passes", "command": "curate ablate x"}, tmp_path)
    done = curate("advise", "--model-params", "135M", "--data", "sample_data/dolly.jsonl", "--study", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Rule of thumb for 135M parameters: 2,000 to 50,000" in done.stdout
    assert "283 valid, different rows, fewer than that" in done.stdout
    assert "Your own curve, of tiny" in done.stdout and "below the rule's range" in done.stdout
    told = json.loads(curate("advise", "--model-params", "70B", "--json").stdout)
    assert told["range"]["low"] == 10_000
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<svg" in page and "curate ablate x" in page and "<script" not in page and "<img" not in page


def test_a_folder_without_a_study_is_a_clear_error(curate, tmp_path):
    done = curate("advise", "--model-params", "7B", "--study", tmp_path)
    assert done.returncode == 2
    assert "give the --out folder of `curate ablate`" in done.stderr
