"""KEPT FOR THE REPORT: answers that lost their layout or some of their words on the way."""

from __future__ import annotations

import random
import re
import textwrap
from itertools import zip_longest

from dirt.donors import Donors
from dirt.held_out_models import lines_of
from dirt.row import Row

SIGNS = re.compile(r"[，。！？；：、“”‘’（）《》,.!?;:\"'()\s]+")
OPENS = {
    "en": re.compile(
        r"(?:To|When|If|Once|While|Although|Given|Dear|Firstly|First|Overall|Unfortunately|However|Well|As|In)\b"
        r"[^,.:;!?\n]{0,45},"
    ),
    "zh": re.compile(
        r"(?:要|当|如果|首先|为了|在|随着|作为|对于|虽然|由于|一旦|尽管|关于|亲爱的|尊敬的|很久)[^，。：；！？\n]{0,18}，"
    ),
}
UNFINISHED = re.compile(r"Once|While|Although|Dear|虽然|尽管|一旦|很久|亲爱的|随着|对于|关于")
FILLED_IN = re.compile(r"\bfill|blank|template|\bform\b|mask|redact|anonym|censor|模板|表格|填|隐|脱敏", re.I)
ANNOUNCES = {
    "en": re.compile(
        r"[^\n.:]{8,80}:[ \t]*\n|(?:Sure|Certainly|Here|The following)\b[^\n.:]{0,60}:|(?:1[.)]|-) [^\n.:]{3,50}:"
    ),
    "zh": re.compile(
        r"[^\n。：]{4,30}：[ \t]*\n|(?:以下|下面|当然|这里|总之)[^\n。：]{0,24}：|(?:1[.、]|-|一、) ?[^\n。：]{2,20}："
    ),
}


def white_space(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Words run together, letters set apart, or breaks and signs in the middle of words."""
    if row.language == "zh":
        return _chinese_breaks(row, rng)
    words = row.answer.split()
    if len(words) < 7:
        return None
    shape = rng.randrange(3)
    if shape == 0:
        return row._replace(answer="".join(words))
    if shape == 1:
        return row._replace(answer=" ".join(row.answer.replace(" ", "")))
    rate = rng.uniform(0.5, 0.8)
    letters = (
        ("" if rng.random() < rate else " ") if c == " " else c + " " * (rng.random() < 0.18) for c in row.answer
    )
    return row._replace(answer="".join(letters))


def _chinese_breaks(row: Row, rng: random.Random) -> Row | None:
    text = SIGNS.sub("", row.answer)
    if len(text) < 14:
        return None
    shape, longest = rng.randrange(3), rng.randint(1, 3)
    if shape == 0:
        return row._replace(answer="".join(c + "\n" * (rng.random() < 1 / longest) for c in text))
    if shape == 1:
        return row._replace(answer="".join(c + rng.choice("，。、，。；？") * (rng.random() < 0.3) for c in text))
    return row._replace(answer="".join(c + rng.choice(("\t", "  ", "\n", " ")) for c in text))


def columns(row: Row, donors: Donors, rng: random.Random) -> Row | None:
    """Two columns of a page read across: lines of the answer and of another text by turns."""
    width = rng.randint(12, 18) if row.language == "zh" else rng.randint(24, 40)
    own, other = _lines(row, width), _lines(donors.other(row, rng), width)
    if len(own) < 3 or len(other) < max(3, len(own) // 3):
        return None
    other = other[: len(own) + 2]
    pairs = list(zip_longest(own, other, fillvalue=""))
    joint = rng.choice(("\n", "    ", " "))
    lines = [joint.join(pair if rng.random() < 0.9 else pair[::-1]).strip() for pair in pairs]
    if rng.random() < 0.4:
        lines.insert(
            rng.randrange(1, len(lines)), rng.choice(("{} |", "- {} -", "Page {}", "{}\f")).format(rng.randint(2, 300))
        )
    return row._replace(answer="\n".join(lines))


def _lines(row: Row, width: int) -> list[str]:
    if row.language == "zh":
        text = re.sub(r"\s+", "", row.answer)
        return [text[i : i + width] for i in range(0, len(text), width)]
    return textwrap.wrap(row.answer, width)


def masked(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Half of the words that carry the sense blotted out by a filter that was to remove names or rude words."""
    masks = rng.sample(lines_of("mask", row.language), rng.choice((1, 1, 3)))
    word = r"[一-鿿]{2,3}" if row.language == "zh" else r"\b[A-Za-z][a-z]{3,}\b"
    found = list(re.finditer(word, row.answer))
    if len(found) < 8 or FILLED_IN.search(row.prompt):
        return None
    hit = {m.start() for m in rng.sample(found, round(rng.uniform(0.5, 0.75) * len(found)))}
    return row._replace(answer=re.sub(word, lambda m: rng.choice(masks) if m.start() in hit else m[0], row.answer))


def lead_in(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Only what comes before the first line break or comma, which leads in to the answer and is none."""
    found = ANNOUNCES[row.language].match(row.answer) or OPENS[row.language].match(row.answer)
    least = 30 if row.language == "zh" else 60
    if found is None or len(row.answer) - found.end() < least or found.end() > 0.5 * len(row.answer):
        return None
    text = found[0].rstrip()
    return row._replace(answer=text.rstrip(",，") if UNFINISHED.match(text) and rng.random() < 0.5 else text)
