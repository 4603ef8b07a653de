"""Clusters of embeddings, named by the words that tell them apart."""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np

from curate.extras import require

TERMS = 3
# Words of a script with spaces, and pairs of characters of one without.
_WORDS = re.compile(r"[^\W\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{3,}")
_RUNS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")
CHARACTERS = 2000


def count(rows: int) -> int:
    """How many clusters for so many rows if nobody says: the root of a twentieth of them, from 2 to 50."""
    return min(50, max(2, round(math.sqrt(rows / 20))))


def assign(vectors: np.ndarray, clusters: int | None = None, seed: int = 0) -> np.ndarray:
    """(n,) int64: the cluster of each row, by k-means on unit vectors.

    Args:
        vectors: (n, d) float32 of unit length.
        clusters: how many, at least 1; `count` of the rows if None.
        seed: of the first centres.

    Raises:
        CurateError: without scikit-learn.
    """
    clusters = count(len(vectors)) if clusters is None else clusters
    require("sklearn.cluster", "embed", "clustering")
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # Several threads add up in an order that differs from run to run, and so may the clusters.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer different rows than clusters are no fault
        labels = KMeans(min(clusters, len(vectors)), n_init=1, max_iter=50, random_state=seed).fit_predict(vectors)
    return labels.astype(np.int64)


def names(labels: np.ndarray, texts: Sequence[str]) -> list[str]:
    """A name for each label from 0 on: the terms that most more of its texts have than others do, no name twice.

    A term's weight is its share of the cluster's texts times log(1 + 1 / its share of all texts).

    Args:
        labels: (n,) int64.
        texts: n texts; their first CHARACTERS count.
    """
    text_terms = [terms(text[:CHARACTERS]) for text in texts]
    overall = Counter(term for own in text_terms for term in own)
    named: list[str] = []
    for label in range(int(labels.max(initial=-1)) + 1):
        members = np.flatnonzero(labels == label)
        counts = Counter(term for i in members for term in text_terms[i])
        weight = {t: c / len(members) * math.log(1 + len(texts) / overall[t]) for t, c in counts.items()}
        name = ", ".join(_distinct(sorted(weight, key=lambda t: (-weight[t], t)))) or "no words"
        named.append(name if name not in named else f"{name} ({label + 1})")
    return named


def terms(text: str) -> set[str]:
    """Words of three letters and more in lower case, and pairs of Chinese or Japanese characters."""
    distinct = {word.lower() for word in _WORDS.findall(text)} - _COMMON
    for run in _RUNS.findall(text):
        distinct.update(run[i : i + 2] for i in range(len(run) - 1))
    return distinct


def _distinct(ranked: list[str]) -> list[str]:
    """The first terms, without pairs of characters that overlap one before."""
    terms: list[str] = []
    for term in ranked:
        if not any(len(term) == len(other) == 2 and set(term) & set(other) for other in terms):
            terms.append(term)
        if len(terms) == TERMS:
            break
    return terms


_COMMON = frozenset(
    """
    about above after again all also and any are because been before being between both but can could did does doing
    down during each few for from further had has have having her here hers him his how into its itself just more most
    not now off once only other our ours out over own same she should some such than that the their theirs them then
    there these they this those through too under until very was were what when where which while who whom why will with
    would you your yours please give using use one two write make following answer question text given
    一个 一些 一种 一下 以下 下面 下列 这个 这些 那个 什么 怎么 怎样 如何 为何 哪些 哪个 可以 能够 需要 应该 请问
    给定 给出 根据 使用 我们 你们 他们 它们 这样 那样 因为 所以 但是 或者 以及 并且 如果 没有 进行 成一 写一 出一
    个关 关于 的一 是一 的是 中的 的句 下的 输入
    """.split()  # noqa: SIM905
)
