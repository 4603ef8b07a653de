"""n-grams of texts as numbers, for measures that count them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b


def ngrams(tokens: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    """The n-grams of a text, in order."""
    return zip(*(tokens[i:] for i in range(n)), strict=False)


def hashed(texts: Sequence[Sequence[str]], n: int) -> frozenset[int]:
    """64-bit hashes of the different n-grams of all texts."""
    return frozenset(
        int.from_bytes(blake2b("\x1f".join(gram).encode("utf-8", "replace"), digest_size=8).digest(), "little")
        for gram in {gram for tokens in texts for gram in ngrams(tokens, n)}
    )
