"""The rows to hand over, what they must have for any tool, and what none of the tools takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from curate.export.job import Given, LeftOut, Unfit
from schemas.problems import CODES
from schemas.record import Conversation, Message, loads
from schemas.template_tools import listed

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
NO_TOOLS = "take the turns out, or hand the rows over to a tool that has calls of tools (llamafactory, axolotl, trl)"


def given(table: pa.Table) -> tuple[list[Given], list[LeftOut]]:
    """(the rows to hand over, those that are not valid).

    Of a ledger these are the selected rows in the order of their rank, or all that are not duplicates if none was
    selected; of a data file all rows.
    """
    names = table.column_names
    invalid = []
    if "rank" in names:
        ranks = table["rank"].to_numpy(zero_copy_only=False).astype(float)
        positions = np.argsort(ranks, kind="stable")[: int(np.count_nonzero(~np.isnan(ranks)))]
    else:
        kept = np.ones(table.num_rows, bool)
        if "duplicate_of" in names:
            kept = table["duplicate_of"].is_null().to_numpy()
        valid = table["record"].is_valid().to_numpy()
        positions = np.flatnonzero(kept & valid)
        columns = ["file", "row", "problem_path", "problem_message", "problem"]
        for row in table.select(columns).take(np.flatnonzero(~valid)).to_pylist():
            code = row["problem"] or ""
            remedy = CODES[code].remedy if code in CODES else ""
            invalid.append(
                LeftOut(row["file"], row["row"], row["problem_path"] or "$", row["problem_message"] or "", remedy, code)
            )
    chosen = table.select(["file", "row", "record"]).take(positions).to_pylist()
    return [Given(row["file"], row["row"], loads(row["record"])) for row in chosen], invalid


def sort_out(rows: Sequence[Given], convert: Callable[[Conversation], T]) -> tuple[list[T], list[LeftOut]]:
    """(the rows as `convert` writes them, those for which it raised Unfit), both in order."""
    fit, out = [], []
    for row in rows:
        try:
            fit.append(convert(row.record))
        except Unfit as unfit:
            out.append(LeftOut(row.file, row.row, unfit.path, unfit.why, unfit.remedy))
    return fit, out


def check(record: Conversation) -> None:
    """Raise Unfit for what no tool here can train on: parts that are not text, shares of a loss, nothing to learn."""
    import json

    weights = []
    for i, message in enumerate(record.messages):
        if message.parts is not None:
            for part in json.loads(message.parts):
                if part.get("type") not in ("text", "input_text"):
                    raise Unfit(
                        f"$.messages[{i}]",
                        f"the turn holds {part.get('type')!r}, and the export is of text",
                        "take the part out, or train a model of images and text on the row elsewhere",
                    )
        if message.role == "assistant":
            weights.append(weight(message))
            if weights[-1] not in (0, 1):
                raise Unfit(
                    f"$.messages[{i}]",
                    f"the turn has weight {weights[-1]:g}, and the tool learns a turn or does not",
                    "set the weight to 0 or 1, or train with `curate train`",
                )
    if not any(weights):
        raise Unfit("$.messages", "no turn of it is learnt: all weights are 0", "set a weight to 1, or drop the row")
    if record.tools and listed(record.tools) is None:
        raise Unfit("$.tools", "the tools are no JSON list of objects", "write them as a list of functions")


def weight(message: Message) -> float:
    """The weight of an assistant turn, 1 where none is given."""
    return 1.0 if message.weight is None else float(message.weight)


def lost(rows: Sequence[Given], names_kept: bool = False) -> Counter[str]:
    """What of the rows is not handed over because it is never trained on, with the number of rows that have it.

    Args:
        names_kept: whether the tool has a place for the name of a turn and the id of the call that it answers.
    """
    also = () if names_kept else ("name", "tool_call_id")
    found: Counter[str] = Counter()
    for row in rows:
        record = row.record
        names = [name for name in ("category", "source", "id") if getattr(record, name) is not None]
        names += record.extra or ()
        for message in record.messages:
            names += [f"messages[].{name}" for name in also if getattr(message, name) is not None]
            names += [f"messages[].{name}" for name in message.extra or ()]
            if message.parts is not None:
                names.append("messages[].parts (their text is kept)")
            if message.role != "assistant" and message.weight is not None:
                names.append(f"messages[].weight of {message.role} turns")
        found.update(set(names))
    return found
