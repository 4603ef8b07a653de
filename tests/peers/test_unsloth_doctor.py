"""What `curate doctor` says of mutated rows is what Unsloth's functions do to them, by two models' templates."""

from __future__ import annotations

import json

import pytest
from transformers import AutoTokenizer

from curate.doctor import unsloth
from curate.doctor.examined import Settings
from tests.peers.agreement import compare, did, write
from tests.peers.environment import run
from tests.peers.mutated_rows import COUNT, cases

pytestmark = pytest.mark.peers
MARKS = {
    "qwen2_5_chat_template": ("<|im_start|>user\n", "<|im_start|>assistant\n"),
    "llama3_chat_template": (
        "<|start_header_id|>user<|end_header_id|>\n\n",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
}
SHAPES = ["bare_sharegpt", "bare_sharegpt", "sharegpt", "late"]


@pytest.mark.parametrize("template", MARKS)
def test_verdicts_agree(tmp_path, tokenizer_folder, template):
    from trl import chat_template_utils

    made = cases(SHAPES, COUNT // 2, 4)
    paths = write(made, tmp_path)
    instruction, response = MARKS[template]
    jobs = [
        {
            "path": str(path),
            "template": getattr(chat_template_utils, template),
            "instruction_part": instruction,
            "response_part": response,
            "model": str(tokenizer_folder),
        }
        for path in paths
    ]
    results = json.loads(run("unsloth", "unsloth_judges.py", stdin=json.dumps(jobs)).splitlines()[-1])
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    compare(
        "Unsloth",
        made,
        results,
        lambda i: unsloth.judge(str(paths[i]), Settings()),
        lambda i: did(results[i], made[i], ("conversations", "system", "tools"), tokenizer),
    )
