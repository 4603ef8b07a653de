"""Length of the response in tokens of the chosen tokenizer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from curate.score.column import Column
from curate.score.options import Options
from curate.score.rows import Rows

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


def values(rows: Rows, options: Options) -> list[int]:
    """(n,) tokens of each response, without special tokens.

    Raises:
        CurateError: if the tokenizer cannot be loaded.
    """
    tokenizer = _tokenizer(options.tokenizer or options.model)
    counts: list[int] = []
    for start in range(0, len(rows), BATCH):
        batch = list(rows.responses[start : start + BATCH])
        counts += map(len, tokenizer(batch, add_special_tokens=False, return_attention_mask=False)["input_ids"])
    return counts


@lru_cache(maxsize=1)  # a table comes in many batches
def _tokenizer(name: str) -> Any:
    from curate.models.chat_template import load_tokenizer

    return load_tokenizer(name)
