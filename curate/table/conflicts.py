"""Prompts that have different answers in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.text.normal import normal


class Conflict(NamedTuple):
    """A prompt with different answers.

    Attributes:
        prompt: as its first row has it.
        answers: (k,) for each distinct answer the positions of the rows that have it, the commonest first.
    """

    prompt: str
    answers: list[list[int]]


def conflicts(table: pa.Table, positions: Sequence[int] | np.ndarray) -> list[Conflict]:
    """Prompts that have different answers, those of most answers first.

    Prompts and answers are the same that are so in normal form, in which case, width and white space do not count; rows
    without a prompt are left out.

    Args:
        table: of which the columns `prompt` and `response` are read.
        positions: of the rows to look at.
    """
    rows = table.select(["prompt", "response"]).take(pa.array(positions, pa.int64()))
    prompts, responses = rows["prompt"].to_pylist(), rows["response"].to_pylist()
    groups: dict[str, list[int]] = {}
    for i, prompt in enumerate(prompts):
        text = normal(prompt or "")
        if text:
            groups.setdefault(text, []).append(i)
    results = []
    for members in groups.values():
        answers: dict[str, list[int]] = {}
        for i in members if len(members) > 1 else ():
            answers.setdefault(normal(responses[i] or ""), []).append(i)
        if len(answers) > 1:
            ordered = sorted(answers.values(), key=lambda rows_of_answer: -len(rows_of_answer))
            where = [[int(positions[i]) for i in rows_of_answer] for rows_of_answer in ordered]
            results.append(Conflict(prompts[members[0]] or "", where))
    return sorted(results, key=lambda conflict: -len(conflict.answers))
