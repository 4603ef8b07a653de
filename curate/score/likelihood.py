"""How likely a causal language model finds each response: with its prompt, and alone.

Conversations of like length go through the model together, and its output head, which on a small model with a large
vocabulary costs as much as all its layers, only looks at the tokens that are measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from curate.extras import require
from curate.score.cache import AnswerCache, key, place
from curate.score.pieces import Pieces, cut
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts
from schemas.record import loads

if TYPE_CHECKING:
    from curate.models.language_model import LanguageModel

CHUNK = 256
HEAD_TOKENS = 512
# Tokens, padding included, that go through the model at a time.
BATCH_TOKENS = 1024
VERSION = "1"


class Likelihoods(NamedTuple):
    """How likely a model finds responses.

    Attributes:
        with_prompt: (n,) loss of each response given its prompt, in nats, summed over its tokens.
        alone: (n,) the same without the prompt.
        tokens: (n,) how many tokens that is; 0 where there is nothing to measure.
    """

    with_prompt: np.ndarray
    alone: np.ndarray
    tokens: np.ndarray


def measure(texts: RowTexts, scoring: Scoring) -> Likelihoods:
    """The likelihoods of all rows; those that were measured before come from the cache.

    Every assistant turn of a row counts, each after all that comes before it.

    Args:
        texts: of n rows.
        scoring: model, greatest length, cache and progress.

    Raises:
        CurateError: where torch or transformers is missing, or the model cannot be loaded.
    """
    if "likelihood" not in texts.shared:
        texts.shared["likelihood"] = _measure(texts, scoring)
    return texts.shared["likelihood"]  # type: ignore[return-value]


def _measure(texts: RowTexts, scoring: Scoring) -> Likelihoods:
    values = np.zeros((len(texts), 3))
    if not len(texts):
        return Likelihoods(*values.T)
    options = scoring.options
    cache = AnswerCache(place("likelihood") if scoring.cache else None)
    try:
        model = _identity(options.model)
        keys = [key(VERSION, model, str(options.max_length), record) for record in texts.records]
        known = cache.get(keys)
        for i, k in enumerate(keys):
            if k in known:
                values[i] = json.loads(known[k])
        new = [i for i, k in enumerate(keys) if k not in known]
        if new:
            require("transformers", "train", "a score by a language model")
            from curate.models.language_model import load

            loaded = load(options.model)
            done = len(texts) - len(new)
            for rows, measured in _in_chunks(texts, new, loaded, options.max_length):
                values[rows] = measured
                cache.put((keys[i], json.dumps(v)) for i, v in zip(rows, measured.tolist(), strict=True))
                done += len(rows)
                scoring.progress(f"{options.model} reads", done, len(texts))
    finally:
        cache.close()
    return Likelihoods(*values.T)


def _in_chunks(
    texts: RowTexts, rows: Sequence[int], loaded: LanguageModel, max_length: int
) -> Iterator[tuple[list[int], np.ndarray]]:
    """Some of the rows at a time and their (k, 3) values; shorter rows first, so that a chunk has little padding."""
    pieces = cut([loads(texts.records[i]) for i in rows], loaded.tokenizer, max_length)
    order = sorted(range(len(rows)), key=lambda i: len(pieces[i].ids))
    for start in range(0, len(order), CHUNK):
        places = order[start : start + CHUNK]
        yield [rows[i] for i in places], chunk([pieces[i] for i in places], loaded)


def chunk(pieces: Sequence[Pieces], loaded: LanguageModel, batch_tokens: int = BATCH_TOKENS) -> np.ndarray:
    """(n, 3) loss with the prompt, loss alone, and tokens of some conversations; see Likelihoods.

    Args:
        pieces: (n,) conversations.
        loaded: the model.
        batch_tokens: how many tokens, padding included, go through the model at a time.
    """
    sequences: list[tuple[np.ndarray, np.ndarray]] = []
    owners: list[tuple[int, int]] = []  # (row, 0 with the prompt or 1 alone)
    values = np.zeros((len(pieces), 3))
    for i, piece in enumerate(pieces):
        values[i, 2] = int(piece.is_measured.sum())
        if not values[i, 2]:
            continue
        last = int(np.flatnonzero(piece.is_measured)[-1])
        # What comes after the last measured token changes nothing.
        sequences.append((piece.ids[: last + 1], piece.is_measured[: last + 1]))
        owners.append((i, 0))
        for ids in piece.turns:
            if len(ids) > 1:
                sequences.append((ids, np.arange(len(ids)) > 0))
                owners.append((i, 1))
    order = sorted(range(len(sequences)), key=lambda j: -len(sequences[j][0]))
    start = 0
    while start < len(order):
        size = max(1, batch_tokens // len(sequences[order[start]][0]))
        batch = order[start : start + size]
        for j, loss in zip(batch, losses([sequences[j] for j in batch], loaded).tolist(), strict=True):
            values[owners[j]] += loss
        start += size
    return values


def losses(batch: Sequence[tuple[np.ndarray, np.ndarray]], loaded: LanguageModel) -> Any:
    """(n,) loss of each sequence in nats, summed over the tokens that are measured.

    Args:
        batch: n sequences: token ids, and which of them are measured, never the first.
        loaded: the model.
    """
    import torch
    import torch.nn.functional as F

    width = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.bool)
    for i, (tokens, is_measured) in enumerate(batch):
        ids[i, : len(tokens)] = torch.from_numpy(tokens)
        mask[i, : len(tokens)] = torch.from_numpy(is_measured)
    ids, mask = ids.to(loaded.device), mask.to(loaded.device)
    rows, places = mask[:, 1:].nonzero(as_tuple=True)
    total = torch.zeros(len(batch), dtype=torch.float64, device=ids.device)
    with torch.inference_mode():
        # Padding is on the right, where no token before it looks, so no mask is needed.
        hidden = loaded.model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state[rows, places]
        head, targets = loaded.model.get_output_embeddings(), ids[rows, places + 1]
        for start in range(0, len(rows), HEAD_TOKENS):
            part = slice(start, start + HEAD_TOKENS)
            loss = F.cross_entropy(head(hidden[part]).float(), targets[part], reduction="none")
            total.index_add_(0, rows[part], loss.double())
    return total.cpu()


def identity_of(name: str) -> str:
    """What tells one model from another in the cache: its name, and of a folder the sizes and times of its files."""
    from curate.models.language_model import resolve

    resolved = resolve(name)
    folder = Path(resolved)
    files = sorted(folder.glob("*")) if folder.is_dir() else []
    return " ".join([resolved, *(f"{f.name}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files if f.is_file())])


def _identity(model: str) -> str:
    """The model as it is loaded, on what device and in which precision."""
    torch = require("torch", "train", "a score by a language model")
    from curate.models.language_model import best_precision

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return f"{identity_of(model)} {device} {best_precision(device)}"


def made_by(scoring: Scoring) -> str:
    """The model, for a column's metadata."""
    return f"{scoring.options.model}, at most {scoring.options.max_length} tokens"
