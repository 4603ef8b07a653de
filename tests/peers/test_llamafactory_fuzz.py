"""What `curate doctor` says of mutated rows is what LLaMA-Factory does to them."""

from __future__ import annotations

import json

import pytest
from transformers import AutoTokenizer

from curate.doctor import llamafactory
from curate.doctor.llamafactory_entry import parse, stage
from schemas.templates import lookup
from tests.peers.fates import Made, fate
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


def columns_of(entry):
    """The columns of a row that say what is trained on; of a pair the answer alone does not count."""
    named = entry.get("columns", {"messages": "conversations"})
    return [
        name
        for key, name in named.items()
        if key not in ("kto_tag", "images") + ("response",) * bool(entry.get("ranking"))
    ]


def happened(result, row, entry, tokenizer):
    """What LLaMA-Factory did to the middle one of three rows."""
    if "error" in result:
        return {"crash"}
    if len(result["ids"]) == 2:
        return {"drop"}
    if "tags" in result and result["tags"][1] != row["label"]:
        return {"change"}
    ids, labels = result["ids"][1], result["labels"][1]
    text = tokenizer.decode(ids).replace("detailed thinking off", "")  # named once, of the whole file
    trained = tokenizer.decode([label for label in labels if label != -100])
    return fate(row, Made(text, trained), columns_of(entry), stage(parse(entry)))


def judged(path, entry, template):
    """What doctor says of it."""
    findings = llamafactory.examine(str(path), parse(entry), template, thinking=True).findings
    for verdict in ("crash", "unknown", "drop", "change"):
        if any(f.verdict == verdict and (f.row == 2 or verdict == "crash") for f in findings):
            return verdict
    return "kept"


def disagreements(shapes, count, seed, folder, model, template="chatml"):
    """(those rows where the two differ, how many were not judged)."""
    from PIL import Image

    for name in ("a.png", "b.png"):
        Image.new("RGB", (28, 28)).save(folder / name)
    made = cases(shapes, count, seed)
    info, jobs = {}, []
    for i, case in enumerate(made):
        entry = ENTRIES[case.shape]
        (folder / f"case{i}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in case.rows))
        info[f"case{i}"] = {**entry, "file_name": f"case{i}.jsonl"}
        jobs.append({"dataset": f"case{i}", "template": template, "stage": stage(parse(entry)), "cutoff_len": 100_000})
    (folder / "dataset_info.json").write_text(json.dumps(info))
    tokenizer = AutoTokenizer.from_pretrained(model)
    wrong, unjudged = [], 0
    judge = None if template == "llava" else lookup(template)
    for i, (case, result) in enumerate(zip(made, read(jobs, folder, model), strict=True)):
        said = judged(folder / f"case{i}.jsonl", ENTRIES[case.shape], judge)
        unjudged += said == "unknown"
        did = happened(result, case.rows[1], ENTRIES[case.shape], tokenizer)
        if said != "unknown" and said not in did:
            wrong.append(
                f"{case.shape}: doctor {said}, LLaMA-Factory {did} {result.get('error', '')[:200]}: {json.dumps(case.rows[1])}"
            )
    return wrong, unjudged


@pytest.mark.parametrize(
    ("template", "shapes", "share"),
    [
        ("chatml", [name for name in ENTRIES if name != "images"], 0.7),
        ("qwen3", ["sharegpt", "sharegpt_pair", "sharegpt_kto", "alpaca"], 0.2),
        ("llava", ["images"], 0.1),
    ],
)
def test_verdicts_agree(tmp_path, tokenizer_folder, template, shapes, share):
    wrong, unjudged = disagreements(shapes, int(COUNT * share), 1, tmp_path, tokenizer_folder, template)
    assert not wrong, f"{len(wrong)} of {int(COUNT * share)}:\n" + "\n".join(wrong)
    assert unjudged < COUNT * share / 20
