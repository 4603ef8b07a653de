"""What `curate doctor` says of mutated rows is what Axolotl does to them."""

from __future__ import annotations

import json

import pytest
from transformers import AutoTokenizer

from curate.doctor import axolotl
from curate.doctor.examined import Settings
from schemas.templates import lookup
from tests.peers.agreement import compare, did, write
from tests.peers.environment import run
from tests.peers.mutated_rows import COUNT, cases

pytestmark = pytest.mark.peers
SHARES = {"chatml": 0.7, "qwen3": 0.3}
SHAREGPT = {"type": "chat_template", "field_messages": "conversations"}
SHAREGPT |= {"message_property_mappings": {"role": "from", "content": "value"}}
ENTRIES = {
    "alpaca": {"type": "alpaca"},
    "sharegpt": SHAREGPT,
    "bare_sharegpt": SHAREGPT,
    "messages": {"type": "chat_template"},
    "plain_messages": {"type": "chat_template", "message_field_training": "train"},
}
COLUMNS = {
    "alpaca": ("instruction", "input", "output", "system", "history", "tools"),
    "sharegpt": ("conversations", "system", "tools"),
    "bare_sharegpt": ("conversations",),
    "messages": ("messages", "system", "tools"),
    "plain_messages": ("messages",),
}


@pytest.mark.parametrize("template", SHARES)
def test_verdicts_agree(tmp_path, tokenizer_folder, template):
    made = cases(list(ENTRIES), int(COUNT * SHARES[template]), 2)
    paths = write(made, tmp_path)
    jobs = [
        {"path": str(path), "entry": ENTRIES[case.shape], "chat_template": template, "model": str(tokenizer_folder)}
        for case, path in zip(made, paths, strict=True)
    ]
    results = json.loads(run("axolotl", "axolotl_judges.py", stdin=json.dumps(jobs)).splitlines()[-1])

    def judge(i):
        item = {**ENTRIES[made[i].shape], "path": paths[i].name}
        config = tmp_path / f"case{i}.yaml"
        config.write_text(json.dumps({"datasets": [item], "chat_template": template}))  # JSON is YAML
        return axolotl.judge(str(paths[i]), Settings(template=lookup("qwen"), config=str(config)))

    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    compare("Axolotl", made, results, judge, lambda i: did(results[i], made[i], COLUMNS[made[i].shape], tokenizer))
