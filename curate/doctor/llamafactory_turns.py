"""The turns of a row as LLaMA-Factory's converters leave them."""

from __future__ import annotations

from typing import Any, NamedTuple

RuleTurn = tuple[str, Any, str]  # role, content, JSON path


class ConvertedRow(NamedTuple):
    """A row after conversion.

    Attributes:
        prompt: the turns before the answer.
        answers: one; of a pair the chosen and the rejected one; of a labelled row the answer and an empty one.
        system: the system text.
        system_path: its JSON path.
    """

    prompt: list[RuleTurn]
    answers: list[RuleTurn]
    system: Any
    system_path: str


def at(column: str | None) -> str:
    """The JSON path of a column, of the row where the entry names none."""
    return f"$.{column}" if column else "$"
