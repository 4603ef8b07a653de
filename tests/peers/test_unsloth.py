"""The data part of Unsloth's script, run with Unsloth's own functions, learns what our trainer learns."""

from __future__ import annotations

import ast
import json
from pathlib import Path

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
SAMPLES = ["alpaca.json", "sharegpt.json", "sft.jsonl"]
TEMPLATES = ["chatml", "qwen", "llama3", "phi4", "qwen3_nothink", "deepseek3", "alpaca", "gemma"]


def compare(sources: list[Path], template: str, out: Path, model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(model)
    kept, jobs = [], []
    for source in sources:
        rows = table.read([source])
        folder = out / f"{source.stem}_{template}"
        outcome = write(rows, str(folder), "unsloth", job(source.stem, str(model), template, 100_000))
        ast.parse((folder / "train.py").read_text("utf-8"))
        gone = {(row.file, row.row) for row in outcome.left_out}
        kept.append([row.record for row in subset_rows(rows)[0] if (row.file, row.row) not in gone])
        jobs.append({"folder": str(folder), "model": str(model)})
    results = json.loads(run("unsloth", "unsloth_reads.py", stdin=json.dumps(jobs)).splitlines()[-1])
    for records, made in zip(kept, results, strict=True):
        assert "error" not in made, made
        assert len(made["ids"]) == len(records)
        encoded = masking.encode(records, tokenizer, template, 100_000)
        for ours, ids, labels in zip(encoded.examples, made["ids"], made["labels"], strict=True):
            assert ours.ids.tolist() == ids, tokenizer.decode(ids)
            learnt = [token if weight else -100 for token, weight in zip(ids, ours.weights, strict=True)]
            apart = [i for i, label in enumerate(labels) if label != learnt[i]]
            # Unsloth takes line ends around its marks for parts of them.
            assert template == "alpaca" or not apart, (apart, tokenizer.decode(ids))
            assert not tokenizer.decode([ids[i] for i in apart]).strip(), (apart, tokenizer.decode(ids))


@pytest.mark.parametrize("template", TEMPLATES)
def test_ids_and_labels_are_ours(tmp_path, tokenizer_folder, template):
    compare([ROOT / "sample_data" / name for name in SAMPLES], template, tmp_path, tokenizer_folder)
