"""From tables to samples: texts, vectors in one space, clusters of the pool, densities, n-grams of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.score.diversity.metric import Sample
from curate.score.diversity.registry import inputs_of
from curate.table.table import valid
from curate.table.texts import texts_of
from curate.text.words import words

POOL = 5000


def prepare(
    tables: Sequence[pa.Table],
    names: Sequence[str],
    reference: pa.Table | None = None,
    embedder: str = "auto",
    of: str = "both",
    seed: int = 0,
) -> tuple[list[Sample], list[str]]:
    """(samples, notes): a sample of each table's valid rows for these measures, and sentences on how they were made.

    The samples do not depend on the order of the rows.

    Args:
        tables: the sets.
        names: of the measures.
        reference: the pool that density, clusters and coverage are of; without one there is no density and no coverage,
            and the clusters are of all tables together.
        embedder: as `curate.models.embed.embed` takes it.
        of: the text that is looked at, one of `options.TEXTS`.
        seed: of random choices.

    Raises:
        CurateError: for a table without valid rows.
    """
    sets = [_sorted(table, of) for table in tables]
    for rows, _ in sets:
        if not rows.num_rows:
            raise CurateError("there is no valid row to measure", 1)
    pool = _sorted(reference, of) if reference is not None else None
    inputs, notes = inputs_of(names), []
    every = [*sets, *([pool] if pool else [])]
    vectors = [np.zeros((rows.num_rows, 1), np.float32) for rows, _ in every]
    if inputs & {"vectors", "pool"}:
        from curate.models.embed import embed

        embedded, note = embed([text for _, texts in every for text in texts], embedder)
        vectors = np.split(embedded, np.cumsum([rows.num_rows for rows, _ in every])[:-1])
        notes.append(note)
    around = vectors[-1] if pool else np.concatenate(vectors[: len(sets)])
    grams = reference_grams(pool[1]) if pool and "reference" in inputs else None
    samples = []
    for (rows, texts), own in zip(sets, vectors, strict=False):
        samples.append(_sample(rows, texts, own, around, pool is not None, grams, names, seed))
    if pool is None and "novelsum" in names:
        notes.append("novelsum without density, and no coverage of a pool: give the pool with --reference for both")
    if "verb_noun" in names:
        from curate.score.diversity.verb_noun import parser

        if parser() is None:
            notes.append("verb_noun needs a parser: pip install spacy, then python -m spacy download en_core_web_sm")
    return samples, notes


def _sorted(table: pa.Table, of: str) -> tuple[pa.Table, list[str]]:
    """The valid rows and their texts, in an order that depends on the texts alone."""
    rows = table.take(pa.array(valid(table)))
    prompts, responses = rows["prompt"].to_pylist(), rows["response"].to_pylist()
    both = texts_of(rows)
    keys = [blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in both]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    texts = {"both": both, "prompt": prompts, "response": responses}[of]
    return rows.take(pa.array(order, pa.int64())), [texts[i] for i in order]


def _sample(
    rows: pa.Table,
    texts: list[str],
    vectors: np.ndarray,
    around: np.ndarray,
    has_pool: bool,
    grams: frozenset[int] | None,
    names: Sequence[str],
    seed: int,
) -> Sample:
    from curate.score.diversity.cluster_entropy import clusters
    from curate.score.diversity.novelsum import densities
    from curate.score.diversity.verb_noun import pairs

    prompts = rows["prompt"].to_pylist()
    pool = around
    if len(pool) > POOL:
        pool = pool[np.sort(np.random.default_rng(seed).permutation(len(pool))[:POOL])]
    return Sample(
        vectors,
        texts,
        prompts,
        rows["category"].to_pylist(),
        densities(vectors, around) if has_pool and "novelsum" in names else None,
        clusters(vectors, around, seed=seed) if "cluster_entropy" in names else None,
        pool if has_pool else None,
        grams,
        pairs(prompts) if "verb_noun" in names else (),
    )


def reference_grams(texts: Sequence[str]) -> frozenset[int]:
    """Hashes of the n-grams of a reference's texts, which `coverage` looks for in a set."""
    from curate.score.diversity.coverage import N
    from curate.score.diversity.ngrams import hashed

    return hashed([words(text) for text in texts], N)
