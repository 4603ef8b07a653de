"""What scanners, translators, chats and generators that stop early make of an answer: more corruptions."""

from __future__ import annotations

import random
import re

from curate.score.quality.requested_form import ITEM, missed
from curate.score.quality.text_row import TextRow, language, sentences

_UNIT = re.compile(r"[\u3400-\u9fff]{1,2}|[^\s\u3400-\u9fff]+|\s+")
_ALIKE = {
    **dict(zip("loiseabtgqBSOIZ", "1015348+9085012", strict=True)),
    **{"m": "rn", "w": "vv", "d": "cl", "h": "li", "u": "ii", "n": "ri", "c": "e", "f": "t", "y": "v"},
    **dict(zip("未人大日己木土千天王白太王末入", "末入太曰已本士干夭玉自大主未八", strict=True)),
}
_SMALL = {"the": "of", "of": "the", "is": "be", "are": "is", "in": "at", "to": "for", "a": "the", "was": "were"}
_NAMES = {
    "en": ("Bob", "lisa_p", "Karl M.", "host", "jen", "User_12", "Emma", "ravi"),
    "zh": ("小明", "张三", "路人甲", "李老师", "群主", "Momo", "阿芳", "网友"),
}
_CHATTER = {
    "en": ("lol", "ok", "hm, not sure", "thanks", "what?", "brb", "agreed", "can someone check this", "+1", "nice"),
    "zh": ("哈哈", "好的", "嗯嗯", "谢谢", "不是吧", "收到", "有道理", "在吗", "顶", "等一下"),
}
_FORMS = {
    "en": (
        "Return the result as JSON.",
        "Answer in JSON format with suitable keys.",
        "Answer with a single word.",
        "Reply in one word only.",
        "Put it into a table with two columns.",
        "Give the answer as a Markdown table.",
        "Write the output as XML.",
        "Respond in YAML format.",
        "Format the answer as CSV.",
        "Only answer yes or no.",
        "Reply with just a number.",
        "Use exactly four words.",
        "Write it all in capital letters.",
        "Answer in Chinese.",
    ),
    "zh": (
        "请以JSON格式返回结果。",
        "用 JSON 输出。",
        "只需回答一个词。",
        "用一个词回答。",
        "请整理成表格。",
        "以 Markdown 表格输出。",
        "请输出 XML。",
        "以YAML格式给出。",
        "请以CSV格式输出。",
        "只需回答“是”或“否”。",
        "只给出一个数字。",
        "恰好四个字。",
        "请用英文回答。",
    ),
}
_LISTS = {
    "en": ("List {n} of them.", "Give exactly {n} items.", "Please provide {n} points.", "Name {n} examples."),
    "zh": ("请列出{n}个。", "给出{n}条。", "请列举{n}点。", "写出{n}项。"),
}


def misread(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Characters taken for others that look like them, and blanks in the wrong places."""
    if len(row.response) < 16:
        return None
    rate = rng.uniform(0.1, 0.5)
    text = "".join(_misread(c, rate, rng) for c in row.response)
    return row._replace(response=text)


def _misread(character: str, rate: float, rng: random.Random) -> str:
    if "\u4e00" <= character <= "\u9fa0" and rng.random() < rate / 2:
        return _ALIKE.get(character, chr(ord(character) + rng.choice((-2, -1, 1, 2))))
    if rng.random() < rate / 10:
        return "" if character == " " else f"{character} "
    return _ALIKE[character] if character in _ALIKE and rng.random() < rate else character


def reordered(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Neighbours in the wrong order everywhere, and small words wrong, as in translations word for word."""
    units = _UNIT.findall(row.response)
    words = [i for i, unit in enumerate(units) if not unit.isspace()]
    if len(words) < 6:
        return None
    size = rng.randint(2, 4)
    for start in range(0, len(words) - 1, size):
        places = words[start : start + size]
        mixed = rng.sample(places, len(places))
        for place, unit in zip(places, [units[i] for i in mixed], strict=True):
            units[place] = _SMALL.get(unit.lower(), unit) if rng.random() < 0.5 else unit
    return row._replace(response="".join(units))


def repeated_part(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Some sentences of the answer stand there two or three times."""
    parts = sentences(row.response)
    if len(row.response) < 40:
        return None
    length = rng.randint(max(1, len(parts) // 3), len(parts))
    start = rng.randint(0, len(parts) - length)
    joint = "" if language(row.response) == "zh" else " "
    part = joint.join(parts[start : start + length])
    before, after = joint.join(parts[:start]), joint.join(parts[start + length :])
    gap = rng.choice(("\n\n", "\n", joint))
    return row._replace(response=gap.join(filter(None, (before, *[part] * rng.randint(2, 3), after))))


def as_chat(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The answer cut up into lines of a chat."""
    parts = sentences(row.response)[:10]
    kind = language(row.response)
    names = rng.sample(_NAMES[kind], 3)
    shape = rng.choice(
        (
            "{name}: {text}",
            "{time} {name}: {text}",
            "[{time}] {name} {text}",
            "{name}  {time}\n{text}",
            "<{name}> {text}",
        )
    )
    lines, minute = [], rng.randrange(1300)
    for part in parts:
        lines.append((names[0], part))
        if rng.random() < 0.6:
            lines.append((rng.choice(names[1:]), rng.choice(_CHATTER[kind])))
    if len(lines) < 2:
        return None
    written = []
    for name, text in lines:
        minute += rng.randrange(3)
        written.append(shape.format(name=name, text=text, time=f"{minute // 60:02}:{minute % 60:02}"))
    return row._replace(response="\n".join(written))


def items_lost(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """A list that breaks off after some items, under a prompt that says how many are wanted."""
    starts = [match.start() for match in ITEM.finditer(row.response)]
    if len(starts) < 4:
        return None
    wish = rng.choice(_LISTS[language(row.prompt)]).format(n=len(starts))
    left = rng.randint(1, len(starts) * 2 // 3)
    return TextRow(f"{row.prompt}\n{wish}", row.response[: starts[left]].rstrip())


def form_asked(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The prompt wants a form that the answer does not have."""
    wish = row.prompt + rng.choice((" ", "\n")) + rng.choice(_FORMS[language(row.prompt)])
    return row._replace(prompt=wish) if missed(wish, row.response) else None
