"""Length of the response in tokens of the chosen tokenizer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from curate.extras import require
from curate.score.column import Column
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "tokens",
    "length of the response as a model counts it",
    "tokens",
    "none",
    "a count, for budgets and context lengths",
    kind="count",
    needs="tokenizer",
)
BATCH = 1000


def values(texts: RowTexts, scoring: Scoring) -> list[int]:
    """(n,) tokens of each response, without special tokens.

    Raises:
        CurateError: if the tokenizer cannot be loaded.
    """
    tokenizer = _tokenizer(scoring.options.tokenizer or scoring.options.model)
    counts: list[int] = []
    for start in range(0, len(texts), BATCH):
        batch = list(texts.responses[start : start + BATCH])
        counts += map(len, tokenizer(batch, add_special_tokens=False, return_attention_mask=False)["input_ids"])
    return counts


@lru_cache(maxsize=1)  # a table comes in many batches
def _tokenizer(name: str) -> Any:
    require("transformers", "train", "the score `tokens`")
    from curate.models.chat_template import load_tokenizer

    return load_tokenizer(name)
