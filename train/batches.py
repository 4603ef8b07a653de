"""Groups rows into what goes through the model at once, packed end to end or padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.masking import Example


@dataclass(frozen=True)
class Batch:
    """Rows for one pass through the model.

    ids, positions: (1, tokens) when packed, (rows, longest) when padded.
    mask: None when packed, else (rows, longest), 1 where a token is real.
    lengths: tokens of each row.
    chosen: indexes into the flattened ids, the positions from which a learnt token is predicted.
    targets, weights: what is predicted there and its share of the loss.
    owner: for each of those, the position of its row in `rows`.
    rows: positions of the rows among the examples.
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor | None
    lengths: tuple[int, ...]
    chosen: Tensor
    targets: Tensor
    weights: Tensor
    owner: np.ndarray
    rows: tuple[int, ...]

    @property
    def tokens(self) -> int:
        """Real tokens in the batch."""
        return sum(self.lengths)


def group(examples: Sequence[Example], rows: Sequence[int], budget: int, packed: bool) -> Iterator[list[int]]:
    """Splits rows into groups of at most `budget` tokens (padding counted), of like lengths.

    A row longer than the budget is a group of its own.
    """
    ordered = sorted(rows, key=lambda r: len(examples[r]))
    current: list[int] = []
    total = 0
    for row in ordered:
        length = len(examples[row])
        cost = total + length if packed else length * (len(current) + 1)
        if current and cost > budget:
            yield current
            current, total = [], 0
        current.append(row)
        total += length
    if current:
        yield current


def build(examples: Sequence[Example], rows: Sequence[int], packed: bool, pad: int, device: str) -> Batch:
    """The batch of these rows on `device`.  pad: token id that fills padded rows."""
    chosen_rows = [examples[r] for r in rows]
    lengths = [len(e) for e in chosen_rows]
    width = max(lengths)
    starts = np.cumsum([0, *lengths[:-1]]) if packed else np.arange(len(rows)) * width
    ids = np.full((1, sum(lengths)) if packed else (len(rows), width), pad, np.int64)
    positions = np.zeros(ids.shape, np.int64)
    mask = None if packed else np.zeros(ids.shape, np.int64)
    chosen, targets, weights, owner = [], [], [], []
    for i, (example, start, length) in enumerate(zip(chosen_rows, starts, lengths, strict=True)):
        place = slice(start, start + length)
        ids.reshape(-1)[place] = example.ids
        positions.reshape(-1)[place] = np.arange(length)
        if mask is not None:
            mask.reshape(-1)[place] = 1
        learnt = np.flatnonzero(example.weights[1:])  # position p predicts token p + 1
        chosen.append(start + learnt)
        targets.append(example.ids[learnt + 1])
        weights.append(example.weights[learnt + 1])
        owner.append(np.full(len(learnt), i))

    def tensor(array: np.ndarray, kind: torch.dtype) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device=device, dtype=kind)

    return Batch(
        ids=tensor(ids, torch.long),
        positions=tensor(positions, torch.long),
        mask=None if mask is None else tensor(mask, torch.long),
        lengths=tuple(lengths),
        chosen=tensor(np.concatenate(chosen), torch.long),
        targets=tensor(np.concatenate(targets), torch.long),
        weights=tensor(np.concatenate(weights), torch.float32),
        owner=np.concatenate(owner),
        rows=tuple(rows),
    )
