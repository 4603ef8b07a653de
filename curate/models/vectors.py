"""What all embedders do with texts and vectors."""

from __future__ import annotations

import numpy as np

# Only the beginning of a text is embedded: MiniLM itself reads 256 tokens.
CHARACTERS = 2000


def clipped(text: str) -> str:
    """The part of a text that is embedded; a lone surrogate, which no tokenizer takes, becomes a question mark."""
    text = text[:CHARACTERS]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors at length one; a zero vector becomes the first axis."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.where(lengths > 0, vectors / np.maximum(lengths, 1e-12), 0).astype(np.float32)
    vectors[lengths[:, 0] == 0, 0] = 1
    return vectors


def agreement(vectors: np.ndarray, others: np.ndarray, neighbours: int = 10) -> float:
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
