"""The score that a local reward model or text classifier gives a row."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.extras import require
from curate.models.hub_model import check_hub_model
from curate.score.cache import AnswerCache, key, place
from curate.score.column import Column
from curate.score.likelihood import identity_of
from curate.score.pieces import written
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts
from schemas.record import loads

COLUMN = Column(
    "reward",
    "what a reward model gives the row; of a classifier with several labels, the mean label by its probabilities",
    "the model's own",
    "higher",
    "the model's; read its card for the scale",
    needs="reward",
)
BATCH = 16


def values(texts: RowTexts, scoring: Scoring) -> list[float | None]:
    """(n,) reward of each row; None where the model's number is not finite.

    The conversation is written in the model's own chat template, or as prompt and response in two parts where it has
    none.  Longer rows are cut at max_length tokens.

    Args:
        texts: of n rows.
        scoring: model, greatest length, cache and progress.

    Raises:
        CurateError: if no model is named or it cannot be loaded.
    """
    name, max_length = scoring.options.reward, scoring.options.max_length
    if not name:
        raise CurateError("the score `reward` needs a model: --reward FOLDER, or a hub id")
    cache = AnswerCache(place("reward") if scoring.cache else None)
    try:
        identity = f"{identity_of(name)} {max_length}"
        keys = [key("1", identity, record) for record in texts.records]
        known = cache.get(keys)
        new = [i for i, k in enumerate(keys) if k not in known]
        if new:
            model, tokenizer = _load(name)
            new.sort(key=lambda i: len(texts.records[i]))
            for start in range(0, len(new), BATCH):
                rows = new[start : start + BATCH]
                rewards = _rewards([_inputs(texts, i, tokenizer) for i in rows], model, tokenizer, max_length)
                entries = [(keys[i], json.dumps(value)) for i, value in zip(rows, rewards, strict=True)]
                known.update(entries)
                cache.put(entries)
                scoring.progress(f"{name} reads", len(texts) - len(new) + start + len(rows), len(texts))
        return [json.loads(known[k]) for k in keys]
    finally:
        cache.close()


def _load(name: str) -> tuple[Any, Any]:
    torch = require("torch", "train", "the score `reward`")
    transformers = require("transformers", "train", "the score `reward`")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    check_hub_model(name, "the reward model")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(name)
    except (OSError, ValueError, ImportError) as error:
        first = str(error).strip().split("\n")[0]
        raise CurateError(f"cannot load the reward model {name!r}: {first}; give a folder or a hub id") from None
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if model.config.pad_token_id is None:
        model.config.pad_token_id = tokenizer.pad_token_id
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer


def _inputs(texts: RowTexts, i: int, tokenizer: Any) -> tuple[str, str | None]:
    if getattr(tokenizer, "chat_template", None):
        return written(loads(texts.records[i]), tokenizer).text, None
    return texts.prompts[i], texts.responses[i]


def _rewards(inputs: list[tuple[str, str | None]], model: Any, tokenizer: Any, max_length: int) -> list[float | None]:
    import torch

    first = [text for text, _ in inputs]
    second = None if inputs[0][1] is None else [text for _, text in inputs]
    batch = tokenizer(
        first,
        second,
        return_tensors="pt",
        padding=True,
        truncation=True,
        max_length=max_length,
        add_special_tokens=second is not None,
    ).to(model.device)
    with torch.inference_mode():
        logits = model(**batch).logits.float()
    if logits.shape[1] == 1:
        rewards = logits[:, 0]
    else:
        rewards = logits.softmax(1) @ torch.arange(logits.shape[1], dtype=torch.float32, device=logits.device)
    return [value if np.isfinite(value) else None for value in rewards.tolist()]


def made_by(scoring: Scoring) -> str:
    """The model, for a column's metadata."""
    return f"{scoring.options.reward}, at most {scoring.options.max_length} tokens"
