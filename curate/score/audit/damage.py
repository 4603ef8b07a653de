"""Kinds of damage that the auditor is trained on, made by other code than those of `curate/score/quality`.

An answer of another row, the question repeated and an answer that breaks off are kinds of the score too, since no
measure of quality does without them; the other eight are not.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

_UNIT = re.compile(r"\s*[^\s\u3400-\u9fff]+|\s*[\u3400-\u9fff]")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*|\n+")
_STOPS = re.compile(r"[\s.,;:!?。，；：！？]+")
_FRAMES = (
    '{{"text": "{own}", "id": 17}}',
    "Home > Help > {own}\nShare Tweet Print",
    "- - - {own} - - - | | |",
    "{own}\nUser: {prompt}\nBot: {other}",
)


class DamagedPair(NamedTuple):
    """A prompt, its answer, and those of another row whose answer is about as long."""

    prompt: str
    answer: str
    other_prompt: str
    other_answer: str


Damage = Callable[[DamagedPair, random.Random], "str | None"]


def _units(text: str) -> list[str]:
    """Words with the white space before them, and each Han character by itself."""
    return _UNIT.findall(text)


def _unfinished(row: DamagedPair, rng: random.Random) -> str | None:
    units = _units(row.answer)
    if len(units) < 6:
        return None
    return "".join(units[: len(units) - rng.randint(1, len(units) // 2)]).rstrip(" .,;:!?。，；：！？")


def _babble(row: DamagedPair, rng: random.Random) -> str | None:
    """A walk over the words of both answers, each after one that it follows somewhere."""
    units = [*_units(row.answer), *_units(row.other_answer)]
    if len(units) < 10:
        return None
    following = defaultdict(list)
    for unit, after in pairwise(units):
        following[unit].append(after)
    walk = [rng.choice(units)]
    for _ in range(min(len(units) // 2, 120)):
        successors = following[walk[-1]]
        walk.append(rng.choice(successors if successors and rng.random() < 0.6 else units))
    return "".join(walk).strip()


def _letters_swapped(row: DamagedPair, rng: random.Random) -> str | None:
    signs = list(row.answer)
    if len(signs) < 8:
        return None
    for i in range(len(signs) - 1):
        if signs[i].isalnum() and signs[i + 1].isalnum() and rng.random() < 0.25:
            signs[i], signs[i + 1] = signs[i + 1], signs[i]
    return "".join(signs)


def _other_question(row: DamagedPair, _: random.Random) -> str | None:
    return row.other_prompt


def _own_question(row: DamagedPair, rng: random.Random) -> str | None:
    units = _units(row.prompt)
    return "".join(units[: max(3, len(units) * rng.randint(5, 10) // 10)]).strip()


def _other_answer(row: DamagedPair, _: random.Random) -> str | None:
    return row.other_answer


def _words_replaced(row: DamagedPair, rng: random.Random) -> str | None:
    own, other = _units(row.answer), _units(row.other_answer)
    if len(own) < 6 or len(other) < 3:
        return None
    return "".join(rng.choice(other) if rng.random() < 0.45 else unit for unit in own)


def _sentences_doubled(row: DamagedPair, rng: random.Random) -> str | None:
    sentences = [part for part in _SENTENCE.split(row.answer) if part.strip()]
    return " ".join(sentence for sentence in sentences for _ in range(rng.randint(2, 4)))


def _unspaced(row: DamagedPair, _: random.Random) -> str | None:
    return _STOPS.sub("", row.answer)


def _framed(row: DamagedPair, rng: random.Random) -> str | None:
    return rng.choice(_FRAMES).format(own=row.answer, prompt=row.other_prompt, other=row.other_answer)


# The answer of another row stands twice: it is the commonest and the hardest to see.
KINDS: tuple[Damage, ...] = (
    _unfinished,
    _babble,
    _letters_swapped,
    _other_question,
    _own_question,
    _other_answer,
    _other_answer,
    _words_replaced,
    _sentences_doubled,
    _unspaced,
    _framed,
)
