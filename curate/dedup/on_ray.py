"""Duplicates on a Ray cluster: the same functions of the same rows, and so the same duplicates.

What is found of each row (hashes, ranks, links) is settled in this process, by numbers; texts, shingles and signatures
stay on the cluster.  Near-duplicates take two shuffles: bands of signatures are grouped to tell which texts share
buckets, and the texts of each connected component of such texts come together in one place, where they are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from curate.dedup import keys, minhash, near
from curate.dedup import mark as marking
from curate.dedup.clusters import components
from curate.dedup.items import Items
from curate.dedup.large_buckets import Bucketed
from curate.dedup.mark import Marked, Ways
from curate.dedup.minhash import SLOTS, band_keys, bands_for, buckets, groups, pairs_within
from curate.dedup.shingles import Shingles, gathered, mix, shingles
from curate.engine import ray as cluster
from curate.engine.ray_rows import RayRows as Rows
from curate.engine.ray_rows import materialised, of
from curate.progress import Progress, part, silent
from schemas.record import loads

if TYPE_CHECKING:
    from ray.data import Dataset

# Texts that are compared in one place, about.
TOGETHER = 50_000
FIRST = "_first"


def mark(
    rows: Rows,
    near_at: float | None = None,
    semantic_at: float | None = None,
    key: str = "conversation",
    best: str | None = None,
    against: pa.Table | None = None,
    embedder: str = "auto",
    progress: Progress = silent,
) -> Marked:
    """What `curate.dedup.mark.mark` does, for rows on a cluster; the table is `rows.thin` with its columns.

    To be called within `curate.engine.ray.connect`.  Texts come to this process for semantic duplicates only.
    """
    pools = [rows] if against is None else [rows, of(against)]
    ways = Ways(partial(_say, pools, key), partial(_texts, pools, key), partial(_pairs, pools, key))
    return marking.mark(rows.thin, near_at, semantic_at, key, best, against, embedder, progress, ways)


def _say(pools: Sequence[Rows], key: str) -> keys.Said:
    return keys.joined([_said(rows, key) for rows in pools])


def _said(rows: Rows, key: str) -> keys.Said:
    longer, marks = np.zeros(rows.num_rows, np.int64), np.zeros(rows.num_rows, np.uint64)
    digests, owners = [np.zeros((0, 2), np.uint64)], [np.zeros(0, np.int64)]
    for positions, made in rows.gather(_say_batch, ["record", "response"], key):
        said = keys.Said(*(array(made, name) for name in keys.Said._fields))
        longer[positions], marks[positions] = said.longer, said.marks
        digests.append(said.digests.reshape(-1, 2))
        owners.append(positions[said.owners])
    whose = np.concatenate(owners)
    order = np.argsort(whose, kind="stable")
    return keys.Said(np.concatenate(digests)[order], whose[order], longer, marks)


def _say_batch(batch: pa.Table, key: str) -> pa.Table:
    return packed(**keys.say(batch, key)._asdict())


KINDS = {
    "digests": np.uint64,
    "owners": np.int64,
    "longer": np.int64,
    "marks": np.uint64,
    "numbers": np.int64,
    "sizes": np.int64,
    "hashes": np.uint64,
    "sums": np.uint64,
    "signed": np.uint16,
    "keys": np.uint64,
    "members": np.int32,
    "heads": np.int32,
    "counts": np.int64,
    "similar": np.float64,
}


def packed(**arrays: np.ndarray) -> pa.Table:
    """A table of one row that holds whole arrays as bytes, so that no block can end within them."""
    cells = {name: np.ascontiguousarray(values).tobytes() for name, values in arrays.items()}
    return pa.table({name: pa.array([data], pa.large_binary()) for name, data in cells.items()})


def array(table: pa.Table, name: str) -> np.ndarray:
    """An array that `packed` made, or those of several rows one after the other."""
    return np.frombuffer(b"".join(table[name].to_pylist()), KINDS[name])


def _texts(pools: Sequence[Rows], key: str, items: Items) -> Iterator[str]:
    for rows, numbers in _numbered(pools, items):
        for _, made in rows.gather(_text_batch, ["record", FIRST], key, numbers, ordered=True):
            yield from made["text"].to_pylist()


def _text_batch(batch: pa.Table, key: str, numbers: np.ndarray) -> pa.Table:
    return pa.table({"text": pa.array([text for _, text in _wanted(batch, key, numbers)], pa.large_string())})


def _numbered(pools: Sequence[Rows], items: Items) -> Iterator[tuple[Rows, np.ndarray]]:
    """Each pool with a column that says where the numbers of a row's texts begin, and the numbers; -1 for none wanted.

    A text's number is its place among the different ones from the best on.
    """
    numbers = np.full(len(items.read), -1, np.int64)
    wanted = np.flatnonzero(items.wanted)
    numbers[wanted[items.order]] = np.arange(len(items.order))
    start = 0
    for rows in pools:
        place = np.arange(start, start + rows.num_rows)
        first = np.searchsorted(items.read, place)
        has = np.searchsorted(items.read, place, side="right") > first
        yield rows.with_thin(rows.thin.append_column(FIRST, pa.array(np.where(has, first, -1)))), numbers
        start += rows.num_rows


def _wanted(batch: pa.Table, key: str, numbers: np.ndarray) -> Iterator[tuple[int, str]]:
    """The texts of a batch that are wanted, with their numbers."""
    for record, first in zip(batch["record"].to_pylist(), batch[FIRST].to_pylist(), strict=True):
        if first < 0:
            continue
        texts = keys.texts(loads(record), key)
        if key == "exchange":
            texts = [text for text in texts if text.strip()]
        for number, text in zip(numbers[first : first + len(texts)].tolist(), texts, strict=True):
            if number >= 0:
                yield number, text


def _pairs(pools: Sequence[Rows], key: str, items: Items, threshold: float, progress: Progress) -> near.Pairs:
    """Pairs of similar texts of the items, as `near.pairs` has them."""
    progress("cutting texts into shingles", 0, 1)
    made = [rows.mapped(_sign, ["record", FIRST], key, numbers) for rows, numbers in _numbered(pools, items)]
    signed = materialised(made[0].union(*made[1:]) if len(made) > 1 else made[0])
    progress("comparing texts", 0.5, 1)
    left, right, single = _twins(signed, len(items.order))
    place = np.full(len(items.order), -1, np.int64)
    place[single] = np.arange(len(single))
    if len(single) <= near.EXACT_TEXTS:
        some = _chosen(signed, place)
        found = near.compared(some.sets, np.arange(len(single)), threshold)
    else:
        found = _banded(signed, place, len(single), threshold, part(progress, 0.5, 1))
    return near.with_twins(left, right, found._replace(left=single[found.left], right=single[found.right]))


def _sign(batch: pa.Table, key: str, numbers: np.ndarray) -> pa.Table:
    """The wanted texts of a batch: numbers, shingle sets, two sums of each set, and signatures of those not empty."""
    found = list(_wanted(batch, key, numbers))
    sets = shingles(text for _, text in found)
    hashes, owner = gathered(sets, np.arange(len(found)))
    sums = np.zeros((len(found), 2), np.uint64)
    for column, values in enumerate((hashes, mix(hashes))):
        np.add.at(sums[:, column], owner, values)
    sums[:, 0] ^= mix(sets.sizes.astype(np.uint64))
    signed = minhash.signatures(sets, np.flatnonzero(sets.sizes)) if len(hashes) else np.zeros((0, SLOTS), np.uint16)
    places = np.array([number for number, _ in found], np.int64)
    return packed(numbers=places, sizes=sets.sizes, hashes=hashes, sums=sums, signed=signed)


def _twins(signed: Dataset, texts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of the best text of those with the same set and each other one; and the texts that stand for themselves."""
    sizes, sums = np.zeros(texts, np.int64), np.zeros((texts, 2), np.uint64)
    for block in cluster.batches(signed.select_columns(["numbers", "sizes", "sums"]), ordered=False):
        numbers = array(block, "numbers")
        sizes[numbers], sums[numbers] = array(block, "sizes"), array(block, "sums").reshape(-1, 2)
    said = np.flatnonzero(sizes)
    one, other = pairs_within(*groups(sums[said]), hubs=1)
    twin = np.zeros(texts, bool)
    twin[said[other]] = True
    return said[one], said[other], said[~twin[said]]


