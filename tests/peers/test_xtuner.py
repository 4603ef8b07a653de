"""XTuner 1 tokenises the rows of the export as our trainer does, but for the line end after a reply."""

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
TEMPLATES = ["chatml", "qwen", "qwen3_nothink"]


@pytest.fixture(scope="module")
def read_back(tmp_path_factory, tokenizer_folder):
    """For each template: (the records that are in the exports, what XTuner makes of each export)."""
    out, kept, jobs = tmp_path_factory.mktemp("out"), [], []
    for template in TEMPLATES:
        for name in SAMPLES:
            rows = table.read([ROOT / "sample_data" / name])
            folder = out / template / name.split(".")[0]
            outcome = write(rows, str(folder), "xtuner", job("rows", str(tokenizer_folder), template, 100_000))
            gone = {(row.file, row.row) for row in outcome.left_out}
            kept.append([row.record for row in subset_rows(rows)[0] if (row.file, row.row) not in gone])
            jobs.append({"folder": str(folder), "model": str(tokenizer_folder)})
    results = json.loads(run("xtuner", "xtuner_reads.py", stdin=json.dumps(jobs)).splitlines()[-1])
    pairs = list(zip(kept, results, strict=True))
    return {name: pairs[i * len(SAMPLES) : (i + 1) * len(SAMPLES)] for i, name in enumerate(TEMPLATES)}


@pytest.mark.parametrize("template", TEMPLATES)
def test_ids_are_ours_and_so_are_labels_but_for_line_ends(read_back, tokenizer_folder, template):
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    for records, made in read_back[template]:
        assert "error" not in made, made
        assert len(made["ids"]) == len(records) > 0
        encoded = masking.encode(records, tokenizer, template, 100_000)
        for ours, ids, labels in zip(encoded.examples, made["ids"], made["labels"], strict=True):
            assert ours.ids.tolist() == ids, tokenizer.decode(ids)
            learnt = [token if weight else -100 for token, weight in zip(ids, ours.weights, strict=True)]
            apart = [token for token, mine, its in zip(ids, learnt, labels, strict=True) if mine != its]
            assert not tokenizer.decode(apart).strip(), tokenizer.decode(ids)
