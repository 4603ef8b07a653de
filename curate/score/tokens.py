"""Length of the response in tokens of the chosen tokenizer."""

from __future__ import annotations

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
    """(n,) tokens of each response, without special tokens.  Raises CurateError if the tokenizer cannot be loaded."""
    from curate.own_template import load_tokenizer

    tokenizer = load_tokenizer(options.tokenizer or options.model)
    counts: list[int] = []
    for start in range(0, len(rows), BATCH):
        batch = list(rows.responses[start : start + BATCH])
        counts += map(len, tokenizer(batch, add_special_tokens=False, return_attention_mask=False)["input_ids"])
    return counts
