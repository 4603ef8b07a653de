"""What these tools train on, and what is exported for them, is read again with every row accounted for."""

from __future__ import annotations

import json

import pytest

from tests.builders import ROOT

SAY = {"role": "assistant", "content": "2"}
ASK = {"role": "user", "content": "Name a prime."}
CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
# Rows in the shapes of the files that each tool ships or shows in its documentation: (rows, how many are valid).
SHIPPED = {
    "llamafactory-alpaca": ([{"instruction": "Name a prime.", "input": "", "output": "2"}], 1),
    "llamafactory-alpaca-history": (
        [{"instruction": "a", "input": "", "output": "b", "system": "s", "history": [["c", "d"]]}],
        1,
    ),
    "llamafactory-tools": (
        [
            {
                "conversations": [
                    {"from": "human", "value": "a"},
                    {"from": "function_call", "value": '{"name": "f", "arguments": {}}'},
                    {"from": "observation", "value": "r"},
                    {"from": "gpt", "value": "b"},
                ],
                "tools": "[]",
            }
        ],
        1,
    ),
    "llamafactory-parts": (
        [
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "value": "a"}], "loss_weight": 0.0},
                    {"role": "assistant", "content": [{"type": "text", "value": "b"}], "loss_weight": 1.0},
                ]
            }
        ],
        1,
    ),
    "llamafactory-preferences": (
        [
            {
                "conversations": [{"from": "human", "value": "a"}],
                "chosen": {"from": "gpt", "value": "b"},
                "rejected": {"from": "gpt", "value": "c"},
            }
        ],
        0,
    ),
    "axolotl-alpaca": ([{"instruction": "Reverse.", "input": "Words: ['a'].", "output": "['a']"}], 1),
    "axolotl-empty-turn": (
        [{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": ""}]}],
        0,
    ),
    "axolotl-train": ([{"messages": [{**ASK, "train": False}, {**SAY, "train": True}]}], 1),
    "unsloth-sharegpt": (
        [
            {
                "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}],
                "source": "x",
                "score": 5.2,
            }
        ],
        1,
    ),
    "trl-prompt-completion": ([{"prompt": "The sky is", "completion": " blue."}], 1),
    "trl-messages": ([{"messages": [ASK, SAY]}], 1),
    "trl-tools": ([{"messages": [ASK, CALL, {"role": "tool", "name": "f", "content": "r"}, SAY], "tools": [TOOL]}], 1),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_rows_as_tools_ship_them(curate, tmp_path, name):
    rows, valid = SHIPPED[name]
    source = tmp_path / "rows.json"
    source.write_text(json.dumps(rows))
    done = curate("convert", source, tmp_path / "out.jsonl", "--to", "sft")
    assert done.returncode == (0 if valid else 1), done.stderr
    assert f"read {len(rows)}, wrote {valid}, rejected {len(rows) - valid}" in done.stderr
    again = curate("validate", source)
    assert again.returncode == (0 if valid == len(rows) or name == "llamafactory-preferences" else 1)


@pytest.mark.parametrize("tool", ["llamafactory", "axolotl", "unsloth"])
def test_an_export_is_read_again_with_the_same_turns(curate, tmp_path, tool):
    source = ROOT / "sample_data" / "sharegpt.json"
    done = curate("export", source, tmp_path / "out", "--for", tool, "--template", "chatml", "--json")
    outcome = json.loads(done.stdout)
    data = next((tmp_path / "out").rglob("train.jsonl"))
    assert curate("validate", data).returncode == 0
    read = []
    for name, path in (("before", source), ("after", data)):
        out = tmp_path / f"{name}.jsonl"
        curate("convert", path, out, "--to", "sft", "--on-loss", "drop", "--quiet")
        read.append([json.loads(line) for line in out.read_text("utf-8").splitlines()])
    gone = {row["row"] for row in outcome["left_out"] if not row.get("code")}
    rejects = [json.loads(line)["row"] for line in (tmp_path / "before.jsonl.rejects.jsonl").read_text().splitlines()]
    numbers = [number for number in range(1, len(read[0]) + len(rejects) + 1) if number not in rejects]
    expected = [row for number, row in zip(numbers, read[0], strict=True) if number not in gone]

    def contents(row):
        return [(turn["role"], turn["content"]) for turn in row["messages"]]

    assert [contents(row) for row in read[1]] == [contents(row) for row in expected]
