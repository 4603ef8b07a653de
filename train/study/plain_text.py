"""Text to measure forgetting on: plain text, or rows in any of the formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from curate.errors import CurateError, reason
from curate.models.masking import TrainingExample, encode
from train.study.measuring import HeldOut
from train.study.options import FORGETTING


def forgetting_set(path: str, tokenizer: Any, template: str = "auto", max_length: int = 512) -> HeldOut:
    """The rows of a file; a .txt file gives a row for each paragraph, all of whose tokens count.

    Raises:
        CurateError: for a file that cannot be read or holds nothing.
    """
    if path.endswith(".txt"):
        return HeldOut(FORGETTING, FORGETTING, _paragraphs(path, tokenizer, max_length), [])
    from curate.table import table

    rows = table.read([path])
    conversations = table.records(rows, table.valid(rows))
    if not conversations:
        raise CurateError(f"{path} has no valid row to measure forgetting on", 1)
    encoded = encode(conversations, tokenizer, template, max_length)
    return HeldOut(FORGETTING, FORGETTING, encoded.examples, [conversations[e.index] for e in encoded.examples])


def _paragraphs(path: str, tokenizer: Any, max_length: int) -> list[TrainingExample]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}") from None
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    rows = []
    for i, ids in enumerate(tokenizer(paragraphs, add_special_tokens=False)["input_ids"] if paragraphs else []):
        weights = np.ones(len(ids), np.float32)[:max_length]
        if len(weights) > 1:
            weights[0] = 0
            rows.append(TrainingExample(np.asarray(ids[:max_length], np.int32), weights, i))
    if not rows:
        raise CurateError(f"{path} holds no paragraph of two tokens or more", 1)
    return rows
