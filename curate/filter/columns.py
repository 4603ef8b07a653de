"""The columns that conditions name: those of the table, fields of the rows, and scores that are measured for them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Engine
from curate.errors import CurateError
from curate.progress import Progress, silent
from curate.score.options import Score
from curate.score.registry import SCORES, column
from curate.score.scatter import with_scores
from curate.score.score import add_scores
from curate.table.fields import field_value
from curate.table.table import records

# Whether a row certainly has a fault: a column made of `faults`.
FAULTY = "faulty"
# What scores may need to be measured for a condition; models and judges are asked for by `curate score` only.
MEASURED = ("", "tokenizer", "embedder")
SHOWN = 40
# The columns that hold the texts which formats have under other names.
TEXTS = dict.fromkeys(("instruction", "input", "question", "query"), "prompt") | dict.fromkeys(
    ("output", "completion", "answer", "text"), "response"
)


class NamedColumns:
    """What names in conditions stand for, in rows of a table.

    A name is looked for among the columns of the table, then it may be `faulty`, a field of the rows, and last a score,
    which is measured.  Case does not count unless two names differ in nothing else.

    Args:
        table: n rows.
        positions: (k,) of the rows that conditions look at; they have records.

    Attributes:
        table: the table, with the scores that were measured.
    """

    def __init__(self, table: pa.Table, positions: np.ndarray) -> None:
        self.table = table
        self._positions = positions
        self._fields: dict[str, list[str | None]] | None = None

    def measure(
        self,
        names: Iterable[str],
        embedder: str = "auto",
        progress: Progress = silent,
        workers: Engine | None = None,
    ) -> None:
        """Measure the scores among these names that the table and the rows do not have.

        Args:
            names: those of all conditions.
            embedder: for scores that need one.
            progress: called with what is being done, how much of it is done, and how much there is.
            workers: where rows are measured; this process if None.

        Raises:
            CurateError: for a name that is nothing, and for a score that only `curate score` measures.
        """
        missing = list(dict.fromkeys(score for name in names if (score := self._missing_score(name))))
        if missing:
            candidates = (workers or LocalEngine()).rows(self.table.take(pa.array(self._positions)))
            options = Score(with_=missing, combine="none")
            scored = add_scores(candidates, options, embedder, progress=progress)
            self.table = with_scores(self.table, self._positions, scored.thin)

    def values(self, names: Sequence[str], rows: np.ndarray) -> pa.Table:
        """The columns of these names, which `measure` has seen.

        Args:
            names: as conditions write them.
            rows: (m,) of the positions, as indices into them.
        """
        positions = pa.array(self._positions[rows])
        columns = {}
        written: dict[str, str] = {}
        for name in names:
            own = self._own(name)
            other = written.setdefault(name.lower(), name)
            if other != name and own == self._own(other):
                continue
            if other != name:
                raise CurateError(f"{other!r} and {name!r} are two columns, but one and the same in SQL; rename one")
            if own is not None:
                columns[name] = _measured(self.table[own].take(positions))
            elif name.lower() == FAULTY:
                columns[name] = pc.greater(pc.list_value_length(self.table["faults"].take(positions)), 0)
            else:
                texts = self._row_fields()[like(name, self._row_fields())]  # type: ignore[index]
                columns[name] = _typed([texts[i] for i in rows.tolist()], name, self._place, rows)
        return pa.table({**columns, "": pa.nulls(len(rows))})

    def _place(self, row: int) -> str:
        """Where a row is from, by its index into the positions."""
        position = int(self._positions[row])
        return f"{self.table['file'][position]}:{self.table['row'][position]}"

    def _own(self, name: str) -> str | None:
        """The column of the table that a name stands for."""
        return like(name, self.table.column_names)

    def _missing_score(self, name: str) -> str | None:
        """The score to be measured for a name; None where there is a column or a field."""
        if self._own(name) is not None:
            return None
        if name.lower() == FAULTY:
            return None if "faults" in self.table.column_names else "faults"
        if like(name, self._row_fields()) is not None:
            return None
        score = like(name, SCORES)
        if score is None:
            raise unknown_column(name, [*self.table.column_names, FAULTY, *self._row_fields(), *SCORES])
        if column(score).needs not in MEASURED:
            raise unmeasured(score)
        return score

    def _row_fields(self) -> dict[str, list[str | None]]:
        """The fields that the format of the rows does not name, each with its JSON text in each row."""
        if self._fields is None:
            self._fields = {}
            for i, record in enumerate(records(self.table, self._positions)):
                for name, text in (record.extra or {}).items():
                    if name not in self._fields:
                        self._fields[name] = [None] * len(self._positions)
                    self._fields[name][i] = text
        return self._fields


def unknown_column(name: str, known: Iterable[str]) -> CurateError:
    """The error for a name that stands for nothing.

    Args:
        name: as a condition writes it.
        known: all that it could have been.
    """
    names = list(dict.fromkeys(known))
    meant = TEXTS.get(name.lower())
    close = [meant] if meant else difflib.get_close_matches(name.lower(), names, 3)
    hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    # Text in double quotes is a name in SQL, which few expect.
    hint = hint or f"if it is a text, write '{name}' with single quotes; "
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return CurateError(f"unknown column {name!r}; {hint}columns are {', '.join(names[:SHOWN])}{more}")


def unmeasured(score: str) -> CurateError:
    """The error for a score that is not measured for a condition."""
    return CurateError(f"the rows have no {score} yet; measure it first: curate score IN scored.parquet --with {score}")


def like(name: str, names: Iterable[str]) -> str | None:
    """The one of the names that is this one: letter by letter, or else but for case."""
    known = list(names)
    return name if name in known else next((other for other in known if other.lower() == name.lower()), None)


def _measured(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values with null for what is not a number, which in SQL is above all numbers."""
    return pc.if_else(pc.is_nan(values), None, values) if pa.types.is_floating(values.type) else values


def _typed(texts: Sequence[str | None], name: str, place: Callable[[int], str], rows: np.ndarray) -> pa.Array:
    """JSON values as a column of numbers, flags, texts or lists; of texts where they are of several kinds.

    Args:
        texts: (n,) JSON texts.
        name: of the field, for errors.
        place: says where a row is from.
        rows: (n,) what `place` knows each row by.
    """
    values = [
        None if text is None else field_value(text, name, partial(place, row))
        for text, row in zip(texts, rows.tolist(), strict=True)
    ]
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        plain = [
            value if value is None or isinstance(value, str) else text
            for value, text in zip(values, texts, strict=True)
        ]
        return pa.array([None if text is None else text.encode("utf-8", "replace").decode() for text in plain])
