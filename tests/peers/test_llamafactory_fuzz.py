"""What `curate doctor` says of mutated rows is what LLaMA-Factory does to them."""

from __future__ import annotations

import json

import pytest
from transformers import AutoTokenizer

from curate.doctor import llamafactory
from curate.doctor.llamafactory_entry import parse, stage
from schemas.templates import lookup
from tests.peers.agreement import compare, did, write
from tests.peers.llamafactory import read
from tests.peers.mutated_rows import COUNT, cases

pytestmark = pytest.mark.peers
TURNS = {"messages": "conversations", "system": "system", "tools": "tools"}
ALPACA = {"prompt": "instruction", "query": "input", "response": "output", "history": "history"}
ALPACA |= {"system": "system", "tools": "tools"}
ROLES = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
ROLES |= {"observation_tag": "tool", "function_tag": "function_call", "system_tag": "system"}
PAIR, LABEL = {"chosen": "chosen", "rejected": "rejected"}, {"kto_tag": "label"}
ENTRIES = {
    "alpaca": {"columns": ALPACA},
    "alpaca_pair": {"columns": {**ALPACA, **PAIR}, "ranking": True},
    "alpaca_kto": {"columns": {**ALPACA, **LABEL}},
    "sharegpt": {"formatting": "sharegpt", "columns": TURNS},
    "bare_sharegpt": {"formatting": "sharegpt"},
    "sharegpt_pair": {"formatting": "sharegpt", "columns": {**TURNS, **PAIR}, "ranking": True},
    "sharegpt_kto": {"formatting": "sharegpt", "columns": {**TURNS, **LABEL}},
    "images": {"formatting": "sharegpt", "columns": {**TURNS, "images": "images"}},
    "messages": {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": ROLES},
    "openai": {"formatting": "openai", "columns": {"messages": "messages", "tools": "tools"}, "tags": ROLES},
}


SHAPES = {
    "chatml": ([name for name in ENTRIES if name != "images"], 0.7),
    "qwen3": (["sharegpt", "sharegpt_pair", "sharegpt_kto", "alpaca"], 0.2),
    "llava": (["images"], 0.1),
}


def columns_of(entry):
    """The columns of a row that say what is trained on; of a pair the answer alone does not count."""
    named = entry.get("columns", {"messages": "conversations"})
    unread = ("kto_tag", "images", "response") if entry.get("ranking") else ("kto_tag", "images")
    return [name for key, name in named.items() if key not in unread]


@pytest.mark.parametrize("template", SHAPES)
def test_verdicts_agree(tmp_path, tokenizer_folder, template):
    from PIL import Image

    for name in ("a.png", "b.png"):
        Image.new("RGB", (28, 28)).save(tmp_path / name)
    shapes, share = SHAPES[template]
    made = cases(shapes, int(COUNT * share), 1)
    paths = write(made, tmp_path)
    entries = [ENTRIES[case.shape] for case in made]
    info = {path.stem: {**entry, "file_name": path.name} for path, entry in zip(paths, entries, strict=True)}
    (tmp_path / "dataset_info.json").write_text(json.dumps(info))
    stages = [stage(parse(entry)) for entry in entries]
    jobs = [
        {"dataset": path.stem, "template": template, "stage": stage, "cutoff_len": 100_000}
        for path, stage in zip(paths, stages, strict=True)
    ]
    results = read(jobs, tmp_path, tokenizer_folder)
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    known = None if template == "llava" else lookup(template)
    compare(
        "LLaMA-Factory",
        made,
        results,
        lambda i: llamafactory.examine(str(paths[i]), parse(entries[i]), known, thinking=True),
        lambda i: did(results[i], made[i], columns_of(entries[i]), tokenizer, stages[i]),
    )
