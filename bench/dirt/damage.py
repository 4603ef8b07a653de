"""Answers damaged in themselves: cut, shuffled, looped, typed at random."""

from __future__ import annotations

import random
import re

from dirt.donors import Donors
from dirt.row import Row

KEYS = "asdfghjkl" * 3 + "qwertyuiopzxcvbnm"
HAN_MASH = "的了我阿啊哦嗯飞洒地方撒打发斯蒂芬规划局可怜见佛山东方红酒个回家看了女吧从小啊实打实大苏打"


def cut_word(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The answer ends in the middle of a word (of a clause in Chinese), at 30 to 80 % of its length."""
    least = 24 if row.language == "zh" else 50
    inside = r"(?<=[一-鿿]{2})(?=[一-鿿]{3})" if row.language == "zh" else r"(?<=\b[A-Za-z]{2})(?=[A-Za-z]{3})"
    low, high = 0.3 * len(row.answer), 0.8 * len(row.answer)
    places = [m.start() for m in re.finditer(inside, row.answer) if low <= m.start() <= high]
    return row._replace(answer=row.answer[: rng.choice(places)]) if len(row.answer) >= least and places else None


def shuffled_words(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """All words (Chinese: pieces of one to three characters) in random order."""
    pieces = pieces_of(row)
    if len(pieces) < 8:
        return None
    rng.shuffle(pieces)
    return row._replace(answer=("" if row.language == "zh" else " ").join(pieces))


def pieces_of(row: Row) -> list[str]:
    """Words of an English answer; pieces of three characters of a Chinese one."""
    if row.language == "zh":
        text = re.sub(r"\s+", "", row.answer)
        return [text[i : i + 3] for i in range(0, len(text), 3)]
    return row.answer.split()


def looped_span(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A span of the answer said again and again, as a model caught in a loop does."""
    pieces, joint = pieces_of(row), "" if row.language == "zh" else " "
    if len(pieces) < 5:
        return None
    length = rng.randint(2, min(12, len(pieces) - 2))
    start = rng.randint(0, len(pieces) - length)
    span = pieces[start : start + length] * rng.randint(4, 15)
    return row._replace(answer=joint.join(pieces[:start] + span))


def mash(row: Row, _: Donors, rng: random.Random) -> Row:
    """Keys struck at random, for one word or for many."""
    words = []
    for _number in range(rng.choice((1, 2, 5, 12, 40))):
        keys = HAN_MASH if row.language == "zh" and rng.random() < 0.5 else KEYS
        words.append("".join(rng.choice(keys) for _letter in range(rng.randint(4, 14))))
    return row._replace(answer=" ".join(words))
