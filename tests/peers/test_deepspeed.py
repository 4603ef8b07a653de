"""DeepSpeed's configurations pass transformers' own check, and ZeRO trains with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.export.write import write
from curate.table import table
from tests.builders import ROOT
from tests.peers.environment import run
from tests.peers.jobs import job

pytestmark = pytest.mark.peers


@pytest.fixture
def exported(tmp_path, tokenizer_folder) -> Path:
    made = job("alpaca", str(tokenizer_folder), "chatml")
    write(table.read([ROOT / "sample_data" / "alpaca.json"]), str(tmp_path / "out"), "deepspeed", made)
    return tmp_path / "out"


def test_transformers_fills_in_every_auto(exported, tokenizer_folder):
    done = run("deepspeed", "deepspeed_checks.py", exported, tokenizer_folder, "check")
    for stage, found in json.loads(done.splitlines()[-1]).items():
        assert found["left"] == [], stage
        assert found["stage"] == (stage == "3")
        config = found["config"]
        assert config["train_micro_batch_size_per_gpu"] == 2 and config["gradient_accumulation_steps"] == 8


def test_zero_trains_two_steps(exported, tokenizer_folder):
    done = run("deepspeed", "deepspeed_checks.py", exported, tokenizer_folder, "train")
    losses = json.loads(done.splitlines()[-1])
    for first, second in losses.values():
        assert second < first
    assert losses["2"][0] == pytest.approx(losses["3"][0], abs=0.02)


def test_accelerate_reads_its_configurations(exported):
    from accelerate.commands.config.config_args import load_config_from_file

    for stage in (2, 3):
        config = load_config_from_file(str(exported / f"accelerate_zero{stage}.yaml"))
        assert config.distributed_type.value == "DEEPSPEED"
        assert (exported / config.deepspeed_config["deepspeed_config_file"]).is_file()
