"""Shingles and Jaccard similarity, as the sample data defines near-duplicates.

English text is cut into five-word shingles, Chinese text into five-character shingles, after case folding and without
punctuation or white space.
"""

import re

SIZE = 5


def units(text: str, lang: str) -> list[str]:
    """Words of English text, or characters of Chinese text."""
    folded = text.casefold()
    return re.findall(r"\w", folded) if lang == "zh" else re.findall(r"\w+", folded)


def shingles(text: str, lang: str) -> frozenset:
    parts = units(text, lang)
    return frozenset(tuple(parts[i : i + SIZE]) for i in range(max(1, len(parts) - SIZE + 1)))


def jaccard(a: frozenset, b: frozenset) -> float:
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def row_text(row: dict) -> str:
    """Prompt and response of a source row as one text."""
    if "turns" in row:
        return " ".join([row.get("system", ""), *(part for turn in row["turns"] for part in turn)]).strip()
    return " ".join(part for part in (row["instruction"], row["context"], row["response"]) if part)


class Seen:
    """Remembers texts and tells how close a new one comes to any of them."""

    def __init__(self) -> None:
        self.sets: list[frozenset] = []
        self.index: dict[tuple, list[int]] = {}

    def nearest(self, shingle_set: frozenset) -> float:
        shared: dict[int, int] = {}
        for shingle in shingle_set:
            for i in self.index.get(shingle, ()):
                shared[i] = shared.get(i, 0) + 1
        return max((n / (len(shingle_set) + len(self.sets[i]) - n) for i, n in shared.items()), default=0.0)

    def add(self, shingle_set: frozenset) -> None:
        for shingle in shingle_set:
            self.index.setdefault(shingle, []).append(len(self.sets))
        self.sets.append(shingle_set)

    def accept(self, text: str, lang: str, limit: float) -> bool:
        """Add the text unless it is at least `limit` similar to one seen before."""
        shingle_set = shingles(text, lang)
        if self.nearest(shingle_set) >= limit:
            return False
        self.add(shingle_set)
        return True