class Some(NamedTuple):
    """Some texts: the place of each among those that stand for themselves, their sets, and their signatures."""

    places: np.ndarray
    sets: Shingles
    signed: np.ndarray


def _some(block: pa.Table, place: np.ndarray) -> Some:
    """The texts of a block, or of several, with their places; -1 for those that have none."""
    numbers, sizes = array(block, "numbers"), array(block, "sizes")
    sets = Shingles(array(block, "hashes"), np.cumsum(sizes) - sizes, sizes)
    return Some(place[numbers], sets, array(block, "signed").reshape(-1, SLOTS))


def _picked(some: Some, wanted: np.ndarray) -> Some:
    """Those of `wanted`, (k,) ascending, whose sets must not be empty."""
    hashes, _ = gathered(some.sets, wanted)
    sizes = some.sets.sizes[wanted]
    rows = (np.cumsum(some.sets.sizes > 0) - 1)[wanted]  # empty sets have no signature
    return Some(some.places[wanted], Shingles(hashes, np.cumsum(sizes) - sizes, sizes), some.signed[rows])


def _sent(some: Some) -> pa.Table:
    return packed(numbers=some.places, sizes=some.sets.sizes, hashes=some.sets.hashes, signed=some.signed)


def _received(block: pa.Table) -> Some:
    """What was sent, in the order of the places."""
    places, sizes = array(block, "numbers"), array(block, "sizes")
    order, starts = np.argsort(places, kind="stable"), np.cumsum(sizes) - sizes
    sets = Shingles(array(block, "hashes"), starts[order], sizes[order])
    return Some(places[order], sets, array(block, "signed").reshape(-1, SLOTS)[order])


