"""The score that a local reward model or text classifier gives a row."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.score.cache import Cache, key, place
from curate.score.column import Column
from curate.score.options import Options
from curate.score.rows import Rows
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


def values(rows: Rows, options: Options) -> list[float | None]:
    """(n,) reward of each row.

    The conversation is written in the model's own chat template, or as prompt and response in two parts where it has
    none.  Longer rows are cut at max_length tokens.

    Raises:
        CurateError: if no model is named or it cannot be loaded.
    """
    if not options.reward:
        raise CurateError("the score `reward` needs a model: --reward FOLDER, or a hub id")
    cache = Cache(place("reward") if options.cache else None)
    try:
        keys = [key("1", _identity(options), record) for record in rows.records]
        known = cache.get(keys)
        new = [i for i, k in enumerate(keys) if k not in known]
        if new:
            model, tokenizer = _load(options.reward)
            new.sort(key=lambda i: len(rows.records[i]))
            for start in range(0, len(new), BATCH):
                some = new[start : start + BATCH]
                found = _rewards([_inputs(rows, i, tokenizer) for i in some], model, tokenizer, options.max_length)
                said = [(keys[i], json.dumps(value)) for i, value in zip(some, found, strict=True)]
                known.update(said)
                cache.put(said)
                options.progress(f"{options.reward} reads", len(rows) - len(new) + start + len(some), len(rows))
        return [json.loads(known[k]) for k in keys]
    finally:
        cache.close()


def _identity(options: Options) -> str:
    from curate.score.likelihood import identity_of

    return f"{identity_of(options.reward)} {options.max_length}"


def _load(name: str) -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise CurateError(f"the score `reward` needs {error.name}: pip install 'curate-sft[train]'") from None
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
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


def _inputs(rows: Rows, i: int, tokenizer: Any) -> tuple[str, str | None]:
    if getattr(tokenizer, "chat_template", None):
        from curate.score.pieces import written

        return written(loads(rows.records[i]), tokenizer).text, None
    return rows.prompts[i], rows.responses[i]


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
        found = logits[:, 0]
    else:
        found = logits.softmax(1) @ torch.arange(logits.shape[1], dtype=torch.float32, device=logits.device)
    return [value if np.isfinite(value) else None for value in found.tolist()]


def made(options: Options) -> str:
    """The model, for a column's metadata."""
    return f"{options.reward}, at most {options.max_length} tokens"
