"""Near-duplicates of rows on a Ray cluster: the same pairs as `near.pairs`, by two shuffles.

Texts, shingles and signatures remain on the cluster.  Bands of signatures are grouped to tell which texts share
buckets, and the texts of each connected component of such texts come together in one place, where they are compared:

    rows --sign--> signed texts --by band--> buckets --components--> group of each text
                        |                                                  |
                        +-----------------------by group------------------>+--> pairs of each group
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from curate.dedup import minhash, near
from curate.dedup.arrays import pack_arrays, unpack_array
from curate.dedup.banding import SignedTexts, add_counts, bucket_pairs, describe_recall, largest_paired
from curate.dedup.distinct_texts import DistinctTexts
from curate.dedup.graph import components
from curate.dedup.grouping import groups, pairs_within
from curate.dedup.large_buckets import Buckets
from curate.dedup.minhash import SLOTS, band_keys, bands_for, buckets
from curate.dedup.options import Dedup
from curate.dedup.row_texts import numbered_texts, text_columns, with_text_numbers
from curate.dedup.shingles import Shingles, elements, shingles
from curate.dedup.similar_pairs import SimilarPairs
from curate.dedup.units import mix
from curate.engine import ray as cluster
from curate.engine.ray_rows import RayRows, materialised, of
from curate.engine.rows import Rows
from curate.progress import Progress, part

if TYPE_CHECKING:
    from ray.data import Dataset

# Texts that are compared in one place, about.
TOGETHER = 50_000


def pairs(pools: Sequence[Rows], options: Dedup, texts: DistinctTexts, progress: Progress) -> SimilarPairs:
    """Pairs of similar texts, as `near.pairs` has them.

    Args:
        pools: rows that follow one another; those in this process are put on the cluster.
        options: whose `key`, `near` and `shingle` are read.
        texts: their distinct texts.
        progress: called with what is being done, how much of it is done, and how much there is.
    """
    key, threshold = options.key, options.near
    assert threshold is not None
    progress("cutting texts into shingles", 0, 1)
    numbers = texts.numbers()
    on_cluster = [rows if isinstance(rows, RayRows) else of(rows.table()) for rows in pools]
    numbered = (cast(RayRows, rows) for rows in with_text_numbers(on_cluster, texts))
    parts = [rows.mapped(_sign, text_columns(key), key, options.shingle, numbers) for rows in numbered]
    signed = materialised(parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0])
    progress("comparing texts", 0.5, 1)
    left, right, single = _twins(signed, len(texts.order))
    place = np.full(len(texts.order), -1, np.int64)
    place[single] = np.arange(len(single))
    if len(single) <= near.EXACT_TEXTS:
        result = near.compare(_collected(signed, place).sets, np.arange(len(single)), threshold)
    else:
        result = _banded(signed, place, len(single), threshold, part(progress, 0.5, 1))
    return near.with_twins(left, right, result._replace(left=single[result.left], right=single[result.right]))


def _sign(batch: pa.Table, key: str, size: int, numbers: np.ndarray) -> pa.Table:
    """The chosen texts of a batch: numbers, shingle sets, two sums of each set, and signatures of those not empty."""
    texts = list(numbered_texts(batch, key, numbers))
    sets = shingles((text for _, text in texts), size)
    hashes, owner = elements(sets, np.arange(len(texts)))
    sums = np.zeros((len(texts), 2), np.uint64)
    for column, values in enumerate((hashes, mix(hashes))):
        np.add.at(sums[:, column], owner, values)
    sums[:, 0] ^= mix(sets.sizes.astype(np.uint64))
    nonempty = np.flatnonzero(sets.sizes)
    signatures = minhash.signatures(sets, nonempty) if len(hashes) else np.zeros((0, SLOTS), np.uint16)
    places = np.array([number for number, _ in texts], np.int64)
    return pack_arrays(numbers=places, sizes=sets.sizes, hashes=hashes, sums=sums, signatures=signatures)


def _twins(signed: Dataset, texts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of the best text of those with the same set and each other one; and the texts that stand for themselves."""
    sizes, sums = np.zeros(texts, np.int64), np.zeros((texts, 2), np.uint64)
    for block in cluster.batches(signed.select_columns(["numbers", "sizes", "sums"]), ordered=False):
        numbers = unpack_array(block, "numbers")
        sizes[numbers], sums[numbers] = unpack_array(block, "sizes"), unpack_array(block, "sums").reshape(-1, 2)
    nonempty = np.flatnonzero(sizes)
    one, other = pairs_within(*groups(sums[nonempty]), hubs=1)
    is_twin = np.zeros(texts, bool)
    is_twin[nonempty[other]] = True
    return nonempty[one], nonempty[other], nonempty[~is_twin[nonempty]]


