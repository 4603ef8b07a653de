"""Duplicates of a table by one or more methods, marked in its columns with all that tells why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup import keys, near
from curate.dedup.items import Items, items_of, lifted, same
from curate.dedup.links import (
    EXACT,
    METHODS,
    NEAR,
    SEMANTIC,
    Links,
    Outside,
    count_outside,
    from_column,
    joined,
    settle,
    to_column,
)
from curate.errors import CurateError
from curate.progress import Progress, counted, part, silent
from curate.table.ledger import CONTAMINATED, METADATA
from curate.table.table import named, placed, with_columns
from curate.text.key_texts import check_key

# `duplicate_of` of a row whose like is in no row of the table but in another file; a sum with it stays negative, so
# that ledgers can be read together.
ELSEWHERE = -(1 << 62)


class Marked(NamedTuple):
    """Attributes:
    table: with the columns that `mark` adds.
    notes: sentences on how duplicates were looked for.
    """

    table: pa.Table
    notes: list[str]


def mark(
    table: pa.Table,
    near_at: float | None = None,
    semantic_at: float | None = None,
    key: str = "conversation",
    best: str | None = None,
    against: pa.Table | None = None,
    embedder: str = "auto",
    progress: Progress = silent,
    ways: Ways | None = None,
) -> Marked:
    """The table with its duplicates marked: exact ones, and near and semantic ones if asked for.

    Columns: duplicate_of, the position of the row that stays for this one (null for rows that stay; ELSEWHERE for a row
    of `against`); duplicate_method, duplicate_similarity; duplicate_cluster, the same text for all rows that links lead
    to from one another; duplicate_place and duplicate_text of a row elsewhere; similar, all links to better rows.
    No row goes for one that it is not like itself, and no two rows that are alike stay.

    Args:
        near_at: Jaccard similarity of shingles from which on rows are duplicates
        semantic_at: cosine similarity of embeddings.
        key: what of a row counts, one of key_texts.KEYS.
        best: see `keys.ranked`.
        against: rows that all stay and are left as they are; rows of `table` that are like them go.
        progress: called with what is being done, how much of it is done, and how much there is.
        ways: how the rows are looked at; as rows of a table if None.

    Raises:
        CurateError: for an unknown key or column, and for a threshold that is none.
    """
    check(near_at, semantic_at)
    check_key(key)
    pool, fixed = table, np.zeros(0, np.int64)
    if against is not None:
        names = ["file", "row", "record", "prompt", "response"]
        pool = pa.concat_tables([table.select(names), against.select(names)])
    ways = ways or _here(pool, key)
    progress("looking for exact duplicates", 0, 1)
    said = ways.say()
    order = keys.ranked(table, _valid(table), said.longer, said.marks, best)
    if against is not None:
        rows = table.num_rows
        fixed = keys.ranked(against, _valid(against), said.longer[rows:], said.marks[rows:]) + rows
    items = items_of(pool.num_rows, np.concatenate([fixed, order]), said)
    lone = key != "exchange"
    parts, notes, complete = [lifted(items, lone, *same(items), EXACT)], [], True
    if near_at is not None:
        found = ways.pairs(items, near_at, part(progress, 0.1, 0.4))
        parts.append(lifted(items, lone, found.left, found.right, found.similarity, NEAR))
        notes.append(f"near {near_at:g}: {found.note}")
        complete = found.complete
    if semantic_at is not None:
        from curate.dedup import semantic

        texts = list(ways.texts(items))
        meant = semantic.pairs(
            [texts[i] for i in items.order.tolist()], semantic_at, embedder, part(progress, 0.5, 0.9)
        )
        parts.append(lifted(items, lone, meant.left, meant.right, meant.similarity, SEMANTIC))
        notes.append(f"semantic {semantic_at:g}: {meant.note}")
        complete &= meant.complete
    settings = {
        "key": key,
        "best": best,
        "near": near_at,
        "semantic": semantic_at,
        "embedder": embedder,
        "complete": complete,
    }
    progress("telling which rows stay", 0.9, 1)
    outside = _outside(pool, fixed, key)
    return Marked(_written(table, order, said.marks, joined(parts), outside, settings), notes)


def rethreshold(table: pa.Table, near_at: float | None = None, semantic_at: float | None = None) -> Marked:
    """A marked table marked anew for tighter thresholds, from the similarities that it holds.

    Args:
        near_at: None leaves the threshold as it was.
        semantic_at: None leaves the threshold as it was.

    Raises:
        CurateError: for a table without similarities, and for a threshold looser than the one it was marked with.
    """
    settings = json.loads((table.schema.metadata or {}).get(METADATA, b"null"))
    if settings is None or "similar" not in table.column_names:
        raise CurateError("this is no ledger of `curate dedup`; give OUT.ledger.parquet of an earlier run")
    check(near_at, semantic_at)
    for name, asked in (("near", near_at), ("semantic", semantic_at)):
        held = settings[name]
        if asked is not None and (held is None or asked < held):
            since = f"similarities from {held:g} on" if held is not None else f"no {name} similarities"
            raise CurateError(f"the ledger holds {since}; for --{name} {asked:g} run `curate dedup` on the data again")
        settings[name] = asked if asked is not None else held
    away = count_outside(table["similar"])
    if not settings["complete"]:
        if away:
            raise CurateError("some clusters of this ledger were too large to keep all similarities; run dedup again")
        again = mark(
            table, settings["near"], settings["semantic"], settings["key"], settings["best"], None, settings["embedder"]
        )
        return Marked(again.table, ["clusters too large to keep all similarities: looked for again", *again.notes])
    said = keys.say_all(table, None)
    order = keys.ranked(table, _valid(table), said.longer, said.marks, settings["best"])
    node = np.full(table.num_rows, -1, np.int64)
    node[order] = np.arange(len(order))
    found, outside = from_column(table["similar"], node, away)
    enough = np.ones(len(found.better), bool)
    for method, name in ((NEAR, "near"), (SEMANTIC, "semantic")):
        if settings[name] is not None:
            enough &= (found.method != method) | near.reaches(found.similarity, settings[name])
    notes = [f"{name} {settings[name]:g}, by the similarities of the ledger" for name in METHODS[1:] if settings[name]]
    return Marked(_written(table, order, said.marks, found.where(enough), outside, settings), notes)


def check(near_at: float | None, semantic_at: float | None) -> None:
    """Raises CurateError for a threshold outside (0, 1]."""
    for name, threshold in (("near", near_at), ("semantic", semantic_at)):
        if threshold is not None and not 0 < threshold <= 1:
            raise CurateError(f"the {name} threshold is {threshold:g}; it must be above 0 and at most 1")


def _valid(table: pa.Table) -> np.ndarray:
    return np.flatnonzero(table["record"].is_valid().to_numpy() & ~_contaminated(table))


def _contaminated(table: pa.Table) -> np.ndarray:
    if "duplicate_method" not in table.column_names:
        return np.zeros(table.num_rows, bool)
    return pc.fill_null(pc.equal(table["duplicate_method"], CONTAMINATED), False).to_numpy()


class Ways(NamedTuple):
    """How rows are looked at, here or on a cluster.

    Attributes:
        say: what all rows say, those of the table and then those that it is compared with.
        texts: the different texts of items, in the order in which they are read.
        pairs: pairs of similar texts among them, numbered from the best, see `near.pairs`.
    """

    say: Callable[[], keys.Said]
    texts: Callable[[Items], Iterator[str]]
    pairs: Callable[[Items, float, Progress], near.Pairs]


def _here(pool: pa.Table, key: str) -> Ways:
    """The ways of a table that this process has."""

    def texts(items: Items) -> Iterator[str]:
        if key != "exchange":  # where a row has one text, only the rows whose text is wanted need to be read again
            return (some[0] for some in keys.table_texts(pool, items.read[items.wanted], key))
        every = keys.table_texts(pool, np.unique(items.read), key)
        some = (text for texts in every for text in texts if text.strip())
        return (text for text, wanted in zip(some, items.wanted.tolist(), strict=True) if wanted)

    def pairs(items: Items, threshold: float, progress: Progress) -> near.Pairs:
        some = counted(texts(items), "cutting texts into shingles", len(items.sizes), progress)
        return near.pairs(some, threshold, order=items.order)

    return Ways(lambda: keys.say_all(pool, key), texts, pairs)


def _outside(pool: pa.Table, positions: np.ndarray, key: str) -> Outside:
    some = pool.select(["file", "row"]).take(pa.array(positions, pa.int64()))
    files, rows = some["file"].to_pylist(), some["row"].to_pylist()
    places = [f"{file}:{row}" for file, row in zip(files, rows, strict=True)]
    return Outside(places, ["\n\n".join(texts) for texts in keys.table_texts(pool, positions, key)])


def _written(
    table: pa.Table, order: np.ndarray, marks: np.ndarray, found: Links, outside: Outside, settings: dict
) -> pa.Table:
    """The table with its columns.

    Args:
        order: positions of the rows, the best first; nodes are those after the outside.
        marks: hashes of the records, at least of the table's rows.
    """
    fixed = len(outside.places)
    settled = settle(fixed + len(order), found, fixed, settings["key"] != "exchange")
    position = np.concatenate([np.full(fixed, ELSEWHERE), order])
    goes = np.flatnonzero(settled.kept >= 0)
    kept = settled.kept[goes]
    rows = table.num_rows
    empty = np.ones(rows, bool)
    empty[position[goes]] = False
    of, similarity, method = np.zeros(rows, np.int64), np.zeros(rows, np.float32), np.zeros(rows, np.int8)
    aside = _contaminated(table)
    of[aside], method[aside], empty[aside] = ELSEWHERE, len(METHODS), False
    of[position[goes]] = position[kept]
    similarity[position[goes]] = settled.similarity[goes]
    method[position[goes]] = settled.method[goes]
    away = kept < fixed
    far, elsewhere = position[goes[away]], kept[away].tolist()
    inside = np.arange(fixed, fixed + len(order))
    inside = inside[settled.cluster[inside] >= 0]
    heads, number = np.unique(settled.cluster[inside], return_inverse=True)
    cluster = np.zeros(rows, np.int64)
    cluster[position[inside]] = number
    alone = np.ones(rows, bool)
    alone[position[inside]] = False
    marked = with_columns(
        table,
        duplicate_of=pa.array(of, mask=empty),
        duplicate_method=named(method, [*METHODS, CONTAMINATED], empty),
        duplicate_similarity=pa.array(similarity, mask=empty | aside),
        duplicate_cluster=named(cluster, _names(marks, position, heads, outside), alone),
        duplicate_place=placed(rows, far, [outside.places[i] for i in elsewhere], pa.string()),
        duplicate_text=placed(rows, far, [outside.texts[i] for i in elsewhere], pa.string()),
        similar=to_column(found, position, rows, outside),
    )
    metadata = {**(table.schema.metadata or {}), METADATA: json.dumps(settings).encode()}
    return marked.replace_schema_metadata(metadata)


def _names(marks: np.ndarray, position: np.ndarray, heads: np.ndarray, outside: Outside) -> list[str]:
    """Names of clusters, by what their best rows say, so that no order of rows changes them."""
    fixed = len(outside.places)
    elsewhere = [outside.texts[head].encode("utf-8", "surrogatepass") for head in heads[heads < fixed].tolist()]
    inside = marks[position[heads[heads >= fixed]]].tobytes()
    return [
        *(blake2b(text, digest_size=8).hexdigest() for text in elsewhere),
        *(inside[i : i + 8].hex() for i in range(0, len(inside), 8)),
    ]
