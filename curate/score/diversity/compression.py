"""How much smaller the set becomes when it is compressed."""

from __future__ import annotations

import zlib

from curate.score.diversity.metric import Metric, Sample

LEVEL = 6


def value(sample: Sample) -> float:
    """Compression ratio of a sample's texts, the shortest first, so that it does not depend on their order; 1 if empty.

    Texts in the order of their own bytes would put like beside like, which DEFLATE's window rewards.
    """
    raw = "\n".join(sorted(sample.texts, key=lambda text: (len(text), text))).encode("utf-8", "replace")
    return len(raw) / len(zlib.compress(raw, LEVEL)) if raw else 1.0


METRICS = [
    Metric(
        "compression",
        "size of the texts over their size compressed; much repetition makes it large",
        "ratio",
        "lower",
        "Shaib et al. 2024, compression ratio by DEFLATE",
        "texts",
        value,
    ),
]
