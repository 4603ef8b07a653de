"""ms-swift knows every setting of the export, loads its rows and encodes them as our trainer does."""

from __future__ import annotations

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
SAMPLES = ["alpaca.json", "sharegpt.json", "sft.jsonl", "dolly.jsonl"]
TEMPLATES = ["chatml", "qwen", "qwen3", "qwen3_nothink", "llama3", "deepseek3"]


def compare(sources: list[Path], template: str, out: Path, model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(model)
    kept, jobs = [], []
    for source in sources:
        rows = table.read([source])
        folder = out / f"{source.stem}_{template}"
        outcome = write(rows, str(folder), "ms-swift", job(source.stem, str(model), template, 100_000))
        gone = {(row.file, row.row) for row in outcome.left_out}
        kept.append([row.record for row in subset_rows(rows)[0] if (row.file, row.row) not in gone])
        jobs.append({"folder": str(folder), "model": str(model)})
    results = json.loads(run("ms-swift", "ms_swift_reads.py", stdin=json.dumps(jobs)).splitlines()[-1])
    for records, made in zip(kept, results, strict=True):
        assert "error" not in made, made
        assert made["unknown"] == []
        assert len(made["ids"]) == len(records) > 0
        encoded = masking.encode(records, tokenizer, template, 100_000)
        for ours, ids, labels in zip(encoded.examples, made["ids"], made["labels"], strict=True):
            assert ours.ids.tolist() == ids, tokenizer.decode(ids)
            learnt = [token if weight else -100 for token, weight in zip(ids, ours.weights, strict=True)]
            assert learnt == labels, tokenizer.decode(ids)


@pytest.mark.parametrize("template", TEMPLATES)
def test_ids_and_labels_are_ours(tmp_path, tokenizer_folder, template):
    compare([ROOT / "sample_data" / name for name in SAMPLES], template, tmp_path, tokenizer_folder)
