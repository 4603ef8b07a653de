"""KEPT FOR THE REPORT: what models write that lose their way, run on or never begin."""

from __future__ import annotations

import random
import re
from functools import cache

from dirt.damage import pieces_of
from dirt.donors import Donors, phrases
from dirt.row import Row
from dirt.wrong_answers import sentences_of

FOLDER = "held_out_phrases"
COUNTERS = {
    "en": ["{i}. {item}", "{i}) {item}", "Step {i}: {item}", "Example {i}: {item}", "{item} {i}", "({i}) {item}"],
    "zh": ["{i}. {item}", "{i}、{item}", "第{i}步：{item}", "例{i}：{item}", "{item}{i}", "（{i}）{item}"],
}
TURNS = {
    "en": [
        ("\n\n### Instruction:\n{prompt}\n\n### Response:\n{answer}", ""),
        ("\n\nHuman: {prompt}\n\nAssistant: {answer}", ""),
        ("<|im_end|>\n<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n{answer}", "<|im_end|>"),
        (" </s><s>[INST] {prompt} [/INST] {answer}", " </s>"),
        ("<|endoftext|>Q: {prompt}\nA: {answer}", "<|endoftext|>"),
        (" USER: {prompt} ASSISTANT: {answer}", "</s>"),
        ("\n<|user|>\n{prompt}\n<|assistant|>\n{answer}", "<|end|>"),
        ("\nUser: {prompt}\nBot: {answer}", "\nUser:"),
        ("\n\nInput: {prompt}\nOutput: {answer}", "\n\nInput:"),
    ],
    "zh": [
        ("\n\n### 指令：\n{prompt}\n\n### 回答：\n{answer}", ""),
        ("\n\nHuman: {prompt}\n\nAssistant: {answer}", "</s>"),
        ("<|im_end|>\n<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n{answer}", "<|im_end|>"),
        ("\n\n[Round 2]\n\n问：{prompt}\n\n答：{answer}", "\n\n[Round 3]"),
        ("<reserved_106>{prompt}<reserved_107>{answer}", "</s>"),
        ("\n用户：{prompt}\n助手：{answer}", "\n用户："),
        ("\n<问>：{prompt}\n<答>：{answer}", "\n<问>："),
        ("<|endoftext|>问题：{prompt}\n答案：{answer}", "<|endoftext|>"),
    ],
}
ASKED = {
    "en": [
        'Okay, so the user is asking: "{prompt}".',
        'Alright, the task says "{prompt}".',
        'We need to respond to "{prompt}".',
        'Hmm, "{prompt}" - let me see what is meant.',
    ],
    "zh": [
        "好的，用户问的是“{prompt}”。",
        "嗯，题目是“{prompt}”。",
        "我们需要回应“{prompt}”。",
        "用户说“{prompt}”，先看看是什么意思。",
    ],
}
LAST = {"en": ("Wait,", "So", "Let me", "First, I"), "zh": ("等等，", "所以", "让我", "首先，我")}


@cache
def lines_of(name: str, language: str) -> list[str]:
    """The phrases of a file."""
    return phrases(FOLDER, name, language)


def endless_list(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A list that counts up and up with the same few items."""
    clauses = [c.strip(" -*\t") for c in re.split(r"[，。！？；：,.!?;:\n]+", row.answer)]
    least, most = (4, 16) if row.language == "zh" else (12, 70)
    items = [c for c in dict.fromkeys(clauses) if least <= len(c) <= most]
    if not items:
        return None
    items, shape = rng.sample(items, min(len(items), rng.randint(1, 3))), rng.choice(COUNTERS[row.language])
    lines = [shape.format(i=i + 1, item=items[i % len(items)]) for i in range(rng.randint(18, 80))]
    start = sentences_of(row.answer)[0].strip() + "\n" if rng.random() < 0.4 else ""
    text = start + rng.choice(("\n", "\n", " ")).join(lines)
    return row._replace(answer=text[: -rng.randint(1, 6)] if rng.random() < 0.5 else text)


def drift(row: Row, donors: Donors, rng: random.Random) -> Row | None:
    """A sound beginning that dissolves into pieces of all scripts and sources, as at too high a temperature."""
    pieces, noise = pieces_of(row), lines_of("noise", "any")
    if len(pieces) < 5:
        return None
    keep = max(2, round(rng.uniform(0.15, 0.5) * len(pieces)))
    strays = [p for _ in range(3) for p in pieces_of(donors.other(row, rng))]
    share, tight = rng.uniform(0.45, 0.9), rng.uniform(0.1, 0.5)
    count = rng.randint(max(25, keep), max(60, 2 * keep))
    tail = (
        (rng.choice(noise) if rng.random() < share else rng.choice(strays)) + ("" if rng.random() < tight else " ")
        for _ in range(count)
    )
    joint = "" if row.language == "zh" else " "
    return row._replace(answer=joint.join(pieces[:keep]) + joint + "".join(tail).rstrip())


def talk_goes_on(row: Row, donors: Donors, rng: random.Random) -> Row | None:
    """After the answer the model speaks for the user, too, in the marks of its training data, and answers itself."""
    if re.search(r"dialog|conversation|\bchat|interview|对话|聊天|采访|剧本", row.prompt, re.I):
        return None
    shape, end = rng.choice(TURNS[row.language])
    others = [donors.other(row, rng) for _ in range(rng.randint(1, 3))]
    text = row.answer.rstrip() + "".join(shape.format(prompt=o.prompt, answer=o.answer.strip()) for o in others)
    return row._replace(answer=text + (end if rng.random() < 0.6 else ""))


def thought_only(row: Row, _: Donors, rng: random.Random) -> Row:
    """A model thinks about the task, and thinks, and never answers."""
    short = " ".join(row.prompt.split())[: rng.randint(30, 90)]
    said = rng.sample(lines_of("thought", row.language), rng.randint(4, 9))
    joint = "" if row.language == "zh" else " "
    opening = rng.choice(ASKED[row.language]).format(prompt=short)
    text = rng.choice((joint, "\n\n", joint)).join([opening, *said])
    shape = rng.choice(
        ("{text}", "<think>\n{text}", "<think>\n{text}\n</think>", "**Thinking...**\n{text}", "{text} {last}")
    )
    return row._replace(answer=shape.replace("{text}", text).replace("{last}", rng.choice(LAST[row.language])))
