"""verl's trainer configuration takes the export's, and its data set tokenises the rows as our trainer does."""

from __future__ import annotations

import json

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
TEMPLATES = ["chatml", "qwen", "qwen3", "llama3", "deepseek3", "gemma"]


@pytest.fixture(scope="module")
def read_back(tmp_path_factory, tokenizer_folder):
    """For each template: (the records that are in the exports, what verl makes of each export)."""
    out, kept, jobs = tmp_path_factory.mktemp("out"), [], []
    for template in TEMPLATES:
        for name in SAMPLES:
            rows = table.read([ROOT / "sample_data" / name])
            folder = out / template / name.split(".")[0]
            outcome = write(rows, str(folder), "verl", job("rows", str(tokenizer_folder), template, 100_000))
            gone = {(row.file, row.row) for row in outcome.left_out}
            kept.append([row.record for row in subset_rows(rows)[0] if (row.file, row.row) not in gone])
            jobs.append({"folder": str(folder), "model": str(tokenizer_folder)})
    results = json.loads(run("verl", "verl_reads.py", stdin=json.dumps(jobs)).splitlines()[-1])
    pairs = list(zip(kept, results, strict=True))
    return {name: pairs[i * len(SAMPLES) : (i + 1) * len(SAMPLES)] for i, name in enumerate(TEMPLATES)}


@pytest.mark.parametrize("template", TEMPLATES)
def test_ids_and_labels_are_ours(read_back, tokenizer_folder, template):
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    for records, made in read_back[template]:
        assert "error" not in made, made
        assert made["lora"] == 16
        assert len(made["ids"]) == len(records) > 0
        encoded = masking.encode(records, tokenizer, template, 100_000)
        for ours, ids, labels in zip(encoded.examples, made["ids"], made["labels"], strict=True):
            assert ours.ids.tolist() == ids, tokenizer.decode(ids)
            learnt = [token if weight else -100 for token, weight in zip(ids, ours.weights, strict=True)]
            # verl trains on an empty thought that the template alone asks for.
            more = [token for token, mine, its in zip(ids, learnt, labels, strict=True) if mine != its]
            assert tokenizer.decode(more).strip() in ("", "<think>\n\n</think>"), tokenizer.decode(ids)
