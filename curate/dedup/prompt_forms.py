"""Rows whose whole prompt is that of an evaluation item, however short it is.

Two prompts are the same if their units are (see `units`): case, width and punctuation do not count, operators do.

    item   prompt "Capital of France?"                   forms  [capital of france]
           choices "Lyon", "Paris"                              [capital of france lyon paris]
                                                                [capital of france a lyon b paris]
    row    user turns "Hello!", "capital of France"      forms  [hello] [capital of france] [hello capital of france]
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from string import ascii_uppercase

import numpy as np
import pyarrow as pa

from curate.dedup.arrays import pack_arrays
from curate.dedup.ngrams import blocks
from curate.dedup.units import hash_units, mix, powers
from curate.text.chinese import simplified
from curate.text.normal import normal
from schemas.record import Conversation, loads


class PromptIndex:
    """Evaluation items by the forms of their prompts.

    Attributes:
        digests: (f,) uint64 digests of forms, ascending and each once.
        items: (f,) int64, the first item that has each.
    """

    def __init__(self, records: Sequence[Conversation]) -> None:
        forms = [item_forms(record) for record in records]
        digests = digest_texts([text for texts in forms for text in texts])
        owners = np.repeat(np.arange(len(forms)), [len(texts) for texts in forms])
        self.digests, first = np.unique(digests, return_index=True)
        self.items = owners[first]

    def __len__(self) -> int:
        return len(self.digests)


def item_forms(record: Conversation) -> list[str]:
    """The texts of which one is the prompt of a row that holds the item: its prompt, also with context and choices."""
    prompt = record.prompt()
    if not prompt.strip():
        return []
    more = [text for text in record.turns("tool") if text.strip()]
    if not more:
        return [prompt]
    lettered = [f"{letter} {text}" for letter, text in zip(ascii_uppercase, more, strict=False)]
    return ["\n".join(lines) for lines in ([prompt], [prompt, *more], [*more, prompt], [prompt, *lettered])]


def row_forms(record: Conversation) -> list[str]:
    """The texts that are compared with those of items: every turn of the user, and all of them."""
    turns = [text for text in record.turns("user") if text.strip()]
    return turns if len(turns) < 2 else [*turns, "\n".join(turns)]


def digest_texts(texts: Sequence[str]) -> np.ndarray:
    """(n,) uint64: a hash of the units of each text; of one without any, of the text in normal form."""
    result = np.zeros(len(texts), np.uint64)
    plain = [simplified(text) for text in texts]
    for start, block in blocks([(text,) for text in plain]):
        own = [text for (text,) in block]
        units, bounds = hash_units(own, signs=True)
        power, _ = powers(1 << max(int(np.diff(bounds).max(initial=0)), 1).bit_length())
        place = np.arange(len(units)) - np.repeat(bounds[:-1], np.diff(bounds))
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(units * power[place], dtype=np.uint64)])
        counts = np.diff(bounds).astype(np.uint64)
        result[start : start + len(own)] = mix((sums[bounds[1:]] - sums[bounds[:-1]]) ^ mix(counts))
        for i in np.flatnonzero(counts == 0).tolist():
            digest = blake2b(normal(own[i]).encode("utf-8", "surrogatepass"), digest_size=8).digest()
            result[start + i] = int.from_bytes(digest, "little")
    return result


def same_prompts(batch: pa.Table, digests: np.ndarray) -> pa.Table:
    """Which rows of a batch have a prompt of these digests: `owners`, rows in it; `numbers`, the place of each digest.

    Args:
        batch: k rows with `record`; of several forms of a row the first counts.
        digests: (f,) ascending, of at least one form.
    """
    rows = [(i, loads(text)) for i, text in enumerate(batch["record"].to_pylist()) if text is not None]
    forms = [(i, form) for i, record in rows for form in row_forms(record)]
    own = digest_texts([form for _, form in forms])
    at = np.minimum(np.searchsorted(digests, own), len(digests) - 1)
    same = np.flatnonzero(digests[at] == own)
    owners = np.array([i for i, _ in forms], np.int64)[same]
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    return pack_arrays(owners=owners[first], numbers=at[same][first])
