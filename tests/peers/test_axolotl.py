"""Axolotl's configuration schema takes the export's YAML, and its strategy tokenises the rows as our trainer does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from curate.export.rows import subset_rows
from curate.export.write import write
from curate.models import masking
from curate.table import table
from tests.builders import ROOT
from tests.peers.environment import run
from tests.peers.jobs import job

pytestmark = pytest.mark.peers
SAMPLES = ["alpaca.json", "sharegpt.json", "sft.jsonl", "dolly.jsonl"]
TEMPLATES = ["chatml", "qwen", "deepseek3", "llama3", "alpaca", "alpaca_input", "gemma", "mistral", "smollm2"]


def compare(sources: list[Path], template: str, out: Path, model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(model)
    kept, jobs = [], []
    for source in sources:
        rows = table.read([source])
        folder = out / f"{source.stem}_{template}"
        outcome = write(rows, str(folder), "axolotl", job(source.stem, str(model), template, 100_000))
        gone = {(row.file, row.row) for row in outcome.left_out}
        kept.append([row.record for row in subset_rows(rows)[0] if (row.file, row.row) not in gone])
        jobs.append({"folder": str(folder), "model": str(model)})
    results = json.loads(run("axolotl", "axolotl_reads.py", stdin=json.dumps(jobs)).splitlines()[-1])
    for records, made in zip(kept, results, strict=True):
        assert "error" not in made, made
        assert made["unknown"] == []  # every setting is one that the schema has
        assert len(made["ids"]) == len(records)
        encoded = masking.encode(records, tokenizer, template, 100_000)
        for ours, ids, labels in zip(encoded.examples, made["ids"], made["labels"], strict=True):
            assert ours.ids.tolist() == ids, tokenizer.decode(ids)
            learnt = np.array(labels) != -100
            assert (np.array(ids)[learnt] == np.array(labels)[learnt]).all()
            # Axolotl stops at the end token; our templates learn the white space after it too.
            apart = np.flatnonzero(learnt != (ours.weights > 0))
            assert not learnt[apart].any(), tokenizer.decode(ids)
            assert not tokenizer.decode([ids[i] for i in apart]).strip(), tokenizer.decode(ids)


@pytest.mark.parametrize("template", TEMPLATES)
def test_ids_are_ours_and_so_are_labels_but_for_white_space(tmp_path, tokenizer_folder, template):
    compare([ROOT / "sample_data" / name for name in SAMPLES], template, tmp_path, tokenizer_folder)


def test_the_models_own_template_with_tools(tmp_path, tokenizer_folder):
    from trl.chat_template_utils import qwen2_5_chat_template

    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    tokenizer.chat_template = qwen2_5_chat_template
    tokenizer.eos_token = "<|im_end|>"
    own = tmp_path / "model"
    tokenizer.save_pretrained(own)
    compare([ROOT / "sample_data" / "sft.jsonl"], "auto", tmp_path, own)
