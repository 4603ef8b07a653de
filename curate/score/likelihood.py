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

from curate.score.cache import Cache, key, place
from curate.score.options import Options
from curate.score.pieces import Pieces, cut
from curate.score.rows import Rows
from schemas.record import loads

if TYPE_CHECKING:
    from curate.models.language_model import LanguageModel

CHUNK = 256
HEAD_TOKENS = 512
VERSION = "1"


class Likelihoods(NamedTuple):
    """Attributes:
    given: (n,) loss of each response in nats, summed over its tokens, with its prompt and without.
    alone: see `given`.
    tokens: (n,) how many tokens that is; 0 where there is nothing to measure.
    """

    given: np.ndarray
    alone: np.ndarray
    tokens: np.ndarray


def measure(rows: Rows, options: Options) -> Likelihoods:
    """The likelihoods of all rows, those that were measured before from the cache.

    Every assistant turn of a row counts, each after all that comes before it.

    Raises:
        ModelError: if the model cannot be loaded.
    """
    if "likelihood" not in rows.kept:
        rows.kept["likelihood"] = _measure(rows, options)
    return rows.kept["likelihood"]  # type: ignore[return-value]


def _measure(rows: Rows, options: Options) -> Likelihoods:
    found = np.zeros((len(rows), 3))
    if not len(rows):
        return Likelihoods(*found.T)
    cache = Cache(place("likelihood") if options.cache else None)
    try:
        model = _identity(options)
        keys = [key(VERSION, model, str(options.max_length), record) for record in rows.records]
        known = cache.get(keys)
        for i, k in enumerate(keys):
            if k in known:
                found[i] = json.loads(known[k])
        new = [i for i, k in enumerate(keys) if k not in known]
        if new:
            from curate.models.language_model import load

            loaded = load(options.model)
            done = len(rows) - len(new)
            for some, values in _in_chunks(rows, new, loaded, options):
                found[some] = values
                cache.put((keys[i], json.dumps(v)) for i, v in zip(some, values.tolist(), strict=True))
                done += len(some)
                options.progress(f"{options.model} reads", done, len(rows))
    finally:
        cache.close()
    return Likelihoods(*found.T)


def _in_chunks(
    rows: Rows, positions: Sequence[int], loaded: LanguageModel, options: Options
) -> Iterator[tuple[list[int], np.ndarray]]:
    """Positions of some rows and their (k, 3) values; shorter rows first, so that a chunk has little padding."""
    pieces = cut([loads(rows.records[i]) for i in positions], loaded.tokenizer, options.max_length)
    order = sorted(range(len(positions)), key=lambda i: len(pieces[i].given))
    for start in range(0, len(order), CHUNK):
        some = order[start : start + CHUNK]
        yield [positions[i] for i in some], chunk([pieces[i] for i in some], loaded, options.batch_tokens)


def chunk(pieces: Sequence[Pieces], loaded: LanguageModel, batch_tokens: int = 1024) -> np.ndarray:
    """(n, 3) given, alone and tokens of some conversations; see Likelihoods."""
    sequences: list[tuple[np.ndarray, np.ndarray]] = []
    owners: list[tuple[int, int]] = []  # (row, 0 given or 1 alone)
    found = np.zeros((len(pieces), 3))
    for i, piece in enumerate(pieces):
        found[i, 2] = int(piece.said.sum())
        if not found[i, 2]:
            continue
        last = int(np.flatnonzero(piece.said)[-1])
        sequences.append((piece.given[: last + 1], piece.said[: last + 1]))  # what comes after changes nothing
        owners.append((i, 0))
        for ids in piece.alone:
            if len(ids) > 1:
                sequences.append((ids, np.arange(len(ids)) > 0))
                owners.append((i, 1))
    order = sorted(range(len(sequences)), key=lambda j: -len(sequences[j][0]))
    start = 0
    while start < len(order):
        size = max(1, batch_tokens // len(sequences[order[start]][0]))
        batch = order[start : start + size]
        for j, loss in zip(batch, losses([sequences[j] for j in batch], loaded).tolist(), strict=True):
            found[owners[j]] += loss
        start += size
    return found


def losses(batch: Sequence[tuple[np.ndarray, np.ndarray]], loaded: LanguageModel) -> Any:
    """(rows,) loss of each sequence in nats, summed over the tokens that are measured.

    Args:
        batch: token ids, and which of them are measured, never the first.
    """
    import torch
    import torch.nn.functional as F

    width = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    said = torch.zeros(len(batch), width, dtype=torch.bool)
    for i, (tokens, measured) in enumerate(batch):
        ids[i, : len(tokens)] = torch.from_numpy(tokens)
        said[i, : len(tokens)] = torch.from_numpy(measured)
    ids, said = ids.to(loaded.device), said.to(loaded.device)
    rows, at = said[:, 1:].nonzero(as_tuple=True)
    total = torch.zeros(len(batch), dtype=torch.float64, device=ids.device)
    with torch.inference_mode():
        # Padding is on the right, where no token before it looks, so no mask is needed.
        hidden = loaded.model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state[rows, at]
        head, targets = loaded.model.get_output_embeddings(), ids[rows, at + 1]
        for part in range(0, len(rows), HEAD_TOKENS):
            some = slice(part, part + HEAD_TOKENS)
            loss = F.cross_entropy(head(hidden[some]).float(), targets[some], reduction="none")
            total.index_add_(0, rows[some], loss.double())
    return total.cpu()


def identity_of(name: str) -> str:
    """What tells one model from another in the cache: its name, and of a folder the sizes and times of its files."""
    from curate.models.language_model import resolve

    where = resolve(name)
    folder = Path(where)
    files = sorted(folder.glob("*")) if folder.is_dir() else []
    return " ".join([where, *(f"{f.name}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files if f.is_file())])


def _identity(options: Options) -> str:
    """The model as it is loaded, on what device and in which precision."""
    import torch

    from curate.models.language_model import best_precision

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return f"{identity_of(options.model)} {device} {best_precision(device)}"


def made(options: Options) -> str:
    """The model, for a column's metadata."""
    return f"{options.model}, at most {options.max_length} tokens"