def _chosen(signed: Dataset, place: np.ndarray) -> Some:
    """All texts that have a place, brought here."""
    none = np.zeros(0, np.int64)
    empty = packed(numbers=none, sizes=none, hashes=none, signed=none)
    blocks = cluster.batches(cluster.mapped(signed, _with_place, place), ordered=False)
    return _received(pa.concat_tables([empty, *blocks]))


def _with_place(block: pa.Table, place: np.ndarray) -> Iterator[pa.Table]:
    some = _some(block, place)
    yield _sent(_picked(some, np.flatnonzero(some.places >= 0)))


def _banded(signed: Dataset, place: np.ndarray, n: int, threshold: float, progress: Progress) -> near.Pairs:
    """Verified pairs of texts that share a band, as `near.linked` has them; texts by their places."""
    bits = n.bit_length()
    bands = cluster.mapped(signed, _bands, place, threshold)
    root, counts = np.arange(n), np.zeros(1, np.int64)
    for block in cluster.batches(_grouped(bands, "band", _bucketed, bits), ordered=False):
        for i in range(block.num_rows):
            row = block.slice(i, 1)
            counts = near.added(counts, array(row, "counts"))
            root = components(n, root[array(row, "members")], root[array(row, "heads")])[root]
    progress("comparing texts", 0.5, 1)
    alone = np.bincount(root, minlength=n)[root] < 2
    together = max(2 * cluster.workers(), -(-int((~alone).sum()) // TOGETHER))
    group = np.where(alone, -1, (mix(root.astype(np.uint64)) % np.uint64(together)).astype(np.int64))
    most = near.largest(counts)
    routed = cluster.mapped(signed, _routed, place, group)
    found, complete = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))], True
    for block in cluster.batches(_grouped(routed, "group", _linked, threshold, most, bits), ordered=False):
        found.append((array(block, "numbers"), array(block, "owners"), array(block, "similar")))
        complete &= all(block["complete"].to_pylist())
    one, other, similar = (np.concatenate(column) for column in zip(*found, strict=True))
    return near.Pairs(one, other, similar, complete, near.expected(threshold))


def _grouped(given: Dataset, by: str, function: Callable[..., Iterator[pa.Table]], *shared: object) -> Dataset:
    """What a function gives for all rows of each group, which come together in one place."""
    from ray.data.context import ShuffleStrategy

    run = cluster.on_workers(function, *shared)
    # A group is a few large rows: sorted in tasks, while shuffling by hash would start processes to receive them.
    given.context.shuffle_strategy = ShuffleStrategy.SORT_SHUFFLE_PULL_BASED
    return given.groupby(by).map_groups(lambda group: pa.concat_tables(run(group)), batch_format="pyarrow")


def _bands(block: pa.Table, place: np.ndarray, threshold: float) -> Iterator[pa.Table]:
    """For each band the texts of a block and their keys."""
    some = _some(block, place)
    some = _picked(some, np.flatnonzero(some.places >= 0))
    bands = bands_for(threshold)
    for band in range(bands.bands):
        made = packed(numbers=some.places, keys=band_keys(some.signed, bands, band))
        yield made.append_column("band", pa.array([band]))


def _bucketed(group: pa.Table, bits: int) -> Iterator[pa.Table]:
    """Of one band: the texts that share a bucket, each with the best one of it, and how many buckets of each size."""
    members, sizes = buckets(array(group, "keys"), array(group, "numbers"), bits)
    heads = np.repeat(members[np.cumsum(sizes) - sizes], sizes)
    yield packed(members=members, heads=heads, counts=np.bincount(sizes))


def _routed(block: pa.Table, place: np.ndarray, group: np.ndarray) -> Iterator[pa.Table]:
    """The texts of a block that share a bucket with others, by where they come together."""
    some = _some(block, place)
    here = np.flatnonzero(some.places >= 0)
    to = group[some.places[here]]
    for number in np.unique(to[to >= 0]).tolist():
        yield _sent(_picked(some, here[to == number])).append_column("group", pa.array([number]))


def _linked(group: pa.Table, threshold: float, most: int, bits: int) -> Iterator[pa.Table]:
    """The pairs among texts that came together."""
    some = _received(group)
    count = len(some.places)
    bands = bands_for(threshold)

    def bucketed(band: int) -> Bucketed:
        return buckets(band_keys(some.signed, bands, band), np.arange(count), bits)

    one, other, similar, complete = near.linked(
        some.sets, np.arange(count), some.signed, bucketed, threshold, most, bits
    )
    made = packed(numbers=some.places[one], owners=some.places[other], similar=similar)
    yield made.append_column("complete", pa.array([complete]))
