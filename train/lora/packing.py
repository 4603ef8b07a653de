"""Rows laid one after the other into one sequence, and batches shared out over workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from train.lora.attention import Group
from train.lora.masking import TrainingExample

# Lengths are rounded up, since kernels are made, and kept, for every shape that occurs.
ROW_STEP, PACK_STEP, HEAD_STEP = 16, 64, 32


@dataclass(frozen=True)
class Pack:
    """Rows as one sequence of t tokens.

    Attributes:
        ids: (t,) int64; positions begin at 0 in every row.
        positions: (t,) int64; positions begin at 0 in every row.
        groups: (first token, rows, tokens of each), rows of one rounded length being together.
        at: (k,) int64, the tokens from which a learnt one is predicted
        targets: (k,) its id, its share of the loss, and the row it is in. k is rounded up with entries of weight 0.
        weights: see `targets`.
        rows: see `targets`.
    """

    ids: np.ndarray
    positions: np.ndarray
    groups: list[Group]
    at: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    rows: np.ndarray


def pack(examples: Sequence[TrainingExample]) -> Pack:
    """Lay rows one after the other, shortest first; `rows` are positions in `examples`."""
    lengths = [_up(len(example), ROW_STEP) for example in examples]
    total = sum(lengths)
    size = _up(total, PACK_STEP)
    ids, positions = np.zeros(size, np.int64), np.zeros(size, np.int64)
    groups: list[Group] = []
    at, weights, rows = [], [], []
    start = 0
    for row in sorted(range(len(examples)), key=lambda i: lengths[i]):
        example, length = examples[row], lengths[row]
        ids[start : start + len(example)] = example.ids
        positions[start : start + length] = np.arange(length)
        if groups and groups[-1][2] == length:
            groups[-1] = (groups[-1][0], groups[-1][1] + 1, length)
        else:
            groups.append((start, 1, length))
        learnt = np.flatnonzero(example.weights)
        at.append(start + learnt - 1)
        weights.append(example.weights[learnt])
        rows.append(np.full(len(learnt), row))
        start += length
    if size > total:  # a row of nothing
        groups.append((total, 1, size - total))
        positions[total:] = np.arange(size - total)
    places = np.concatenate(at)
    spare = (0, _up(len(places), HEAD_STEP) - len(places))
    return Pack(
        ids,
        positions,
        groups,
        np.pad(places, spare),
        np.pad(ids[places + 1], spare),
        np.pad(np.concatenate(weights), spare).astype(np.float32),
        np.pad(np.concatenate(rows), spare),
    )


def share_out(examples: Sequence[TrainingExample], workers: int, most: int) -> list[list[int]]:
    """Positions of the examples in as many parts as there are workers, or more if one had over `most` tokens.

    Longest first, each to the part with the fewest tokens, so that parts take about as long as each other.
    """
    total = sum(map(len, examples))
    count = min(len(examples), max(workers, workers * -(-total // (most * workers))))
    parts: list[list[int]] = [[] for _ in range(count)]
    tokens = [0] * count
    for i in sorted(range(len(examples)), key=lambda i: -len(examples[i])):
        least = tokens.index(min(tokens))
        parts[least].append(i)
        tokens[least] += len(examples[i])
    return parts


def _up(n: int, step: int) -> int:
    return -(-n // step) * step
