"""Phrases in place of an answer, and what web pages leave around one."""

from __future__ import annotations

import random
from functools import cache

from dirt.donors import Donors, filled, phrases
from dirt.row import Row

FOLDER = "phrases"


def stock(row: Row, _: Donors, rng: random.Random) -> Row:
    """A phrase that would fit under any prompt and answers none."""
    return _phrase("stock", row, rng)


def placeholder(row: Row, _: Donors, rng: random.Random) -> Row:
    """A mark that an answer was to follow."""
    return _phrase("placeholder", row, rng)


def refusal(row: Row, _: Donors, rng: random.Random) -> Row:
    """A refusal of a prompt that has an answer."""
    return _phrase("refusal", row, rng)


def decline(row: Row, _: Donors, rng: random.Random) -> Row:
    """A refusal in words of its own."""
    return _phrase("decline", row, rng)


def promise(row: Row, _: Donors, rng: random.Random) -> Row:
    """An answer is promised and does not come."""
    return _phrase("promise", row, rng)


def missing(row: Row, _: Donors, rng: random.Random) -> Row:
    """The input is asked for that the prompt holds or does not need."""
    return _phrase("missing", row, rng)


def politeness(row: Row, _: Donors, rng: random.Random) -> Row:
    """Courtesies alone."""
    return _phrase("polite", row, rng)


def spam(row: Row, _: Donors, rng: random.Random) -> Row:
    """Spam in place of an answer."""
    return _phrase("spam", row, rng)


def web_residue(row: Row, _: Donors, rng: random.Random) -> Row:
    """The answer among three to seven pieces of a web page."""
    pool = _pool("web", row.language)
    pieces = rng.sample(pool, rng.randint(3, 7))
    before = rng.randint(0, len(pieces))
    return row._replace(answer="\n".join([*pieces[:before], row.answer, *pieces[before:]]))


def _phrase(name: str, row: Row, rng: random.Random) -> Row:
    """The row with a phrase of a pool for its answer."""
    return row._replace(answer=filled(rng.choice(_pool(name, row.language)), row))


@cache
def _pool(name: str, language: str) -> list[str]:
    return phrases(FOLDER, name, language)
