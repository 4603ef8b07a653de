"""Which formats a set of rows is in, told by their field names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from schemas.decode import RowDecoder, fit, opening
from schemas.registry import FORMATS
from schemas.row import Shape


class Detected(msgspec.Struct, frozen=True):
    """Which formats rows are in.

    Attributes:
        format: name of the commonest one, "" if no row fits any.
        shares: for each format its share of the rows, in (0, 1]; "" for rows of none.
        rows: how many rows were read.
        reasons: for each format, why: the fields by which its rows were told, and the first such row.
    """

    format: str
    shares: dict[str, float]
    rows: int
    reasons: dict[str, str]

    @property
    def mixed(self) -> bool:
        """Whether rows of more than one format were seen (rows of none do not count)."""
        return sum(name != "" for name in self.shares) > 1


def detect(rows: Iterable[tuple[int, bytes]]) -> Detected:
    """The formats of rows of JSON text, each by its field names.

    Args:
        rows: (row number, JSON text) pairs.
    """
    decoder = RowDecoder(list(FORMATS.values()))
    counts: Counter[str] = Counter()
    format_of: dict[tuple[str, ...], str] = {}
    reasons: dict[str, str] = {}
    for number, row in rows:
        try:
            kind, names = opening(row)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            counts[""] += 1
            reasons.setdefault("", f"row {number} is not JSON")
            continue
        key = (kind, *names)
        if key not in format_of:
            best = decoder.best(kind, names)
            fits = best is not None and (best.shape.wrap or fit(best.shape, best.row_fields, names)[0])
            format_of[key] = best.format.name if best is not None and fits else ""
            shape = best.shape if best is not None else None
            reasons.setdefault(format_of[key], _reason(shape, bool(fits), names, number))
        counts[format_of[key]] += 1
    total = sum(counts.values())
    known = [(count, name) for name, count in counts.items() if name]
    commonest = max(known, key=lambda pair: pair[0])[1] if known else ""
    shares = {name: count / total for name, count in counts.most_common()}
    return Detected(commonest, shares, total, {name: reasons[name] for name in shares})


def _reason(shape: Shape | None, fits: bool, names: Sequence[str], number: int) -> str:
    """Why a row was taken for this shape, in words."""
    if shape is None:
        return f"row {number} is neither an object nor a list"
    if shape.wrap:
        return f"row {number} is a bare list of turns"
    if fits:
        return f"row {number} has {_listed(shape.keys)}"
    missing = [key for key in shape.keys if key not in names]
    fields = _listed(names[:8]) if names else "no field"
    return f"row {number} has {fields}; nearest is {shape.name}, which asks for {_listed(missing)} too"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
