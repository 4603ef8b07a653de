"""The static embedder of all scripts beside the encoder that it is made of, on rows that neither has seen.

    python bench/embedding.py ROWS.json... [--half tune|report] [--part speed,retrieval,parallel,threshold]

A file's rows are halved by a hash of their prompts: constants were set on `tune`, figures are given for `report`.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
HALVES = {"tune": 0, "report": 1}
CANDIDATES = 200
DRAWS = 20
LENGTH = 400
THRESHOLDS = (0.94, 0.95, 0.96, 0.97, 0.98, 0.99)


def pairs(file: str, half: str) -> list[tuple[str, str]]:
    """Prompts and responses of a half of a file's valid rows, with text in both."""
    from curate.table import table

    rows = table.read([file])
    rows = rows.take(table.valid(rows))
    every = zip(rows["prompt"].to_pylist(), rows["response"].to_pylist(), strict=True)
    return [(p, r) for p, r in every if p.strip() and r.strip() and _hash(p) % 2 == HALVES[half]]


def _hash(prompt: str) -> int:
    return int.from_bytes(hashlib.blake2b(prompt.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def encoders() -> dict:
    """What embeds texts, by name: the encoder itself and its distillation."""
    from curate.models import multilingual
    from curate.models.universal_encoder import UniversalEncoder
    from curate.models.vectors import clipped, unit

    exact = UniversalEncoder(multilingual.installed())
    static = multilingual.encoder(str(multilingual.distilled()))
    return {
        "use": lambda texts: exact.encode([clipped(text) for text in texts]),
        "multilingual": lambda texts: unit(static.encode([clipped(text) for text in texts])),
    }


def reciprocal_ranks(queries: np.ndarray, answers: np.ndarray) -> float:
    cosines = queries @ answers.T
    return float(np.mean(1 / (1 + (cosines > np.diag(cosines)[:, None]).sum(axis=1))))


def retrieval(rows: list[tuple[str, str]], name: str) -> None:
    """Mean reciprocal rank of a prompt's own response among 200, and what neighbours are shared."""
    from curate.models.vectors import agreement

    vectors = {way: encode([p for p, _ in rows] + [r for _, r in rows]) for way, encode in encoders().items()}
    n, rng = len(rows), np.random.default_rng(0)
    draws = [rng.choice(n, min(CANDIDATES, n), replace=False) for _ in range(DRAWS)]
    ranks = {way: [reciprocal_ranks(v[i], v[n + i]) for i in draws] for way, v in vectors.items()}
    difference = np.subtract(ranks["use"], ranks["multilingual"])
    shared = agreement(vectors["multilingual"][n:], vectors["use"][n:])
    print(
        f"{name}: {n} rows, {DRAWS} draws of {CANDIDATES}: use {np.mean(ranks['use']):.3f}, "
        f"multilingual {np.mean(ranks['multilingual']):.3f}, difference {difference.mean():.3f} "
        f"(largest {difference.max():.3f}); of 10 nearest responses {shared:.0%} the same"
    )


def speed(rows: list[tuple[str, str]], name: str) -> None:
    """Texts of 400 characters in a second of one core, the best of forty rounds, since others may use the machine."""
    whole = "\n".join(f"{p}\n{r}" for p, r in rows)
    starts = [i for shift in range(0, LENGTH, 50) for i in range(shift, len(whole) - LENGTH, LENGTH)]
    texts = [whole[i : i + LENGTH] for i in starts][:1024]
    for way, encode in encoders().items():
        best = 0.0
        for _ in range(40 if way == "multilingual" else 1):
            some = texts if way == "multilingual" else texts[:200]
            began = time.process_time()
            encode(some)
            best = max(best, len(some) / (time.process_time() - began))
        print(f"{name}: {way} {best:,.0f} texts of {LENGTH} characters a second of processor time")


def parallel() -> None:
    """A sentence's translation among the others, English to Chinese and back."""
    from tests.builders.parallel import PARALLEL

    for way, encode in encoders().items():
        one, other = (encode([pair[i] for pair in PARALLEL]) for i in (0, 1))
        cosines = one @ other.T
        apart = cosines[~np.eye(len(cosines), dtype=bool)].mean()
        print(
            f"{len(PARALLEL)} parallel pairs, {way}: MRR {reciprocal_ranks(one, other):.3f} and "
            f"{reciprocal_ranks(other, one):.3f}, cosine {np.diag(cosines).mean():.2f}, of others {apart:.2f}"
        )


def threshold(rows: list[tuple[str, str]], name: str) -> None:
    """What thresholds of semantic duplicates find: by `auto` without the package, and by the multilingual embedder."""
    from curate.models.embed import _apart

    texts = [f"{p}\n{r}" for p, r in rows][:7000]
    copies = [shortened(text, i) for i, text in enumerate(texts[:500])]
    ways = {"apart": lambda some: _apart(some, None).vectors, "multilingual": encoders()["multilingual"]}
    for way, encode in ways.items():
        vectors = encode([*texts, *copies])
        cosines = np.triu(vectors[: len(texts)] @ vectors[: len(texts)].T, 1)
        left, right = np.nonzero(cosines >= min(THRESHOLDS))
        same = np.array([alike(texts[i], texts[j]) for i, j in zip(left, right, strict=True)], bool)
        copied = np.einsum("ij,ij->i", vectors[: len(copies)], vectors[len(texts) :])
        for at in THRESHOLDS:
            reached = cosines[left, right] >= at
            print(
                f"{name}: {way} at {at}: {int(same[reached].sum())} true pairs of {int(reached.sum())}; "
                f"{np.mean(copied >= at):.3f} of shortened copies"
            )


def shortened(text: str, seed: int) -> str:
    """The text without a fortieth of its words, or without two common signs where it is Chinese."""
    rng = random.Random(seed)
    signs = [match.start() for match in re.finditer("[的了，。、]", text)]
    if len(signs) > 2:
        first, second = sorted(rng.sample(signs, 2))
        return text[:first] + text[first + 1 : second] + text[second + 1 :]
    words = text.split(" ")
    dropped = set(rng.sample(range(len(words)), min(len(words) - 1, max(1, len(words) // 40))))
    return " ".join(word for i, word in enumerate(words) if i not in dropped)


def alike(one: str, other: str) -> bool:
    """Whether two texts have the same numbers and nearly the same pairs of words."""
    from curate.text.words import words

    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    first, second = (set(pairwise(words(text))) for text in (one, other))
    return len(first & second) >= 0.7 * max(1, len(first | second))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--part", default="speed,retrieval,parallel")
    options = parser.parse_args()
    for part in options.part.split(","):
        if part == "parallel":
            parallel()
            continue
        for file in options.files:
            rows = pairs(file, options.half)
            {"speed": speed, "retrieval": retrieval, "threshold": threshold}[part](rows, Path(file).name)


if __name__ == "__main__":
    main()
