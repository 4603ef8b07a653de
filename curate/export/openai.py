"""OpenAI's fine-tuning service: a file of chat messages within its limits, and a script that starts the job.

Source: OpenAI's pages on supervised fine-tuning and its best practices (2026-11), and its API reference: files.create,
FineTuneChatRequestInput.  The service is being wound down: who has an account with it can start jobs, others cannot.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import CurateError
from curate.export.folder import Folder
from curate.export.job import ExportRow, Job, Outcome, Unfit
from curate.export.jsonl import write_jsonl
from curate.export.messages import tools
from curate.export.rows import converted_rows
from curate.export.script import script
from curate.export.trainable import check_trainable, untrained_fields
from schemas.calls import openai_call
from schemas.record import Conversation
from schemas.trainable import THOUGHT, SaidTurn

DATA = "train.jsonl"
SCRIPT = "train.py"
TITLE = "OpenAI"
MIN_ROWS = 10  # "The minimum number of examples you can provide for fine-tuning is 10"
MAX_BYTES = 512_000_000  # "Individual files can be up to 512 MB"
MAX_TOKENS = 65_536  # "Examples context length" of GPT-4.1 and GPT-4o; what is longer loses its end
MAX_TOOLS = 128
SUFFIX_LENGTH = 64

_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SPEAKER = re.compile(r"[^\s<|\\/>]{1,64}")


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write the rows and the script.

    Raises:
        CurateError: for a template or a model that OpenAI does not take, for fewer rows than it takes, and for a file
            larger than it takes.
    """
    _check_job(job)
    written, left_out = converted_rows(rows, row)
    path = folder.add(DATA)
    write_jsonl(path, written)
    check_limits(len(written), path.stat().st_size)
    suffix = re.sub(r"[^a-zA-Z0-9-]+", "-", job.name).strip("-")[:SUFFIX_LENGTH]
    folder.text(SCRIPT, script("openai_train.py", {"MODEL": job.model, "SUFFIX": suffix or "curated"}))
    return Outcome(
        command=f"python {SCRIPT}",
        at=str(folder.path),
        rows=len(written),
        written=len(written),
        left_out=left_out,
        lost=_lost(rows),
        notes=_long_rows(path),
        max_length=MAX_TOKENS,
    )


def row(record: Conversation) -> dict[str, Any]:
    """The row as OpenAI reads it.  Raises Untrainable for what the service would refuse, and for thoughts."""
    said = check_trainable(record)
    turns: list[dict[str, Any]] = []
    unanswered: list[str] = []  # ids of the calls before this turn
    for turn in said.turns:
        path = f"$.messages[{turn.index}]"
        if unanswered and turn.role != "tool":
            raise Unfit(path, "it comes before the results of all calls, which OpenAI refuses", "add the results")
        written = _turn(turn, path, record)
        if turn.role == "tool":
            written["tool_call_id"] = _answered(turn, unanswered, path)
        unanswered += [call["id"] for call in written.get("tool_calls", ())]
        turns.append(written)
    if turns[-1]["role"] != "assistant":
        raise Unfit(f"$.messages[{len(turns) - 1}]", "OpenAI wants a reply as the last turn", "remove what follows it")
    values: dict[str, Any] = {"messages": turns}
    offered = tools(record)
    if len(offered) > MAX_TOOLS:
        raise Unfit("$.tools", f"{len(offered)} tools are offered, and OpenAI takes {MAX_TOOLS}", "offer fewer")
    for i, tool in enumerate(offered):
        _check_name(tool["function"].get("name"), f"$.tools[{i}].function.name")
    if offered:
        values["tools"] = offered
        parallel = (record.extra or {}).get("parallel_tool_calls")
        if parallel in ("true", "false"):
            values["parallel_tool_calls"] = parallel == "true"
    return values


