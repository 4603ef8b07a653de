"""Pools with a known share of bad rows."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dirt.donors import Donors
from dirt.row import Row

if TYPE_CHECKING:
    from dirt.kinds import Kind

SIZE = 700
IN_POOL = 0.75  # of the clean rows of a language at most; the rest lend their answers
LANGUAGES = ("en", "zh", "mixed")


def pool(
    rows: Sequence[Row], language: str, share: float, seed: int, kinds: Mapping[str, Kind], size: int = SIZE
) -> list[Row]:
    """Rows of which a share is bad, of all kinds equally often as far as rows allow, in random order.

    A prompt is in a pool once, and no answer of a row that lends it is in the pool as the answer to its own prompt.

    Args:
        rows: clean rows in both languages.
        language: `en`, `zh`, or `mixed` for both as often as `rows` has them.
        share: of bad rows, in [0, 1].
        seed: of all random choices.
        kinds: ways to spoil a row, by name.
        size: rows of the pool; fewer where the language has too few.
    """
    rng = random.Random(f"{language} {share} {seed}")
    order = rng.sample(list(rows), len(rows))
    own = [row for row in order if language in ("mixed", row.language)]
    own = own[: min(size, int(IN_POOL * len(own)))]
    inside = {row.prompt for row in own}
    donors = Donors([row for row in order if row.prompt not in inside])
    count = round(share * len(own))
    bad = _spoilt(own, count, donors, rng, kinds)
    spoilt = {row.prompt for row, _ in bad}
    rows_of_pool = [row for row in own if row.prompt not in spoilt] + [row for _, row in bad]
    return rng.sample(rows_of_pool, len(rows_of_pool))


def _spoilt(
    rows: Sequence[Row], count: int, donors: Donors, rng: random.Random, kinds: Mapping[str, Kind]
) -> list[tuple[Row, Row]]:
    """`count` rows with what became of them; each kind takes the next row that it can spoil."""
    free, bad = list(rows), list[tuple[Row, Row]]()
    names = rng.sample(list(kinds), len(kinds))
    for turn in range(50 * count):
        if len(bad) == count:
            break
        name = names[turn % len(names)]
        for place in range(min(len(free), 200)):
            spoilt = kinds[name](free[place], donors, rng)
            if spoilt is not None and spoilt.answer.strip() and spoilt[:2] != free[place][:2]:
                bad.append((free.pop(place), spoilt._replace(kind=name)))
                break
    return bad
