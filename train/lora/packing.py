"""Rows laid one after the other into one sequence, and batches shared out over workers.

Three rows of 13, 16 and 30 tokens become one sequence of 64; `.` is padding up to the rounded length of a row:

    row            0              1              2
    ids        |a a a a a . . .|b b b b b b b b|c c c c c c c c c c c c c c c .|
    positions  |0 1 2 ...    15|0 1 2 ...    15|0 1 2 ...                    31|
    groups     |(first token 0, 2 rows of 16)  |(first token 32, 1 row of 32)  |

Rows of one rounded length are a group, whose attention is computed at once as (rows, tokens, tokens).  No mask over the
whole sequence is ever made; if it were, it would have blocks on its diagonal, each looking back only:

                  a a a  b b b  c c c c
               a  x . .  . . .  . . . .
               a  x x .  . . .  . . . .        x: the token of the line sees the token of the column
               a  x x x  . . .  . . . .        .: it does not
               b  . . .  x . .  . . . .
               b  . . .  x x .  . . . .
               b  . . .  x x x  . . . .
               c  . . .  . . .  x . . .
               c  . . .  . . .  x x . .        padding stands at the end of a row, where no token of the
               c  . . .  . . .  x x x .        row looks; it has no loss
               c  . . .  . . .  x x x x
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curate.models.masking import TrainingExample
from train.lora.attention import Group

# Lengths are rounded up, since kernels are made, and kept, for every shape that occurs.
ROW_STEP, PACK_STEP, HEAD_STEP = 16, 64, 32


@dataclass(frozen=True)
class Pack:
    """Rows as one sequence of t tokens, with k trained tokens; k is rounded up with entries of weight 0.

    Attributes:
        ids: (t,) int64 token ids.
        positions: (t,) int64, which begin at 0 in every row.
        groups: (first token, rows, tokens of each), rows of one rounded length being together.
        at: (k,) int64, the tokens from which a trained one is predicted.
        targets: (k,) int64, the ids of the trained tokens.
        weights: (k,) float32, their weights in the loss.
        rows: (k,) int64, the rows that they are in.
    """

    ids: np.ndarray
    positions: np.ndarray
    groups: list[Group]
    at: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    rows: np.ndarray


def pack(examples: Sequence[TrainingExample], row_step: int = ROW_STEP) -> Pack:
    """Lay rows one after the other, shortest first; `rows` are positions in `examples`.

    Args:
        examples: the rows.
        row_step: their lengths are rounded up to a multiple of it.
    """
    lengths = [_round_up(len(example), row_step) for example in examples]
    total = sum(lengths)
    size = _round_up(total, PACK_STEP)
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
        trained = np.flatnonzero(example.weights)
        at.append(start + trained - 1)
        weights.append(example.weights[trained])
        rows.append(np.full(len(trained), row))
        start += length
    if size > total:  # a row of padding alone
        groups.append((total, 1, size - total))
        positions[total:] = np.arange(size - total)
    predictors = np.concatenate(at)
    spare = (0, _round_up(len(predictors), HEAD_STEP) - len(predictors))
    return Pack(
        ids,
        positions,
        groups,
        np.pad(predictors, spare),
        np.pad(ids[predictors + 1], spare),
        np.pad(np.concatenate(weights), spare).astype(np.float32),
        np.pad(np.concatenate(rows), spare),
    )


def share_out(examples: Sequence[TrainingExample], workers: int, max_tokens: int) -> list[list[int]]:
    """Positions of the examples in as many parts as there are workers, or more if one had over `max_tokens`.

    Longest first, each to the part with the fewest tokens, so that parts take about as long as each other.
    """
    total = sum(map(len, examples))
    count = min(len(examples), max(workers, workers * -(-total // (max_tokens * workers))))
    parts: list[list[int]] = [[] for _ in range(count)]
    tokens = [0] * count
    for i in sorted(range(len(examples)), key=lambda i: -len(examples[i])):
        shortest = tokens.index(min(tokens))
        parts[shortest].append(i)
        tokens[shortest] += len(examples[i])
    return parts


def _round_up(n: int, step: int) -> int:
    """A number rounded up to a multiple of the step."""
    return -(-n // step) * step
