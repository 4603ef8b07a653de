"""Code where prose was asked for, and code that breaks off."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from pathlib import Path

from dirt.donors import Donors
from dirt.row import Row

ABOUT_CODE = re.compile(
    r"code|program|script|function|python|java|html|css|sql|regex|query|algorithm|class|web ?page"
    r"|代码|程序|函数|脚本|算法|编程|网页|查询",
    re.I,
)
INSIDE = re.compile(r"(?<=\w)(?=\w)|(?<=[(=,.<])")
ASKS = {
    "en": [
        "Write {language} code that {does}.",
        "Can you show me how one {does} in {language}?",
        "I need a {language} snippet that {does}. Please write it out in full.",
    ],
    "zh": [
        "用 {language} {does}。",
        "请写一段 {language} 代码，{does}。",
        "如何用 {language} {does}？请给出完整代码。",
    ],
}


def code_for_prose(row: Row, donors: Donors, rng: random.Random) -> Row | None:
    """A piece of code under a prompt that asks for none."""
    if ABOUT_CODE.search(row.prompt):
        return None
    language, _does, code = rng.choice(_snippets(row.language))
    other = donors.code(rng)
    if other and rng.random() < 0.6:
        return row._replace(answer=other)
    return row._replace(answer=rng.choice((code, f"```{language}\n{code}\n```")))


def code_cut(row: Row, _: Donors, rng: random.Random) -> Row:
    """A prompt for code, and code that breaks off, with its fence left open where it had one."""
    language, does, code = rng.choice(_snippets(row.language))
    prompt = rng.choice(ASKS[row.language]).format(language=language, does=does)
    if rng.random() < 0.5:
        code = f"```{language}\n{code}"
    low, high = 0.4 * len(code), 0.9 * len(code)
    inside = [m.start() for m in INSIDE.finditer(code) if low <= m.start() <= high]
    return row._replace(prompt=prompt, answer=code[: rng.choice(inside)])


@cache
def _snippets(language: str) -> list[tuple[str, str, str]]:
    """(programming language, what the code does in a language of people, code)."""
    path = Path(__file__).parent / "phrases" / "code.json"
    snippets = json.loads(path.read_text(encoding="utf-8"))
    return [(s["language"], s[language], "\n".join(s["code"])) for s in snippets]