def _unpack(block: pa.Table) -> SignedTexts:
    """The texts of a block, or of several one after the other, by the numbers that they were packed with."""
    sizes = unpack_array(block, "sizes")
    sets = Shingles(unpack_array(block, "hashes"), np.cumsum(sizes) - sizes, sizes)
    return SignedTexts(unpack_array(block, "numbers"), sets, unpack_array(block, "signatures").reshape(-1, SLOTS))


def _pack(signed: SignedTexts) -> pa.Table:
    return pack_arrays(
        numbers=signed.texts, sizes=signed.sets.sizes, hashes=signed.sets.hashes, signatures=signed.signatures
    )


def _placed(block: pa.Table, place: np.ndarray) -> SignedTexts:
    """The texts of a block by their places, (n,) among those that stand for themselves; -1 for those that have none."""
    signed = _unpack(block)
    return signed._replace(texts=place[signed.texts])


def _pick(signed: SignedTexts, wanted: np.ndarray) -> SignedTexts:
    """Those of `wanted`, (k,) ascending, whose sets must not be empty."""
    hashes, _ = elements(signed.sets, wanted)
    sizes = signed.sets.sizes[wanted]
    rows = (np.cumsum(signed.sets.sizes > 0) - 1)[wanted]  # empty sets have no signature
    return SignedTexts(signed.texts[wanted], Shingles(hashes, np.cumsum(sizes) - sizes, sizes), signed.signatures[rows])


def _in_order(block: pa.Table) -> SignedTexts:
    """Packed texts in the order of their places."""
    signed = _unpack(block)
    order = np.argsort(signed.texts, kind="stable")
    sets = signed.sets._replace(starts=signed.sets.starts[order], sizes=signed.sets.sizes[order])
    return SignedTexts(signed.texts[order], sets, signed.signatures[order])


def _collected(signed: Dataset, place: np.ndarray) -> SignedTexts:
    """All texts that have a place, brought to this process."""
    none = np.zeros(0, np.int64)
    empty = pack_arrays(numbers=none, sizes=none, hashes=none, signatures=none)
    blocks = cluster.batches(cluster.mapped(signed, _with_place, place), ordered=False)
    return _in_order(pa.concat_tables([empty, *blocks]))


def _with_place(block: pa.Table, place: np.ndarray) -> Iterator[pa.Table]:
    signed = _placed(block, place)
    yield _pack(_pick(signed, np.flatnonzero(signed.texts >= 0)))


