"""The formats by name, and which one a set of rows is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from schemas import alpaca, chatml, dolly, instruction_json, self_instruct, sft, sharegpt
from schemas.decode import RowDecoder, fit, opening
from schemas.row import Format

# The order decides ties: messages of role and content are both SFT and ChatML, and SFT carries more.
FORMATS = {
    module.FORMAT.name: module.FORMAT
    for module in (alpaca, self_instruct, dolly, sharegpt, sft, chatml, instruction_json)
}


class Detected(msgspec.Struct, frozen=True):
    """format: name of the commonest one, "" if no row fits any.  shares: rows of each format, over all rows."""

    format: str
    shares: dict[str, float]
    rows: int

    @property
    def mixed(self) -> bool:
        """Whether rows of more than one format were seen (rows of none do not count)."""
        return sum(name != "" for name in self.shares) > 1


def lookup(name: str) -> Format:
    """The format of this name; `_` and case do not matter.  Raises KeyError with the known names."""
    key = name.lower().replace("_", "-")
    if key in FORMATS:
        return FORMATS[key]
    raise KeyError(f"no format is called {name!r}; formats are {', '.join(FORMATS)}")


def detect(rows: Iterable[bytes]) -> Detected:
    """The formats of rows of JSON text, each by its field names."""
    decoder = RowDecoder(list(FORMATS.values()))
    counts: Counter[str] = Counter()
    seen: dict[tuple[str, ...], str] = {}
    for row in rows:
        try:
            kind, names = opening(row)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            counts[""] += 1
            continue
        key = (kind, *names)
        if key not in seen:
            best = decoder.best(kind, names)
            fits = best is not None and (best.shape.wrap or fit(best.shape, best.row_fields, names)[0])
            seen[key] = best.format.name if best is not None and fits else ""
        counts[seen[key]] += 1
    total = sum(counts.values())
    known = [(count, name) for name, count in counts.items() if name]
    commonest = max(known, key=lambda pair: pair[0])[1] if known else ""
    return Detected(commonest, {name: count / total for name, count in counts.most_common()}, total)
