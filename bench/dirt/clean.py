"""Clean rows of public data and of the sample data, each prompt once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from dirt.row import Row, half_of, is_han

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
# Answers that refuse or ask for what they lack, in data that models wrote and nobody checked: they count neither way.
REFUSES = re.compile(
    r"\bsorry\b|language model|AI assistant|unable to|unfortunately|cannot|as an AI\b|need more information"
    r"|please provide|you provide|provide me"
    r"|抱歉|对不起|语言模型|人工智能助手|无法|计算机程序|AI ?助手|没有能力"
    r"|(?:请|需要)您?你?提供|没(?:有|看到您)(?:提供|给出)",
    re.I,
)
UNFILLED = re.compile(r"\{\{\w+\}\}")
OPENING = 120  # characters in which a refusal shows


def clean_rows(data: Path, half: str | None = None) -> list[Row]:
    """Rows of a half (of both for None), in the order of the files; each prompt once.

    Args:
        data: folder of the public files named in FILES; those that are missing are left out.
        half: `tune`, `report`, or None.
    """
    rows: dict[str, tuple[str, Row]] = {}  # by prompt without white space, with the half of each
    for path in [*(data / name for name in FILES), *SAMPLES]:
        if not path.exists():
            continue
        for number, record in enumerate(_records(path), 1):
            first, prompt, answer = _pair(record)
            good = prompt.strip() and answer.strip() and not UNFILLED.search(answer)
            if not good or REFUSES.search(answer[:OPENING]) or (path.name, number) in _defects():
                continue
            row = Row(prompt, answer, "zh" if is_han(prompt + answer) else "en", path.name)
            # The same row in two files, which may put it in two halves, counts in the first one.
            rows.setdefault("".join(prompt.split()), (half_of(first), row))
    return [row for own, row in rows.values() if half in (None, own)]


def _records(path: Path) -> Iterator[Any]:
    """The JSON values of an array or of lines; a broken line counts as an empty row."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        yield from json.loads(text)
        return
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            yield {}


def _pair(record: Any) -> tuple[str, str, str]:
    """(text that decides the half, prompt, answer) of a row in any of the formats; empty texts where it has none."""
    turns = record if isinstance(record, list) else record.get("messages") or record.get("conversations")
    if turns:
        roles = [_turn(turn) for turn in turns]
        texts = dict(reversed([(role, text) for role, text in roles if text]))  # the first of each role
        prompt = texts.get("user", "")
        return prompt, prompt, texts.get("assistant", "")
    example = (record.get("instances") or [record])[0]
    first = record.get("instruction") or record.get("input_text") or ""
    given = example.get("input") if "instruction" in record else ""
    given = given or record.get("context") or ""
    answer = example.get("output") or record.get("response") or record.get("target_text") or ""
    return first, f"{first}\n{given}" if given else first, str(answer)


def _turn(turn: dict[str, Any]) -> tuple[str, str]:
    """(role, text) of a turn in OpenAI's or ShareGPT's shape."""
    role = turn.get("role") or turn.get("from") or ""
    content = turn.get("content") or turn.get("value") or ""
    if isinstance(content, list):
        content = "".join(part.get("value") or part.get("text") or "" for part in content)
    return {"human": "user", "gpt": "assistant"}.get(role, role), content


@cache
def _defects() -> set[tuple[str, int]]:
    """(file, row) of every defect planted in the sample data."""
    manifest = json.loads((SAMPLE / "MANIFEST.json").read_text(encoding="utf-8"))
    return {(defect["file"], defect["row"]) for defect in manifest["defects"]}


FILES = (
    "alpaca_en_demo.json",
    "alpaca_zh_demo.json",
    "self_instruct_seed_tasks.jsonl",
    "v1_sft_demo.jsonl",
    "fastchat_dummy_conversation.json",
)
SAMPLES = tuple(
    SAMPLE / name
    for name in (
        "alpaca.json",
        "dolly.jsonl",
        "self_instruct.jsonl",
        "self_instruct_seed.jsonl",
        "instruction_json.jsonl",
        "sharegpt.json",
        "chatml.jsonl",
        "sft.jsonl",
    )
)


def seed_tasks(data: Path, half: str) -> list[Row]:
    """All seed tasks of a half, whatever their answers say: people wrote them."""
    path = data / "self_instruct_seed_tasks.jsonl"
    triples = [_pair(record) for record in _records(path)] if path.exists() else []
    return [
        Row(prompt, answer, "en", path.name) for first, prompt, answer in triples if half_of(first) == half and answer
    ]
