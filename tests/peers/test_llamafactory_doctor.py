"""What `curate doctor` says of bad rows is what LLaMA-Factory does to them, row for row."""

from __future__ import annotations

import json
import random

import pytest
from transformers import AutoTokenizer

from curate.doctor import llamafactory
from curate.doctor.llamafactory_entry import parse
from tests.peers import bad_rows
from tests.peers.llamafactory import read

pytestmark = pytest.mark.peers


def judged(path, entry) -> str:
    """What doctor says of the middle one of three rows."""
    findings = llamafactory.examine(str(path), parse(entry)).findings
    if any(finding.verdict == "crash" for finding in findings):
        return "crash"
    return "drop" if any(finding.verdict == "drop" for finding in findings) else "kept"


def happened(result) -> str:
    """What LLaMA-Factory did to it."""
    if "error" in result:
        return "crash"
    return {2: "drop", 3: "kept"}[len(result["ids"])]


def agree(cases, folder, model, ending=".jsonl"):
    """Put each (entry, good row, row) into a file between two good rows, and compare."""
    info, jobs, paths = {}, [], []
    for i, (entry, good, row) in enumerate(cases):
        rows = [good, row, good]
        path = folder / f"case{i}{ending}"
        text = json.dumps(rows) if ending == ".json" else "".join(json.dumps(row) + "\n" for row in rows)
        path.write_text(text)
        info[f"case{i}"] = {**entry, "file_name": path.name}
        jobs.append({"dataset": f"case{i}", "template": "chatml", "cutoff_len": 100_000})
        paths.append(path)
    (folder / "dataset_info.json").write_text(json.dumps(info))
    results = read(jobs, folder, model)
    wrong = []
    for (entry, _, row), path, result in zip(cases, paths, results, strict=True):
        said, did = judged(path, entry), happened(result)
        if said != did:
            wrong.append(f"doctor: {said}, LLaMA-Factory: {did} ({result.get('error', '')[:200]}): {json.dumps(row)}")
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("ending", [".jsonl", ".json"])
def test_the_corpus_of_bad_rows(tmp_path, tokenizer_folder, ending):
    cases = [(entry, good, row) for entry, good, rows in bad_rows.CORPUS for row in rows]
    agree(cases, tmp_path, tokenizer_folder, ending)


def test_one_file_of_many_bad_rows(tmp_path, tokenizer_folder):
    """Rows that do not end the run, in one file: those that come through are those that doctor lets through."""
    entry, good, rows = next(part for part in bad_rows.CORPUS if part[0] is bad_rows.SHAREGPT)
    path = tmp_path / "all.jsonl"
    numbered = []
    for i, row in enumerate(rows):
        turns = row.get("conversations") if isinstance(row, dict) else None
        if not isinstance(turns, list) or not all(
            isinstance(turn, dict) and {"from", "value"} <= turn.keys() for turn in turns
        ):
            continue
        path.write_text("".join(json.dumps(row) + "\n" for row in (good, row, good)))
        if judged(path, entry) != "crash" and turns:
            said = [turn if turn["from"] == "function_call" else {**turn, "value": f"row{i}!"} for turn in turns]
            numbered.append({**row, "conversations": said})
    path.write_text("".join(json.dumps(row) + "\n" for row in numbered))
    dropped = {f.row for f in llamafactory.examine(str(path), parse(entry)).findings if f.verdict == "drop"}
    assert len(dropped) >= 10 and len(numbered) - len(dropped) >= 5
    (tmp_path / "dataset_info.json").write_text(json.dumps({"all": {**entry, "file_name": path.name}}))
    job = {"dataset": "all", "template": "chatml", "cutoff_len": 100_000}
    (made,) = read([job], tmp_path, tokenizer_folder)
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    kept = [row for number, row in enumerate(numbered, 1) if number not in dropped]
    assert len(made["ids"]) == len(kept)
    for ids, row in zip(made["ids"], kept, strict=True):
        assert row["conversations"][0]["value"] in tokenizer.decode(ids)


def test_conversations_with_roles_and_texts_at_random(tmp_path, tokenizer_folder):
    pick = random.Random(7)
    senders = ["human", "gpt", "function_call", "observation", "system", "user"]
    texts = ["a", "", "{{idx}}", bad_rows.CALL, "[]", "{", "<tool_call>{}</tool_call>", None]
    cases = []
    for _ in range(150):
        turns = []
        for i in range(pick.choice([0, 1, 2, 2, 2, 3, 4, 4, 5, 6])):
            usual = senders[i % 2] if pick.random() < 0.8 else pick.choice(senders)
            turns.append((usual, pick.choice(texts) if pick.random() < 0.3 else "a"))
        beside = {"tools": pick.choice(["", "[]", bad_rows.TOOL, "{", None]), "system": pick.choice(["", "s", None])}
        cases.append((bad_rows.SHAREGPT, bad_rows.GOOD_CHAT, bad_rows.chat(*turns, **beside)))
    agree(cases, tmp_path, tokenizer_folder)
