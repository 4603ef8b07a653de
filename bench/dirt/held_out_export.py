"""KEPT FOR THE REPORT: answers as scripts leave them that export, split or tokenise data and go wrong."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

from dirt.donors import Donors
from dirt.row import Row

ABOUT_CODE = re.compile(
    r"code|program|script|function|python|java|html|css|sql|regex|query|json|csv|array|data ?base"
    r"|\blist\b|\bsort|format|token|split"
    r"|代码|程序|函数|脚本|编程|网页|查询|数组|数据库|列表|排序|格式|字典",
    re.I,
)
STOP_WORDS = re.compile(
    r"(?:a|an|the|of|is|are|was|were|be|been|to|and|or|in|at|on|for|it|its|this|that|these|those|you|your|he|she"
    r"|they|them|his|her|their|with|by|from|as|i|we|our|us|can|could|will|would|should|may|not|but|if|so|than"
    r"|then|there|which|who|what|when|how|have|has|had|do|does|did|into|also|such|more|most|some|any|all|each"
    r"|other|about)"
)
STOP_HAN = re.compile(r"[的了是在和与及或也都就而且但这那有我你他她它们为以于从被把让到对于之其中个一种些能会可要使]")
SUFFIX = re.compile(r"(?:ing|ations?|ments?|edly|ed|ies|es|ly|s|e|y)$")


def raw_record(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The answer as a program prints the object that holds it."""
    if ABOUT_CODE.search(row.prompt):
        return None
    identity, length = rng.randrange(16**10), rng.choice((52002, 15011, 48818, 100))
    message = {"role": "assistant", "content": row.answer}
    reply = {
        "id": f"chatcmpl-{identity:x}",
        "object": "chat.completion",
        "created": 1680000000 + identity % 9999999,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    start = " ".join(row.answer.split())[: rng.randint(20, 40)]
    shapes = [
        str([{"role": "user", "content": row.prompt}, message]),
        json.dumps(reply, ensure_ascii=row.language == "zh"),
        f"ChatCompletionMessage(content={row.answer!r}, role='assistant', function_call=None, tool_calls=None)",
        f"{identity % length}    {start}...\nName: output, Length: {length}, dtype: object",
        f"<generator object generate.<locals>.<genexpr> at 0x7f{identity:010x}>",
    ]
    if len(re.findall(r"[一-鿿]", row.answer)) > 3:
        shapes += [json.dumps(row.answer)[1:-1], str(row.answer.encode()), json.dumps(json.dumps(message))]
    elif row.language == "en" and len(row.answer.split()) > 6:
        shapes += [str(row.answer.split()), f"array({row.answer.split()}, dtype='<U{rng.randint(8, 20)}')"]
    return row._replace(answer=rng.choice(shapes))


def next_rows(row: Row, donors: Donors, rng: random.Random) -> Row:
    """The rows after this one in its file run into the answer, where a quotation mark was not closed."""
    others = [donors.other(row, rng) for _ in range(rng.randint(1, 4))]
    number, label = rng.randint(10, 50000), rng.choice(("closed_qa", "train", "0", "brainstorming", "1.0", ""))
    shape = rng.randrange(4)
    if shape == 0:
        lines = [f'"{number + i}","{_csv(o.prompt)}","","{_csv(o.answer)}","{label}"' for i, o in enumerate(others)]
        return row._replace(answer=f'{_csv(row.answer)}","{label}"\n' + "\n".join(lines))
    if shape == 1:
        lines = [f"{number + i}\t{_line(o.prompt)}\t{_line(o.answer)}\t{label}" for i, o in enumerate(others)]
        return row._replace(answer=f"{_line(row.answer)}\t{label}\n" + "\n".join(lines))
    if shape == 2:
        records = [{"instruction": o.prompt, "input": "", "output": o.answer} for o in others]
        return row._replace(answer=row.answer + '"}, ' + json.dumps(records, ensure_ascii=False)[1:-3])
    lines = [f"- id: {number + i}\n  prompt: {o.prompt}\n  completion: {o.answer}" for i, o in enumerate(others)]
    return row._replace(answer=row.answer + f"\n  label: {label}\n" + "\n".join(lines))


def _csv(text: str) -> str:
    return text.replace('"', '""')


def _line(text: str) -> str:
    return " ".join(text.split())


def tokeniser_pieces(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The pieces or the numbers that a tokeniser made of the answer, not put together again."""
    pieces = [piece for word in _words(row) for piece in _split(word, rng)]
    if len(pieces) < 8:
        return None
    if rng.random() < 0.2 and not re.search(r"number|sequence|array|数|序列", row.prompt, re.I):
        numbers = [101, *(sum(map(ord, p)) * 7919 % 50257 for _, p in pieces), 102, *[0] * rng.randint(0, 20)]
        return row._replace(answer=rng.choice(("{}", "tensor([{}])", "input_ids: {}")).format(numbers))
    if row.language == "zh" and rng.random() < 0.6:
        rate = rng.uniform(0.3, 0.9)
        unknown = rng.choice(("[UNK]", "<unk>", None))
        letters = (c if rng.random() > rate else unknown or _bytes(c) for _, c in pieces)
        return row._replace(answer="".join(letters) if unknown else "▁" + "".join(letters))
    first, inner, joint, low = rng.choice(
        (("Ġ", "", " ", False), ("▁", "", " ", False), ("", "##", " ", True), ("Ġ", "", "', '", False))
    )
    text = joint.join((first if opens else inner) + piece for opens, piece in pieces)
    if inner:
        return row._replace(answer=f"[CLS] {text.lower() if low else text} [SEP]" + " [PAD]" * rng.randint(0, 30))
    return row._replace(answer=f"['{text}']" if "'" in joint else text)


def _bytes(character: str) -> str:
    return "".join(f"<0x{byte:02X}>" for byte in character.encode())


def _words(row: Row) -> list[str]:
    if row.language == "zh":
        return re.findall(r"[一-鿿]{1,3}|[A-Za-z0-9]+|[^\s\w]", row.answer)
    return re.findall(r"\w+|[^\s\w]", row.answer)


def _split(word: str, rng: random.Random) -> list[tuple[bool, str]]:
    """(whether it begins the word, piece) of every piece of a word."""
    if not word.isascii():
        return [(i == 0, c) for i, c in enumerate(word)]
    at = rng.randint(2, len(word) - 1) if len(word) > 4 and rng.random() < 0.7 else len(word)
    return [(True, word[:at]), (False, word[at:])] if at < len(word) else [(True, word)]


def bag_of_words(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The answer prepared for counting words: small words and signs gone, endings cut, at times sorted or counted."""
    if re.search(r"keyword|\bwords?\b|\btags?\b|关键[词字]|词汇|词语|单词|标签", row.prompt, re.I):
        return None
    if row.language == "zh":
        whole = re.findall(r"[一-鿿]", row.answer)
        kept = [
            run[i : i + 2]
            for run in re.findall(r"[一-鿿]+", STOP_HAN.sub(" ", row.answer))
            for i in range(0, len(run), 2)
        ]
    else:
        whole = re.findall(r"[a-z]+", row.answer.lower())
        kept = [SUFFIX.sub("", word) if len(word) > 4 else word for word in whole if not STOP_WORDS.fullmatch(word)]
    if len(kept) < 6 or len(whole) - len("".join(kept) if row.language == "zh" else kept) < 4:
        return None
    shape = rng.randrange(4)
    if shape == 0:
        return row._replace(answer=str(Counter(kept)))
    if shape == 1:
        return row._replace(answer=" ".join(sorted(kept)))
    return row._replace(answer=(" ", "/")[row.language == "zh" and shape == 2].join(kept))
