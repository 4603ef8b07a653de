"""Root verbs and their nouns: how many different things are asked for."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.score.diversity.entropy import entropy
from curate.score.diversity.metric import Metric, Sample
from curate.text.words import HAN

PARSERS = ("en_core_web_sm", "en_core_web_md", "en_core_web_lg")
CHARACTERS = 400


def parser() -> str | None:
    """The name of an installed English parser, None if there is none."""
    if importlib.util.find_spec("spacy") is None:
        return None
    return next((name for name in PARSERS if importlib.util.find_spec(name)), None)


@lru_cache(maxsize=1)
def _load(name: str) -> Any:
    import spacy

    try:
        return spacy.load(name, disable=["ner", "textcat"])
    except (OSError, ImportError, ValueError) as error:
        raise CurateError(f"the parser {name} cannot be loaded: {error}") from None


def pairs(prompts: Sequence[str]) -> list[str | None]:
    """(n,) root verb and direct object of each English prompt's first sentence with both, as `write story`.

    None for prompts without, in other scripts, or where no parser is installed.

    Source: Wang et al. 2023 (Self-Instruct), figure 2.
    """
    name = parser()
    if name is None:
        return [None] * len(prompts)
    verb_nouns: list[str | None] = [None] * len(prompts)
    english = [i for i, prompt in enumerate(prompts) if not HAN.search(prompt)]
    documents = _load(name).pipe((prompts[i][:CHARACTERS] for i in english), batch_size=128)
    for i, document in zip(english, documents, strict=True):
        for token in document:
            if token.head == token and token.pos_ == "VERB":
                noun = next((child for child in token.children if child.dep_ in ("dobj", "obj")), None)
                if noun is not None:
                    verb_nouns[i] = f"{token.lemma_.lower()} {noun.lemma_.lower()}"
                    break
    return verb_nouns


def value(sample: Sample) -> float | None:
    """Entropy of a sample's verb-noun pairs; None if there are none."""
    counts = Counter(pair for pair in sample.pairs if pair is not None)
    return entropy(np.array(list(counts.values()))) if counts else None


METRICS = [
    Metric(
        "verb_noun",
        "entropy of the root verb and its object in English prompts (write + story, list + ways)",
        "bits",
        "higher",
        "Wang et al. 2023 (Self-Instruct), figure 2, by spaCy's parser",
        "prompts",
        value,
    ),
]
