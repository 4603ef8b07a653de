"""How unusual a row is among those of its script, and whether its answer is short for what is asked."""

from __future__ import annotations

import numpy as np

from curate.score.quality import request, shape

# Features of which what is usual is better.
_NAMES = (*shape.NAMES, *request.NAMES)
_USUAL = (*shape.USUAL, *request.USUAL)
_ASKED = ("prompt_length", "asks_short", "asks_long", "asks_code", "items_asked", "prompt_question")
UNUSUAL = {**{f"unusual_{name}": -1 for name in _USUAL}, "too_short": 1}
# Rows of a script from which on they say what is usual in it.
ENOUGH = 20
# Deviations beyond which nothing is more unusual, and those that an answer may be short by.
MOST, ALLOWED = 8, 0.7


class Usual:
    """What is usual among rows, and how far others are from it.

    Args:
        rows: (n, f) features of the rows, those of `shape` and `request` first.
    """

    def __init__(self, rows: np.ndarray) -> None:
        self._columns = [_NAMES.index(name) for name in _USUAL]
        self._middle, self._spread = {}, {}
        for script in (False, True):
            members = rows[_is_han(rows) == script]
            values = (members if len(members) > ENOUGH else rows)[:, self._columns]
            self._middle[script] = np.median(values, 0)
            self._spread[script] = np.median(np.abs(values - self._middle[script]), 0) * 1.5 + 0.02
        context = _context(rows)
        # Ridge regression of the length of an answer on what is asked.
        self._expected = np.linalg.solve(context.T @ context + 5 * np.eye(context.shape[1]), context.T @ rows[:, 0])
        self._deviation = float(np.std(rows[:, 0] - context @ self._expected)) + 1e-6

    def added(self, rows: np.ndarray) -> np.ndarray:
        """(n, f + len(UNUSUAL)) float32: the features with those of UNUSUAL."""
        unusual = np.empty((len(rows), len(self._columns)), np.float32)
        for script in (False, True):
            members = _is_han(rows) == script
            unusual[members] = np.abs(rows[members][:, self._columns] - self._middle[script]) / self._spread[script]
        short = np.minimum((rows[:, 0] - _context(rows) @ self._expected) / self._deviation + ALLOWED, 0)
        return np.hstack([rows, np.minimum(unusual, MOST), short[:, None].astype(np.float32)])


def _is_han(rows: np.ndarray) -> np.ndarray:
    return rows[:, _NAMES.index("han")] > 0.5


def _context(rows: np.ndarray) -> np.ndarray:
    asked = [_NAMES.index(name) for name in _ASKED]
    return np.hstack([np.ones((len(rows), 1)), _is_han(rows)[:, None], rows[:, asked]]).astype(np.float64)
