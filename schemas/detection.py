"""Which format a set of rows is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from schemas.container import listed_rows, rows_of_line, values_of
from schemas.decode import RowDecoder, ShapeDecoder, fit, opening
from schemas.field_names import taken
from schemas.misfit import not_json
from schemas.problems import CODES
from schemas.registry import FORMATS
from schemas.repair import repaired
from schemas.row import CARRIED, Shape

# Rows that are in no format here but are often met: the fields by which they are told, and what they are.
STRANGERS = ((("text",), "plain text, as for pretraining: it has no turns, and no marks of a template"),)


class Detected(msgspec.Struct, frozen=True):
    """Which formats rows are in.

    Attributes:
        format: name of the commonest one, "" if no row fits any.
        shares: for each format its share of the rows, in (0, 1]; "" for rows of none.
        rows: how many rows were read.
        reasons: for each format, why: the fields by which its rows were told, and the first such row.
        faults: for each problem of how rows are written, by its code, how many lines have it.
    """

    format: str
    shares: dict[str, float]
    rows: int
    reasons: dict[str, str]
    faults: dict[str, int] = {}

    @property
    def mixed(self) -> bool:
        """Whether rows of more than one format were seen (rows of none do not count)."""
        return sum(name != "" for name in self.shares) > 1

    @property
    def mixture(self) -> str:
        """The formats that were seen, with their shares; "" if it is one."""
        if not self.mixed:
            return ""
        return ", ".join(f"{share:.1%} {name or 'no known format'}" for name, share in self.shares.items())


def detect(rows: Iterable[tuple[int, bytes]]) -> Detected:
    """The formats of rows of JSON text, each by its field names.

    Args:
        rows: (row number, JSON text) pairs; of a row whose number is not known the byte before which it stands, below
            zero.
    """
    decoder = RowDecoder(list(FORMATS.values()))
    counts: Counter[str] = Counter()
    told: dict[tuple[object, ...], str] = {}
    choosy: dict[tuple[str, ...], list[Shape]] = {}
    reasons: dict[str, str] = {}
    faults: Counter[str] = Counter()
    for number, line in rows:
        row, fault, kind, names = _opened(line)
        if fault:
            faults[fault] += 1
        if row is None:
            counts[""] += 1
            reasons.setdefault(
                "", f"{_row(number)} is not JSON" if fault == "E001" else f"{_row(number)}: {CODES[fault].title}"
            )
            continue
        if names is None:
            kind, names = opening(row)
        names_key = (kind, *names)
        if names_key not in choosy:
            choosy[names_key] = [shape for shape in decoder.choosy if set(shape.keys) <= set(names)]
        key = (names_key, *(shape.takes(row) for shape in choosy[names_key]))
        if key not in told:
            best = decoder.best(kind, names, row)
            fits = best is not None and (best.shape.wrap or fit(best.shape, best.row_fields, names, row)[0])
            told[key] = best.format.name if best is not None and fits else ""
            if told[key] not in reasons:
                reasons[told[key]] = f"{_row(number)} {_reason(best, bool(fits), names)}"
        counts[told[key]] += 1
    total = sum(counts.values())
    known = [(count, name) for name, count in counts.items() if name]
    commonest = max(known, key=lambda pair: pair[0])[1] if known else ""
    shares = {name: count / total for name, count in counts.most_common()}
    return Detected(commonest, shares, total, {name: reasons[name] for name in shares}, dict(sorted(faults.items())))


def _opened(line: bytes) -> tuple[bytes | None, str, str, list[str] | None]:
    """The row of a line, the code of what is wrong with the line, and the row's `opening` where it is known already.

    The row is the first one of several, and None if the line is no JSON.
    """
    try:
        kind, names = opening(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        found = not_json(line, error)
        if found.code == "E021":
            return values_of(line)[0], found.code, "", None
        mended = repaired(line, found)
        return (mended[0] if mended else None), found.code, "", None
    if kind == "[" and listed_rows(line):
        return rows_of_line(line)[0], "E022", "", None
    return line, "", kind, names


def _row(number: int) -> str:
    return f"row {number}" if number > 0 else f"the row at byte {-number:,}"


def _reason(best: ShapeDecoder | None, fits: bool, names: Sequence[str]) -> str:
    """Why a row was taken for this shape, or for none, in words."""
    if best is None:
        return "is neither an object nor a list"
    shape = best.shape
    if shape.wrap:
        return "is a bare list of turns"
    if fits:
        said = f", {taken(shape.flat)}" if shape.flat and shape.rank < 0 else ""
        return f"has {_listed(shape.keys)}{said}"
    found = f"has {_listed(names[:8])}" if names else "has no field"
    missing = [key for key in shape.keys if key not in names]
    if not missing or not best.row_fields.difference(CARRIED).intersection(names):
        what = next((what for fields, what in STRANGERS if set(fields) <= set(names)), "")
        return f"{found}: {what}" if what else f"{found}, none of which tells a format"
    return f"{found}; nearest is {shape.name}, which asks for {_listed(missing)} too"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
