"""Phrases in place of an answer, and what web pages leave around one."""

from __future__ import annotations

import random
from collections.abc import Callable

from dirt.donors import Donors, filled, phrases
from dirt.row import Row

FOLDER = "phrases"


def in_place(name: str) -> Callable[[Row, Donors, random.Random], Row]:
    """The kind of dirt that is a phrase of a file in place of the answer."""

    def spoil(row: Row, _: Donors, rng: random.Random) -> Row:
        return row._replace(answer=filled(rng.choice(phrases(FOLDER, name, row.language)), row))

    return spoil


def web_residue(row: Row, _: Donors, rng: random.Random) -> Row:
    """The answer among three to seven pieces of a web page."""
    pool = phrases(FOLDER, "web", row.language)
    pieces = rng.sample(pool, rng.randint(3, 7))
    before = rng.randint(0, len(pieces))
    return row._replace(answer="\n".join([*pieces[:before], row.answer, *pieces[before:]]))
