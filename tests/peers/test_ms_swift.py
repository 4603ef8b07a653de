"""ms-swift knows every setting of the export, loads its rows and encodes them as our trainer does."""

from __future__ import annotations

import json

import pytest
from transformers import AutoTokenizer

from curate.export.rows import subset_rows
from curate.export.write import write
from curate.models import masking
from curate.table import table
from schemas.record import Conversation
from tests.builders import ROOT
from tests.peers.environment import run
from tests.peers.jobs import job

pytestmark = pytest.mark.peers
SAMPLES = ["alpaca.json", "sharegpt.json", "sft.jsonl"]
TEMPLATES = ["chatml", "qwen", "qwen3", "qwen3_nothink", "llama3", "deepseek3"]


@pytest.fixture(scope="module")
def own_tokenizer(tmp_path_factory, tokenizer_folder):
    """The peers' tokenizer with the begin token that ms-swift writes by name for Llama 3."""
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    tokenizer.add_special_tokens({"bos_token": "<|begin_of_text|>"})
    folder = tmp_path_factory.mktemp("llama3")
    tokenizer.save_pretrained(folder)
    (folder / "config.json").write_bytes((tokenizer_folder / "config.json").read_bytes())
    return folder


@pytest.fixture(scope="module")
def read_back(tmp_path_factory, tokenizer_folder, own_tokenizer):
    """For each template: (the records that are in the exports, what ms-swift makes of each export)."""
    out, kept, jobs = tmp_path_factory.mktemp("out"), [], []
    for template in TEMPLATES:
        model = own_tokenizer if template == "llama3" else tokenizer_folder
        for name in SAMPLES:
            rows = table.read([ROOT / "sample_data" / name])
            folder = out / template / name.split(".")[0]
            outcome = write(rows, str(folder), "ms-swift", job("rows", str(model), template, 100_000))
            gone = {(row.file, row.row) for row in outcome.left_out}
            kept.append([row.record for row in subset_rows(rows)[0] if (row.file, row.row) not in gone])
            jobs.append({"folder": str(folder), "model": str(model)})
    results = json.loads(run("ms-swift", "ms_swift_reads.py", stdin=json.dumps(jobs)).splitlines()[-1])
    pairs = list(zip(kept, results, strict=True))
    return {name: pairs[i * len(SAMPLES) : (i + 1) * len(SAMPLES)] for i, name in enumerate(TEMPLATES)}


def comparable(record: Conversation, template: str) -> bool:
    """Whether both write the same text: Qwen3's has two line ends before the tools where there is no system prompt."""
    return not (record.tools and template.startswith("qwen3") and record.messages[0].role != "system")


@pytest.mark.parametrize("template", TEMPLATES)
def test_ids_and_labels_are_ours(read_back, tokenizer_folder, own_tokenizer, template):
    tokenizer = AutoTokenizer.from_pretrained(own_tokenizer if template == "llama3" else tokenizer_folder)
    for records, made in read_back[template]:
        assert "error" not in made, made
        assert made["unknown"] == []
        assert len(made["ids"]) == len(records) > 0
        encoded = masking.encode(records, tokenizer, template, 100_000)
        compared = 0
        for record, ours, ids, labels in zip(records, encoded.examples, made["ids"], made["labels"], strict=True):
            if not comparable(record, template):
                continue
            assert ours.ids.tolist() == ids, tokenizer.decode(ids)
            learnt = [token if weight else -100 for token, weight in zip(ids, ours.weights, strict=True)]
            assert learnt == labels, tokenizer.decode(ids)
            compared += 1
        assert compared