def _banded(signed: Dataset, place: np.ndarray, n: int, threshold: float, progress: Progress) -> SimilarPairs:
    """Verified pairs of texts that share a band, as `banding.banded_pairs` has them; texts by their places."""
    bits = n.bit_length()
    bands = cluster.mapped(signed, _bands, place, threshold)
    root, counts = np.arange(n), np.zeros(1, np.int64)
    for block in cluster.batches(_grouped(bands, "band", _buckets_of_band, bits), ordered=False):
        for i in range(block.num_rows):
            row = block.slice(i, 1)
            counts = add_counts(counts, unpack_array(row, "counts"))
            root = components(n, root[unpack_array(row, "members")], root[unpack_array(row, "heads")])[root]
    progress("comparing texts", 0.5, 1)
    alone = np.bincount(root, minlength=n)[root] < 2
    together = max(2 * cluster.workers(), -(-int((~alone).sum()) // TOGETHER))
    group = np.where(alone, -1, (mix(root.astype(np.uint64)) % np.uint64(together)).astype(np.int64))
    routed = cluster.mapped(signed, _by_group, place, group)
    compared = _grouped(routed, "group", _pairs_of_group, threshold, largest_paired(counts), bits)
    parts, complete = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))], True
    for block in cluster.batches(compared, ordered=False):
        parts.append((unpack_array(block, "numbers"), unpack_array(block, "owners"), unpack_array(block, "similarity")))
        complete &= all(block["complete"].to_pylist())
    better, worse, similarity = (np.concatenate(column) for column in zip(*parts, strict=True))
    return SimilarPairs(better, worse, similarity, complete, describe_recall(threshold))


def _grouped(blocks: Dataset, by: str, function: Callable[..., Iterator[pa.Table]], *shared: object) -> Dataset:
    """What a function yields for all rows of each group, which come together in one place."""
    from ray.data.context import ShuffleStrategy

    run = cluster.on_workers(function, *shared)
    # A group is a few large rows: sorted in tasks, while shuffling by hash would start processes to receive them.
    blocks.context.shuffle_strategy = ShuffleStrategy.SORT_SHUFFLE_PULL_BASED
    return blocks.groupby(by).map_groups(lambda group: pa.concat_tables(run(group)), batch_format="pyarrow")


def _bands(block: pa.Table, place: np.ndarray, threshold: float) -> Iterator[pa.Table]:
    """For each band the texts of a block and their keys."""
    signed = _placed(block, place)
    signed = _pick(signed, np.flatnonzero(signed.texts >= 0))
    bands = bands_for(threshold)
    for band in range(bands.bands):
        packed = pack_arrays(numbers=signed.texts, band_keys=band_keys(signed.signatures, bands, band))
        yield packed.append_column("band", pa.array([band]))


def _buckets_of_band(group: pa.Table, bits: int) -> Iterator[pa.Table]:
    """Of one band: the texts that share a bucket, each with the best one of it, and how many buckets of each size."""
    members, sizes = buckets(unpack_array(group, "band_keys"), unpack_array(group, "numbers"), bits)
    heads = np.repeat(members[np.cumsum(sizes) - sizes], sizes)
    yield pack_arrays(members=members, heads=heads, counts=np.bincount(sizes))


def _by_group(block: pa.Table, place: np.ndarray, group: np.ndarray) -> Iterator[pa.Table]:
    """The texts of a block that share a bucket with others, by the group in which they come together."""
    signed = _placed(block, place)
    here = np.flatnonzero(signed.texts >= 0)
    target = group[signed.texts[here]]
    for number in np.unique(target[target >= 0]).tolist():
        packed = _pack(_pick(signed, here[target == number]))
        yield packed.append_column("group", pa.array([number]))


def _pairs_of_group(group: pa.Table, threshold: float, most: int, bits: int) -> Iterator[pa.Table]:
    """The pairs among texts that came together."""
    signed = _in_order(group)
    count = len(signed.texts)
    bands = bands_for(threshold)

    def of_band(band: int) -> Buckets:
        return buckets(band_keys(signed.signatures, bands, band), np.arange(count), bits)

    local = signed._replace(texts=np.arange(count))
    better, worse, similarity, complete = bucket_pairs(local, of_band, threshold, most, bits)
    packed = pack_arrays(numbers=signed.texts[better], owners=signed.texts[worse], similarity=similarity)
    yield packed.append_column("complete", pa.array([complete]))
