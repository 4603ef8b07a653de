"""Example rows: some that were selected, and some that were dropped or not selected, by the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.difference import TextPart, difference
from curate.report.page import Child, Safe, data, language, tag
from curate.run.pictures import SubsetView
from curate.score.column import of_table
from curate.score.explain import faults_of, shown
from curate.table import ledger
from curate.table.counting import FILTERED, rows_that_count
from curate.text.counted import counted
from schemas.problems import CODES

CHARACTERS = 700
# So many are shown at once, the others when asked for.
OPEN = 3
METHODS = {
    "exact": "Exact duplicates",
    "near": "Near-duplicates",
    "semantic": "Duplicates in meaning",
}


def selected(view: SubsetView, count: int) -> Child:
    """The first rows of the subset, and others from all over it."""
    k = len(view.chosen)
    if not k or not count:
        return None
    first = min(k, (count + 1) // 2)
    spread = np.linspace(first, k - 1, min(count - first, k - first)).round().astype(int).tolist() if k > first else []
    rows = view.pool.take(pa.array(view.chosen[[*range(first), *spread]])).to_pylist()
    scores = [name for name in of_table(view.pool) if name in ("score", "relevance", "language", "length")]
    caption = f"The first {first:,} in order, and {len(spread):,} from the rest." if spread else None
    figures = [_selected(row, scores) for row in rows]
    return [tag("p", caption) if caption else None, *_first_open(figures)]


def _selected(row: dict, scores: list[str]) -> Safe:
    facts = [f"{name} {shown(row[name])}" for name in scores if row[name] is not None]
    if row["category"]:
        facts.insert(0, row["category"])
    caption = [tag("b", f"{row['rank']:,}"), " · ", _place(row), " · ", data("bdi", " · ".join(facts))]
    why = tag("p", data("span", row.get("select_reason") or ""), class_="facts")
    return tag("figure", tag("figcaption", caption), why, _text(row))


def not_selected(table: pa.Table, count: int) -> Child:
    """Rows for each reason that rows were dropped or not selected for, duplicates next to the row kept."""
    groups = [*_invalid(table, count), *_dropped(table, count), *_filtered(table, count), *_passed_over(table, count)]
    return [
        [tag("h3", title, tag("span", counted(rows, "row"), class_="quiet")), about, _first_open(figures)]
        for title, rows, about, figures in groups
    ] or None


def _first_open(figures: list[Safe]) -> list[Safe]:
    if len(figures) <= OPEN:
        return figures
    more = tag("details", tag("summary", f"{len(figures) - OPEN:,} more"), figures[OPEN:])
    return [*figures[:OPEN], more]


Group = tuple[str, int, Child, list[Safe]]


def _invalid(table: pa.Table, count: int) -> Iterator[Group]:
    codes = table["problem"].drop_null()
    for code, rows in sorted(Counter(codes.to_pylist()).items(), key=lambda pair: (-pair[1], pair[0])):
        where = np.flatnonzero(_is(table["problem"], code))
        figures = []
        for row in _rows(table, where[:count], ("file", "row", "problem_path", "problem_message")):
            path, message = data("code", row["problem_path"] or ""), data("bdi", row["problem_message"] or "")
            figures.append(tag("div", _place(row), " · ", path, " · ", message, class_="line"))
        known = CODES.get(code)
        yield f"Invalid: {code} {known.title if known else ''}", rows, None, figures


def _dropped(table: pa.Table, count: int) -> Iterator[Group]:
    nothing = pa.nulls(table.num_rows, pa.string())
    method = table["duplicate_method"] if "duplicate_method" in table.column_names else nothing
    by = table["contaminated_by"] if "contaminated_by" in table.column_names else nothing
    hit = by.is_valid().to_numpy(zero_copy_only=False)
    first = hit & ~_is(method, *METHODS)
    if first.any():
        where = np.flatnonzero(first)
        about = tag("p", "The evaluation row is on the right; what the row has of it is marked.", class_="facts")
        yield "Contaminated", len(where), about, [_contaminated(table, at) for at in where[:count].tolist()]
    for name, title in METHODS.items():
        where = np.flatnonzero(_is(method, name))
        if not len(where):
            continue
        rows = len(where)
        note: Child = None
        where = where[~hit[where]]  # those that are contaminated too are no better example
        if name != "exact":
            # Those that are least alike tell most about the threshold.
            similarity = table["duplicate_similarity"].take(pa.array(where)).to_numpy(zero_copy_only=False)
            where = where[np.argsort(similarity, kind="stable")]
            note = tag("p", "Those that are least alike come first; differences are marked.", class_="facts")
        yield title, rows, note, [_twins(table, at) for at in where[:count].tolist()]


def _is(column: pa.ChunkedArray | pa.Array, *values: str) -> np.ndarray:
    """(n,) whether a text is one of these; null is none."""
    return pc.is_in(column, pa.array(values, pa.string())).to_numpy(zero_copy_only=False)


def _twins(table: pa.Table, position: int) -> Safe:
    """A row next to the one that is kept for it."""
    compared = ledger.comparison(table, position)
    assert compared is not None
    one, other = difference(shortened(compared.text), shortened(compared.other_text))
    return _pair(table, position, [(compared.title, one), (compared.other_title, other)])


def _contaminated(table: pa.Table, position: int) -> Safe:
    """A row next to the text that it shares with an evaluation row, marked where it is word for word."""
    compared = ledger.comparison(table, position)
    assert compared is not None
    text, shared = compared.text, compared.other_text
    at = text.find(shared)
    if at < 0:
        return _twins(table, position)
    begin = max(0, at - CHARACTERS // 2)
    stretch = text[at : at + CHARACTERS]
    one = [
        TextPart(text[begin:at], False),
        TextPart(stretch, True),
        TextPart(shortened(text[at + len(stretch) :]), False),
    ]
    return _pair(table, position, [(compared.title, one), (compared.other_title, [TextPart(shortened(shared), False)])])


def _pair(table: pa.Table, position: int, sides: list[tuple[str, list[TextPart]]]) -> Safe:
    figures = [tag("figure", tag("figcaption", data("bdi", title)), _parts(parts)) for title, parts in sides]
    fate = tag("p", data("bdi", ledger.fate(table, position)), class_="facts")
    return tag("div", fate, tag("div", figures, class_="pair"))


def _filtered(table: pa.Table, count: int) -> Iterator[Group]:
    """Rows that conditions have left out, by condition."""
    if FILTERED not in table.column_names:
        return
    for condition, rows in Counter(table[FILTERED].drop_null().to_pylist()).most_common():
        where = np.flatnonzero(_is(table[FILTERED], condition))
        why = ledger.fate(table, int(where[0]))
        yield (
            f"Left out by the condition {condition}",
            rows,
            None,
            [_unselected(table, at, why) for at in _drawn(table, where, count)],
        )


def _passed_over(table: pa.Table, count: int) -> Iterator[Group]:
    if "select_reason" not in table.column_names:
        return
    waiting = np.zeros(table.num_rows, bool)
    waiting[rows_that_count(table, "unique")] = True
    waiting &= table["rank"].is_null().to_numpy()
    reasons = table["select_reason"]
    matches = pc.fill_null(pc.match_substring(reasons, ledger.BELOW_FLOOR), False)
    below = waiting & matches.to_numpy(zero_copy_only=False)
    for title, mask in (("Below the floor of quality", below), ("Passed over", waiting & ~below)):
        where = np.flatnonzero(mask)
        if len(where):
            yield (
                title,
                len(where),
                None,
                [_unselected(table, at, reasons[at].as_py() or "") for at in _drawn(table, where, count)],
            )


def _drawn(table: pa.Table, where: np.ndarray, count: int) -> list[int]:
    """Positions from all over, those of the worst score first where there is one."""
    if "score" in table.column_names:
        score = table["score"].take(pa.array(where)).to_numpy(zero_copy_only=False)
        where = where[np.argsort(score, kind="stable")]
    return where[np.unique(np.linspace(0, len(where) - 1, min(count, len(where))).round().astype(int))].tolist()


def _unselected(table: pa.Table, position: int, reason: str) -> Safe:
    row = table.slice(position, 1).to_pylist()[0]
    columns = of_table(table)
    faults = faults_of(row, columns)
    score = [f"score {shown(row['score'])}"] if row.get("score") is not None else []
    facts = " · ".join([*score, *(["faults: " + ", ".join(faults)] if faults else [])])
    why = tag("p", data("span", reason), class_="facts")
    return tag("figure", tag("figcaption", _place(row), [" · ", facts] if facts else None), why, _text(row))


def _rows(table: pa.Table, positions: Iterable[int], names: tuple[str, ...]) -> list[dict]:
    return table.select(list(names)).take(pa.array(list(positions), pa.int64())).to_pylist()


def _place(row: dict) -> Safe:
    return data("bdi", f"{row['file']}:{row['row']}")


def _text(row: dict) -> list[Safe]:
    pieces = []
    for title, text in (("prompt", row["prompt"]), ("response", row["response"])):
        cut = shortened(text or "")
        pieces += [tag("p", title, class_="turn"), tag("pre", cut, lang=language(cut), dir="auto")]
    return pieces


def _parts(parts: list[TextPart]) -> Safe:
    text = "".join(part.text for part in parts)
    return tag("pre", [tag("mark", p.text) if p.differs else p.text for p in parts], lang=language(text), dir="auto")


def shortened(text: str, characters: int = CHARACTERS) -> str:
    """The text, or its first characters and how many more there are."""
    return (
        text
        if len(text) <= characters
        else f"{text[:characters]} … ({counted(len(text) - characters, 'character')} more)"
    )
