"""A marked table marked anew for tighter thresholds, from the similarities that it holds."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from curate.dedup.digests import digest_rows
from curate.dedup.link_column import count_outside, from_column, rows_with_links
from curate.dedup.links import METHODS, NEAR, SEMANTIC
from curate.dedup.mark import DedupResult, mark
from curate.dedup.mark_columns import can_be_marked, with_marks
from curate.dedup.options import Dedup
from curate.dedup.ranking import BY_FAULTS, rank_rows, row_worth
from curate.dedup.reranking import CountFaults, fault_worth
from curate.dedup.similar_pairs import reaches
from curate.dedup.sizing import check_size, sized_links
from curate.engine.local_rows import as_rows
from curate.errors import CurateError
from curate.options import check
from curate.table.ledger import METADATA

# The options that a ledger of large clusters is marked with again.
AGAIN = ("near", "semantic", "key", "best", "normalise", "shingle", "cluster")


def rethreshold(table: pa.Table, options: Dedup, count_faults: CountFaults | None = None) -> DedupResult:
    """A marked table marked anew for tighter thresholds, from the similarities that it holds.

    Args:
        table: the ledger of `curate dedup`.
        options: `near` and `semantic` are the thresholds; None leaves one as it was. `size` raises them. The rest is as
            it was.
        count_faults: see `mark.mark`; needed for a table that was ranked by faults.

    Raises:
        CurateError: for a table without similarities, and for a threshold looser than the one it was marked with.
    """
    check(options)
    settings = _tightened(table, options)
    check_size(msgspec.structs.replace(options, near=settings["near"], semantic=settings["semantic"]))
    outside_links = count_outside(table["similar"])
    if not settings["complete"]:
        if outside_links:
            raise CurateError("some clusters of this ledger were too large to keep all similarities; run dedup again")
        again = {name: settings[name] for name in AGAIN if name in settings}
        dedup = Dedup(**again, size=options.size)
        result = mark(table, dedup, embedder=settings["embedder"], count_faults=count_faults)
        return result._replace(notes=["clusters too large to keep all similarities: looked for again", *result.notes])
    rows = as_rows(table)
    digests = digest_rows(rows, None)
    worth = [row_worth(rows, settings["best"]).values]
    if settings.get("rule") == BY_FAULTS and count_faults is not None:
        worth = [*fault_worth(rows, rows_with_links(table["similar"]), count_faults)]
    order = rank_rows(table, can_be_marked(table), digests.lengths, digests.record_hashes, worth)
    node = np.full(table.num_rows, -1, np.int64)
    node[order] = np.arange(len(order))
    direct, outside = from_column(table["similar"], node, outside_links)
    enough = np.ones(len(direct.better), bool)
    for method, name in ((NEAR, "near"), (SEMANTIC, "semantic")):
        if settings[name] is not None:
            enough &= (direct.method != method) | reaches(direct.similarity, settings[name])
    notes = [f"{name} {settings[name]:g}, by the similarities of the ledger" for name in METHODS[1:] if settings[name]]
    direct = direct.where(enough)
    if options.size is not None:
        fixed = len(outside.places)
        sized_settings = {"cluster": "best", **settings}
        direct, settings, note = sized_links(direct, fixed + len(order), fixed, options.size, sized_settings)
        notes.append(note)
    marked = with_marks(table, order, digests.record_hashes, direct, outside, settings)
    return DedupResult(rows.with_thin(marked), notes)


def _tightened(table: pa.Table, options: Dedup) -> dict[str, Any]:
    """What the table was marked with, and the new thresholds in place of the old ones."""
    settings = json.loads((table.schema.metadata or {}).get(METADATA, b"null"))
    if settings is None or "similar" not in table.column_names:
        raise CurateError("this is no ledger of `curate dedup`; give OUT.ledger.parquet of an earlier run")
    for name, threshold in (("near", options.near), ("semantic", options.semantic)):
        before = settings[name]
        if threshold is not None and (before is None or threshold < before):
            since = f"similarities from {before:g} on" if before is not None else f"no {name} similarities"
            raise CurateError(
                f"the ledger holds {since}; for --{name} {threshold:g} run `curate dedup` on the data again"
            )
        settings[name] = threshold if threshold is not None else before
    return settings
