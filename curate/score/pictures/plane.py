"""Vectors on a plane, for maps of a set."""

from __future__ import annotations

import importlib.util

import numpy as np

from curate.errors import CurateError

METHODS = ("pca", "umap")


def on_plane(vectors: np.ndarray, method: str = "pca") -> tuple[np.ndarray, str]:
    """(n, 2) points for the rows, and how they were laid out, in words.

    Args:
        vectors: (n, d) vectors.
        method: `pca`, or `umap` where umap-learn is installed.

    Raises:
        CurateError: for an unknown method, and where umap-learn is missing.
    """
    if method == "pca":
        return _pca(vectors)
    if method != "umap":
        raise CurateError(f"unknown map {method!r}; maps are {', '.join(METHODS)}")
    if importlib.util.find_spec("umap") is None:
        raise CurateError("a map by UMAP needs umap-learn: pip install umap-learn")
    import umap

    neighbours = min(15, len(vectors) - 1)
    points = umap.UMAP(n_neighbors=neighbours, metric="cosine", random_state=0, n_jobs=1).fit_transform(vectors)
    return np.asarray(points, np.float64), f"laid out by UMAP with {neighbours} neighbours (McInnes et al. 2018)"


def _pca(vectors: np.ndarray) -> tuple[np.ndarray, str]:
    centred = vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64)
    eigenvalues, axes = np.linalg.eigh(centred.T @ centred)
    first = axes[:, ::-1][:, :2]
    # The sign of an axis is chance; its largest part is made positive.
    first = first * np.sign(first[np.abs(first).argmax(0), np.arange(first.shape[1])])
    points = centred @ first
    if points.shape[1] < 2:
        points = np.column_stack([points, np.zeros(len(points))])
    share = eigenvalues[::-1][:2].sum() / max(eigenvalues.sum(), 1e-12)
    return points, f"laid out by PCA, two axes with {share:.0%} of the variance"
