"""The table as ledger: what became of every input row, and why."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.table.counting import FILTERED
from curate.table.table import with_columns
from curate.text.counted import counted
from curate.text.key_texts import key_texts
from schemas.record import loads

# The key of a table's metadata under which dedup leaves its settings.
METADATA = b"curate.dedup"
# The `duplicate_method` of rows that decontaminate dropped.
CONTAMINATED = "contaminated"
KEPT = "kept"
SHOWN = 400
LINKS = 5
# In the reason of rows that a selection left out at once.
BELOW_FLOOR = "is below the floor"
# The columns that tell a row's fate.
FATE = (
    "problem",
    "problem_path",
    "problem_message",
    "contaminated_by",
    "contamination_method",
    "contamination_similarity",
    "duplicate_of",
    "duplicate_method",
    "duplicate_similarity",
    "duplicate_place",
    FILTERED,
    "rank",
    "select_reason",
)


def with_rank(table: pa.Table, order: np.ndarray) -> pa.Table:
    """The table with `rank`: the place of a row in a selection, from 1; null for rows not selected.

    Args:
        table: n rows.
        order: (k,) positions of the selected rows, best first.
    """
    rank = np.zeros(table.num_rows, np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return with_columns(table, rank=pa.array(rank, mask=rank == 0))


def methods(table: pa.Table) -> dict[str, int]:
    """How many rows each method has dropped."""
    counts = table["duplicate_method"].drop_null().value_counts().to_pylist()
    return {count["values"]: count["counts"] for count in sorted(counts, key=lambda count: count["values"])}


def _settings(table: pa.Table) -> dict[str, Any]:
    """What dedup marked the table with; empty if it has not."""
    return json.loads((table.schema.metadata or {}).get(METADATA, b"{}"))


def _fate_of_best(table: pa.Table) -> str:
    """What becomes of the best row of a cluster: kept, or dropped with the others."""
    return "dropped with all that are alike" if _settings(table).get("cluster") == "drop" else KEPT


def _left_out(row: dict) -> str:
    return f"left out by the condition `{row[FILTERED]}`"


def _fate_of_other(row: dict, best: str) -> str:
    """What became of a row that others are duplicates of, to be read after "which".

    Args:
        row: its columns.
        best: what becomes of the best row of a cluster, unless a later step has left it out.
    """
    later = ""
    if row.get(FILTERED) is not None:
        later = _left_out(row)
    elif row.get("duplicate_method") == CONTAMINATED:
        later = "removed as contaminated"
    elif row.get("duplicate_of") is not None and best == KEPT:
        later = f"removed as a {row['duplicate_method']} duplicate itself"
    elif "rank" in row and row["rank"] is None and best == KEPT:
        reason = row.get("select_reason")
        later = f"left out: {reason}" if reason else "not selected"
    return f"was kept of its group and then {later}" if later else f"is {best}"


def fate(table: pa.Table, position: int) -> str:
    """What became of the row at this position, in words, by the columns that steps have added."""
    row = table.slice(position, 1)
    of = row["duplicate_of"][0].as_py() if "duplicate_of" in table.column_names else None
    if of is None or of < 0:
        return _fate(row.to_pylist()[0], None, KEPT)
    other = table.slice(of, 1).to_pylist()[0]
    place = f"{other['file']} row {other['row']}"
    return _fate(row.to_pylist()[0], place, _fate_of_other(other, _fate_of_best(table)))


def fates(table: pa.Table) -> list[str]:
    """What became of every row, in words."""
    names = [name for name in FATE if name in table.column_names]
    columns = [table[name].to_pylist() for name in names]
    files, numbers, best = table["file"].to_pylist(), table["row"].to_pylist(), _fate_of_best(table)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    texts = []
    for row in rows:
        row["record"] = True if row["problem"] is None else None
        of = row.get("duplicate_of")
        if of is None or of < 0:
            texts.append(_fate(row, None, KEPT))
        else:
            texts.append(_fate(row, f"{files[of]} row {numbers[of]}", _fate_of_other(rows[of], best)))
    return texts


def _fate(row: dict, kept_place: str | None, best: str) -> str:
    """What became of a row; `kept_place` is that of the row of the table that it is a duplicate of, which `best`."""
    if row["record"] is None:
        return f"invalid: {row['problem']} at {row['problem_path']}: {row['problem_message']}"
    flagged = ""
    if row.get("contaminated_by") is not None:
        how, degree = row["contamination_method"], row["contamination_similarity"]
        by = f"as contaminated by {row['contaminated_by']} ({how} {degree:.2f})"
        if row.get("duplicate_of") is not None:
            return f"removed {by}"
        flagged = f"; flagged {by}"
    if row.get("duplicate_of") is not None:
        degree = row.get("duplicate_similarity")
        how = f" (similarity {degree:.3f})" if degree is not None and row["duplicate_method"] != "exact" else ""
        if kept_place is None:
            kept_place, best = row.get("duplicate_place"), f"is {KEPT}"
        return f"{row['duplicate_method']} duplicate of {kept_place}, which {best}{how}"
    if row.get(FILTERED) is not None:
        return f"{_left_out(row)}{flagged}"
    if "rank" not in row:
        return f"kept{flagged}"
    if row["rank"] is None:
        reason = row.get("select_reason") or ""
        if BELOW_FLOOR in reason:
            return f"left out before the selection: {reason}{flagged}"
        return f"valid and unique, but not selected{flagged}"
    return f"selected, rank {row['rank']:,}{flagged}"


class Comparison(NamedTuple):
    """Two texts that show why a row was dropped: its own, and that of the kept row or of an evaluation item."""

    title: str
    text: str
    other_title: str
    other_text: str


def comparison(table: pa.Table, position: int) -> Comparison | None:
    """The text of a row and of what it was dropped for; None for rows that were not dropped."""
    row = table.slice(position, 1).to_pylist()[0]
    title = f"{row['file']} row {row['row']}"
    if row["record"] is None:
        return None
    own = _compared_text(table, row)
    if row.get("contaminated_by") is not None:
        return Comparison(title, own, row["contaminated_by"], row["contamination_text"])
    of = row.get("duplicate_of")
    if of is None:
        return None
    if of < 0:
        return Comparison(title, own, f"{row['duplicate_place']} (kept)", row["duplicate_text"] or "")
    other = table.slice(of, 1).to_pylist()[0]
    # A title has no room for the reason.
    ended = _fate_of_other(other, _fate_of_best(table)).removeprefix("is ").partition(": ")[0]
    title_of_other = f"{other['file']} row {other['row']} ({ended})"
    return Comparison(title, own, title_of_other, _compared_text(table, other))


def _compared_text(table: pa.Table, row: dict) -> str:
    """What of the row counted when it was compared."""
    key = _settings(table).get("key", "conversation")
    return "\n\n".join(key_texts(loads(row["record"]), key))


def find(table: pa.Table, row: int, file: str | None = None) -> int:
    """The position of an input row.

    Args:
        table: the ledger.
        row: its number in its file, from 1.
        file: the file, or the end of its path.

    Raises:
        CurateError: if no row or more than one fits.
    """
    numbers = np.flatnonzero(table["row"].to_numpy() == row)
    files = table["file"].take(pa.array(numbers)).to_pylist()
    places = [
        (int(i), name)
        for i, name in zip(numbers, files, strict=True)
        if file is None or f"/{name}".endswith(f"/{file}")
    ]
    if not places:
        names = table["file"].unique().to_pylist()
        known = ", ".join(names[:5]) + (f" and {counted(len(names) - 5, 'more file')}" if len(names) > 5 else "")
        raise CurateError(f"the ledger has no row {row}{f' of {file}' if file else ''}; its rows are of {known}", 1)
    if len(places) > 1:
        names = ", ".join(f"{name}:{row}" for _, name in places)
        raise CurateError(f"several files have a row {row}; say which: {names}", 1)
    return places[0][0]


def explain(table: pa.Table, row: int, file: str | None = None) -> str:
    """All that the ledger has of one input row; see `find`."""
    position = find(table, row, file)
    values = table.slice(position, 1).to_pylist()[0]
    lines = [f"{values['file']} row {row}: {fate(table, position)}"]
    for name, value in values.items():
        if value is not None and name not in ("file", "row", "record", "duplicate_of", "similar", "fate"):
            text = str(value)
            lines.append(f"  {name}: {text if len(text) <= SHOWN else text[:SHOWN] + '…'}")
    if values.get("duplicate_cluster") is not None and (rule := _settings(table).get("rule")):
        lines.append(f"  of its cluster the best row: {rule}")
    lines += _stands_for(table, position)
    similar = values.get("similar") or []
    for link in similar[:LINKS]:
        place = link["place"]
        if link["offset"] is not None:
            other = table.slice(position + link["offset"], 1).to_pylist()[0]
            place = f"{other['file']} row {other['row']}"
        lines.append(f"  similar to: {place} ({link['method']} {link['similarity']:.3f})")
    if len(similar) > LINKS:
        lines.append(f"  and to {len(similar) - LINKS:,} more")
    return "\n".join(lines)


def _stands_for(table: pa.Table, position: int) -> list[str]:
    """The rows that were dropped for the row at this position, the most similar first; all of them are named."""
    if "duplicate_of" not in table.column_names or table["duplicate_of"][position].is_valid:
        return []
    dropped = np.flatnonzero(pc.fill_null(pc.equal(table["duplicate_of"], position), False).to_numpy())
    if not len(dropped):
        return []
    names = [n for n in ("file", "row", "duplicate_method", "duplicate_similarity") if n in table.column_names]
    rows = table.select(names).take(pa.array(dropped)).to_pylist()
    rows.sort(key=lambda row: -(row.get("duplicate_similarity") or 1))
    count = counted(len(rows), "row that was", "rows that were")
    lines = [f"  stands for {count} dropped:"]
    for row in rows:
        degree = row.get("duplicate_similarity")
        how = row["duplicate_method"] + (
            f" {degree:.3f}" if degree is not None and row["duplicate_method"] != "exact" else ""
        )
        lines.append(f"    {row['file']} row {row['row']} ({how})")
    return lines


def _filtered(table: pa.Table) -> int:
    """How many rows conditions have left out."""
    filtered = table[FILTERED].is_valid()
    if "duplicate_of" in table.column_names:  # one that was dropped besides counts there
        filtered = pc.and_(filtered, table["duplicate_of"].is_null())
    return pc.sum(filtered).as_py() or 0


def funnel(table: pa.Table) -> list[tuple[str, int]]:
    """How many rows each step that the table has seen has kept.

    Exact duplicates are the first to be dropped, and rows that are like a better one (near, semantic) the last before
    the selection; where no step lies between the two they count as one, `unique`.
    """
    steps = [("read", table.num_rows), ("valid", table.num_rows - table["record"].null_count)]
    counts = methods(table) if "duplicate_of" in table.column_names else {}
    contaminated, exact = counts.get(CONTAMINATED, 0), counts.get("exact", 0)
    similar = sum(counts.values()) - contaminated - exact
    between = [name for name in ("contaminated_by", FILTERED) if name in table.column_names]
    if "duplicate_of" in table.column_names and not between:
        steps.append(("unique", steps[-1][1] - exact - similar))
    elif exact:
        steps.append(("unique", steps[-1][1] - exact))
    if "contaminated_by" in between:
        steps.append(("clean", steps[-1][1] - contaminated))
    if FILTERED in between:
        steps.append(("passed", steps[-1][1] - _filtered(table)))
    if between and similar:
        steps.append(("distinct", steps[-1][1] - similar))
    if "rank" in table.column_names:
        steps.append(("selected", table.num_rows - table["rank"].null_count))
    return steps
