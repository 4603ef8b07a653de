"""Rows to measure on: a stratified share of the pool, or files, without duplicates and without anything of the pool.

Rows of the pool that are like held-out ones are dropped from the pool, not from the held-out set, so that sets stay
as the user gave them; after the arms are made, the rows that they train on are compared once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from curate.dedup.decontaminate import decontaminate
from curate.dedup.mark import mark
from curate.dedup.options import Decontaminate, Dedup
from curate.errors import CurateError
from curate.select import selection as select
from curate.select.options import plain
from curate.table import table
from curate.table.counting import rows_that_count
from curate.text.normal import normal

NEAR = 0.7
NGRAM = 13
# One shared run of 13 words may be a template's; half of all of an item's runs is the item.
SHARE = 0.5


@dataclass(frozen=True)
class SeparatedRows:
    """A pool and held-out sets that share nothing.

    Attributes:
        pool_positions: (n,) positions of the pool's rows that may be trained on.
        heldout: the sets, each without duplicates.
        removed: by reason, how many rows of the pool were dropped.
        duplicates: by set, how many of its rows were dropped.
    """

    pool_positions: np.ndarray
    heldout: dict[str, pa.Table]
    removed: dict[str, int]
    duplicates: dict[str, int]


@dataclass(frozen=True)
class ContaminationCheck:
    """What the rows trained on share with the held-out ones, counted after all was set: zeros.

    Attributes:
        trained_rows: distinct rows that any run trains on.
        heldout_rows: held-out rows.
        same_prompt: rows trained on with the prompt of a held-out row.
        near_duplicates: rows trained on that are near-duplicates of a held-out row.
        ngram: rows trained on with SHARE of a held-out row's word n-grams.
        closest: the highest Jaccard similarity of a trained and a held-out row of those above half the limit; 0 if
            there is none.
    """

    trained_rows: int
    heldout_rows: int
    same_prompt: int
    near_duplicates: int
    ngram: int
    closest: float

    def describe(self) -> str:
        """The counts as a sentence."""
        close = f"the closest two rows have Jaccard {self.closest:.2f}" if self.closest else "no two rows come close"
        return (
            f"{self.trained_rows:,} different rows trained on, {self.heldout_rows:,} measured on: {self.same_prompt} "
            f"with the same prompt, {self.near_duplicates} near-duplicates (Jaccard from {NEAR:g} on), {self.ngram} "
            f"with {SHARE:.0%} of a held-out row's runs of {NGRAM} words; {close}"
        )


def split(rows: pa.Table, share: float) -> tuple[pa.Table, pa.Table]:
    """(rows to train on, rows to measure on): a share of every category, drawn at random.

    Args:
        rows: as `table.read` gives them; near-duplicates are marked first, so that only one of them is held out.
        share: of the rows to measure on, in (0, 1).

    Raises:
        CurateError: for another share.
    """
    if not 0 < share < 1:
        raise CurateError(f"the held-out share is {share}; it must be in (0, 1)")
    marked = mark(rows, Dedup(near=NEAR)).table if "duplicate_of" not in rows.column_names else rows
    order = _stratified(marked, max(1, round(share * len(rows_that_count(marked, "unique")))))
    remaining = np.setdiff1d(rows_that_count(rows, "unique"), order)
    return rows.take(pa.array(remaining)), rows.take(pa.array(np.sort(order)))


def sample(rows: pa.Table, count: int) -> pa.Table:
    """So many valid rows at most, of every category its share, drawn at random."""
    if count < 1:
        raise CurateError(f"--heldout-rows is {count}; it must be at least 1")
    return rows.take(pa.array(np.sort(_stratified(rows, count))))


def _stratified(rows: pa.Table, count: int) -> np.ndarray:
    """Positions of so many candidates, of every category its share."""
    balance = "category" if rows["category"].null_count < rows.num_rows else None
    return select.order(rows, plain(method="random", size=count, balance=balance, allocation="proportional"))


def separate(pool: pa.Table, heldout: Mapping[str, pa.Table]) -> SeparatedRows:
    """The pool without rows like held-out ones, the held-out sets without duplicates.

    Raises:
        CurateError: for a held-out set without valid rows.
    """
    clean, duplicates = {}, {}
    for name, rows in heldout.items():
        valid = rows.take(pa.array(table.valid(rows)))
        if not valid.num_rows:
            raise CurateError(f"the held-out set {name} is empty; give --heldout FILE with valid rows", 1)
        unmarked = valid.select([c for c in valid.column_names if not c.startswith("duplicate_")])
        once = rows_that_count(mark(unmarked, Dedup(near=NEAR)).table, "unique")
        clean[name] = valid.take(pa.array(once))
        duplicates[name] = valid.num_rows - len(once)
    removed: dict[str, int] = {}
    dropped: set[int] = set()
    for reason, positions in find_overlaps(pool, list(clean.values())).items():
        removed[reason] = len(positions - dropped)
        dropped |= positions
    kept_rows = np.setdiff1d(np.arange(pool.num_rows), np.array(sorted(dropped), np.int64))
    return SeparatedRows(kept_rows, clean, removed, duplicates)


def find_overlaps(pool: pa.Table, heldout: Sequence[pa.Table]) -> dict[str, set[int]]:
    """By reason, positions of the pool's valid rows that are like a row of a held-out set."""
    items = pa.concat_tables([rows.select(table.SCHEMA.names) for rows in heldout])
    options = Decontaminate(ngram=NGRAM, near=NEAR, flag=True, share=SHARE)
    overlaps = decontaminate(pool.select(table.SCHEMA.names), items, options).overlaps
    heldout_prompts = {normal(prompt) for prompt in items["prompt"].to_pylist() if prompt}
    prompts = pool["prompt"].to_pylist()
    return {
        "same prompt": {i for i, prompt in enumerate(prompts) if prompt and normal(prompt) in heldout_prompts},
        "near-duplicate": {overlap.row for overlap in overlaps if overlap.method == "near"},
        f"half of its runs of {NGRAM} words": {overlap.row for overlap in overlaps if overlap.method == "ngram"},
    }


def check_contamination(trained: pa.Table, heldout: Sequence[pa.Table]) -> ContaminationCheck:
    """Compare the rows that are trained on with the held-out ones once more.

    Raises:
        CurateError: if one is like a held-out row.
    """
    from curate.dedup import near
    from curate.dedup.row_texts import table_texts

    counts = [len(positions) for positions in find_overlaps(trained, heldout).values()]
    items = pa.concat_tables([rows.select(table.SCHEMA.names) for rows in heldout])
    trained_texts, heldout_texts = (
        ["\n\n".join(texts) for texts in table_texts(rows, table.valid(rows), "conversation")]
        for rows in (trained, items)
    )
    closest = float(near.across(trained_texts, heldout_texts, NEAR / 2).similarity.max(initial=0))
    check = ContaminationCheck(trained.num_rows, items.num_rows, counts[0], counts[1], counts[2], closest)
    if any(counts):
        raise CurateError(f"rows of an arm are like held-out ones: {check.describe()}", 1)
    return check