def _turn(turn: SaidTurn, path: str, record: Conversation) -> dict[str, Any]:
    thought = turn.piece(THOUGHT)
    if thought and thought.text.strip():
        raise Unfit(
            f"{path}.reasoning",
            "the turn has a thought, for which OpenAI's files have no place",
            "leave the thoughts out (--reasoning drop), or make them text of the reply (--reasoning inline)",
        )
    written: dict[str, Any] = {"role": turn.role}
    if turn.content() or not turn.calls():
        written["content"] = turn.content()
    if turn.calls():
        written["tool_calls"] = [_call(call, turn, i, path) for i, call in enumerate(json.loads(turn.calls()))]
    if turn.name is not None and turn.role != "tool":
        if not _SPEAKER.fullmatch(turn.name):
            what = f"the name {turn.name!r} is longer than 64 characters, or has white space or one of <|\\/>"
            raise Unfit(f"{path}.name", f"{what}, which OpenAI refuses", "choose another name, or remove it")
        written["name"] = turn.name
    if turn.role == "assistant" and record.messages[turn.index].weight is not None:
        written["weight"] = int(turn.weight)
    return written


def _call(call: dict[str, Any], turn: SaidTurn, i: int, path: str) -> dict[str, Any]:
    """A call in OpenAI's shape, with an id where it has none."""
    function = call["function"]
    _check_name(function["name"], f"{path}.tool_calls[{i}].function.name")
    arguments = function.get("arguments", "{}")
    text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
    return openai_call(function["name"], text, call.get("id") or f"call_{turn.index}_{i}")


def _check_name(name: Any, path: str) -> None:
    if not isinstance(name, str) or not _FUNCTION_NAME.fullmatch(name):
        raise Unfit(
            path,
            f"the name {name!r} has characters other than letters, digits, _ and -, or more than 64, which OpenAI "
            "refuses",
            "rename the function",
        )


def _answered(turn: SaidTurn, unanswered: list[str], path: str) -> str:
    """The id of the call that a result answers, taken off `unanswered`: the first where the result names none."""
    wanted = turn.call_id if turn.call_id is not None else next(iter(unanswered), None)
    if wanted is None or wanted not in unanswered:
        raise Unfit(path, "the result answers no call before it, which OpenAI refuses", "add the call, or its id")
    unanswered.remove(wanted)
    return wanted


def _check_job(job: Job) -> None:
    if job.template is not None:
        raise CurateError("OpenAI writes conversations by a template of its own; leave --template out")
    if "/" in job.model:
        raise CurateError(f"OpenAI tunes models of its own, not {job.model!r}; name one with --model")


def check_limits(rows: int, size: int) -> None:
    """Check a file against what OpenAI takes.

    Args:
        rows: of the file; 0 is left to the caller.
        size: in bytes.

    Raises:
        CurateError: if there are too few rows or too many bytes.
    """
    if 0 < rows < MIN_ROWS:
        found = f"{rows} row{'s' if rows > 1 else ''}"
        raise CurateError(f"OpenAI takes {MIN_ROWS} rows or more, and {found} can be handed over; add rows", 1)
    if size > MAX_BYTES:
        raise CurateError(
            f"OpenAI takes files of up to {MAX_BYTES:,} bytes, and these rows are {size:,}; "
            "select fewer (curate select --size)",
            1,
        )


def _long_rows(path: Path) -> list[str]:
    """What to know of rows that may be too long.  A token is one byte or more, so that none of the others can be."""
    with path.open("rb") as file:
        lines = [number for number, line in enumerate(file, 1) if len(line) > MAX_TOKENS]
    if not lines:
        return []
    first = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
    return [f"OpenAI cuts off the end of rows longer than {MAX_TOKENS:,} tokens, as lines {first} of {DATA} may be."]


def _lost(rows: Sequence[ExportRow]) -> Counter[str]:
    counts = untrained_fields(rows, names_kept=True)
    for row in rows:
        lost = set()
        for message in row.record.messages:
            if message.role == "tool" and message.name is not None:
                lost.add("messages[].name of tool turns")
            for call in json.loads(message.tool_calls or "[]"):
                lost |= {f"messages[].tool_calls[].{name}" for name in call.keys() - {"id", "type", "function"}}
                further = call["function"].keys() - {"name", "arguments"}
                lost |= {f"messages[].tool_calls[].function.{name}" for name in further}
        counts.update(lost)
        if tools(row.record) and (row.record.extra or {}).get("parallel_tool_calls") in ("true", "false"):
            counts["parallel_tool_calls"] -= 1
    return +counts
