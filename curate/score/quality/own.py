"""Features of a row by itself, and a file of those of rows that every pool is scored beside."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from curate.models.cached_folder import cache_home
from curate.score.faults.registry import findings
from curate.score.quality import damage, pieces, request, shape
from curate.score.quality.corrupt import row_hash
from curate.score.quality.pairs import Pairs

# How many faults of a row are certain, and how many it is suspected of.
FAULTS = {"certain_faults": -1, "suspicions": -1}
DIRECTIONS = {**shape.DIRECTIONS, **request.DIRECTIONS, **damage.DIRECTIONS, **pieces.DIRECTIONS, **FAULTS}


class Stored(NamedTuple):
    """Features that were computed before.

    Attributes:
        hashes: (k,) uint64 of the rows, ascending; see `row_hashes`.
        values: (k, len(DIRECTIONS)) float32.
    """

    hashes: np.ndarray
    values: np.ndarray


def features(pairs: Pairs, faults: np.ndarray | None = None, stored: Stored | None = None) -> np.ndarray:
    """(n, len(DIRECTIONS)) float32.

    Args:
        pairs: n rows.
        faults: (k, 2) counts of the faults of the first k rows, where they are known.
        stored: rows that need not be measured.
    """
    known = np.zeros((0, len(FAULTS)), np.float32) if faults is None else faults
    values = np.empty((len(pairs), len(DIRECTIONS)), np.float32)
    is_stored = np.zeros(len(pairs), bool)
    if stored is not None and len(stored.hashes):
        hashes = row_hashes(pairs)
        places = np.minimum(np.searchsorted(stored.hashes, hashes), len(stored.hashes) - 1)
        is_stored = stored.hashes[places] == hashes
        values[is_stored] = stored.values[places[is_stored]]
    others = np.flatnonzero(~is_stored)
    rest = pairs.part(others.tolist())
    texts = [shape.features(rest), request.features(rest), damage.features(rest), pieces.features(rest)]
    values[others, : -len(FAULTS)] = np.hstack(texts)
    unknown = others[others >= len(known)]
    unmeasured = pairs.part(unknown.tolist())
    values[unknown, -len(FAULTS) :] = fault_counts(unmeasured.prompts, unmeasured.responses)
    values[: len(known), -len(FAULTS) :] = known
    return values


def fault_counts(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    """(n, len(FAULTS)) float32 counts of the faults of rows that are one turn of each."""
    values = np.zeros((len(prompts), len(FAULTS)), np.float32)
    for i, (prompt, response) in enumerate(zip(prompts, responses, strict=True)):
        certain = [finding.certain for finding in findings(prompt, response)]
        values[i] = sum(certain), len(certain) - sum(certain)
    return values


def row_hashes(pairs: Pairs) -> np.ndarray:
    """(n,) uint64 hash of each row."""
    return np.array([row_hash(pairs, i) for i in range(len(pairs))], np.uint64)


def load() -> Stored | None:
    """The features that this version of the code stored; None if there are none that can be read."""
    try:
        with np.load(_file(), allow_pickle=False) as file:
            stored = Stored(file["hashes"], file["values"])
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
    fits = stored.values.shape == (len(stored.hashes), len(DIRECTIONS))
    return stored if fits else None


def store(hashes: np.ndarray, values: np.ndarray) -> None:
    """Store features of rows in the cache, in place of those of other versions of the code; nothing where it fails."""
    distinct, first = np.unique(hashes, return_index=True)
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            np.savez(part, hashes=distinct, values=values[first])
        os.replace(part.name, file)
        for other in set(file.parent.glob("*.npz")) - {file}:
            other.unlink(missing_ok=True)
    except OSError:  # a cache that cannot be written costs time only
        return


def _file() -> Path:
    return cache_home() / "quality" / f"{_version()}.npz"


@cache
def _version() -> str:
    """A hash of all code that has a part in the features, so that none of them outlives a change of it."""
    root = Path(__file__).parents[2]
    digest = blake2b(digest_size=8)
    sources = sorted(file for room in ("score", "text") for file in (root / room).rglob("*"))
    for source in (file for file in sources if file.suffix in (".py", ".jsonl")):
        digest.update(source.read_bytes())
    digest.update(str(pieces.is_installed()).encode())
    return digest.hexdigest()
