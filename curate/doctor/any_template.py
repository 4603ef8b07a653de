"""What every chat template writes in the same way, and what depends on the model's own.

Source: the chat templates that TRL 1.16 carries, read side by side.  Each writes user turns and replies that
alternate, after at most one system turn; they differ in tools, calls, thoughts, parts, roles of other names and in the
order of turns that they refuse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from curate.doctor.finding import Fault, kind_of
from schemas.problems import shown
from schemas.thoughts import BEGIN, END, FIELDS
from schemas.weights import ALIASES

NAME_IT = "name the template, or convert the row"
CALLS = ("tool_calls", "function_call")


def paths(path: str, turns: Sequence[Any]) -> list[str]:
    """The JSON paths of the items of a list."""
    return [f"{path}[{i}]" for i in range(len(turns))]


def check_turns(turns: Sequence[dict[str, Any]], places: Sequence[str]) -> None:
    """Raise Fault for the first turn that templates write in different ways.

    Args:
        turns: those of a row, of role (by its usual names user, assistant and system) and content.
        places: their JSON paths.
    """
    expected = "user"
    for i, (turn, at) in enumerate(zip(turns, places, strict=True)):
        name, text = turn.get("role"), turn.get("content")
        if not isinstance(text, str):
            raise _unknown(f"{at}.content", f"the content is {kind_of(text)}")
        for field in (*CALLS, *FIELDS):
            if turn.get(field):
                raise _unknown(f"{at}.{field}", f"the turn has {field}")
        if name == "system" and i == 0:
            continue
        if name != expected:
            known = name in ("user", "assistant", "system", "tool") and isinstance(name, str)
            what = f"turn {i + 1} is by {name!r}" + (
                f" where {expected} is expected" if known else ", a role of its own"
            )
            raise _unknown(f"{at}.role", what)
        expected = "assistant" if expected == "user" else "user"
        if BEGIN in text or END in text:
            raise _unknown(f"{at}.content", "the text has a thought inline")


def _unknown(path: str, what: str) -> Fault:
    return Fault("unknown", path, f"{what}: what is written depends on the model's chat template", NAME_IT)


def check_tools(tools: Any, path: str) -> None:
    """Raise Fault for tools on offer, which templates write in different ways or not at all."""
    if tools:
        raise _unknown(path, "the row offers tools")


def offered(tools: Any) -> bool:
    """Whether a value holds tools, as JSON text or not."""
    try:
        tools = json.loads(tools) if isinstance(tools, str) else tools
    except ValueError:
        return False
    return isinstance(tools, list | dict) and bool(tools)


def check_weights(turn: dict[str, Any], path: str) -> None:
    """Raise Fault for a weight other than 1 of a reply that is trained on in full.

    Args:
        turn: the reply.
        path: its JSON path.
    """
    for name in ALIASES:
        value = turn.get(name)
        if isinstance(value, bool | int | float) and value != 1:
            why = f"the turn's weight is {shown(json.dumps(value))}, and it is trained on as every reply"
            raise Fault("change", f"{path}.{name}", why, "leave the row out, or export it (curate export)")


def check_texts(turns: Sequence[tuple[str, str, str]]) -> None:
    """Raise Fault for empty prompts and replies, which are trained on as they stand.

    Args:
        turns: (role, text, JSON path) of each.
    """
    for role, text, path in turns:
        if role == "assistant" and not text.strip():
            raise Fault("change", path, "an empty reply is trained on", "write an answer, or remove the row")
        if role == "user" and not text.strip():
            raise Fault("change", path, "an answer to an empty prompt is trained on", "write a prompt")
