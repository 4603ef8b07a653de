"""What `curate doctor` says of mutated rows is what TRL's SFTTrainer does to them, by two models' templates."""

from __future__ import annotations

import json

import pytest
from transformers import AutoTokenizer

from curate.doctor import trl
from curate.doctor.examined import Settings
from tests.peers.agreement import compare, did, write
from tests.peers.environment import run
from tests.peers.mutated_rows import COUNT, cases

pytestmark = pytest.mark.peers
COLUMNS = {
    "messages": ("messages", "tools"),
    "plain_messages": ("messages",),
    "chat_completion": ("prompt", "completion"),
    "completion": ("prompt", "completion"),
    "text": ("text",),
    "bare_sharegpt": ("conversations",),
    "alpaca": (),
}
SHAPES = [
    "messages",
    "plain_messages",
    "plain_messages",
    "chat_completion",
    "completion",
    "text",
    "bare_sharegpt",
    "alpaca",
]


@pytest.mark.parametrize("template", ["qwen2_5_chat_template", "llama3_chat_template"])
def test_verdicts_agree(tmp_path, tokenizer_folder, template):
    from trl import chat_template_utils

    made = cases(SHAPES, COUNT // 2, 3)
    paths = write(made, tmp_path)
    text = getattr(chat_template_utils, template)
    jobs = [
        {
            "path": str(path),
            "assistant_only_loss": "messages" in case.shape,
            "template": text,
            "model": str(tokenizer_folder),
        }
        for case, path in zip(made, paths, strict=True)
    ]
    results = json.loads(run("trl", "trl_judges.py", stdin=json.dumps(jobs)).splitlines()[-1])
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    compare(
        "TRL",
        made,
        results,
        lambda i: trl.judge(str(paths[i]), Settings()),
        lambda i: did(results[i], made[i], COLUMNS[made[i].shape], tokenizer),
    )
