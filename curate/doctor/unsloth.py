"""Which rows of a file Unsloth would not train on as they are, and why.

Rows of `conversations` go through standardize_sharegpt and a chat template, and replies are found by the template's
marks (train_on_responses_only), as in Unsloth's notebooks and in what `curate export --for unsloth` writes.  Rows of
other columns are read by functions that each notebook has of its own, or in training, which needs a GPU: not judged.
Source: Unsloth 2026.10.9, unsloth_zoo/dataset_utils.py.
"""

from __future__ import annotations

from functools import partial
from itertools import takewhile
from typing import Any

from curate.doctor.any_template import CALLS, check_texts, check_turns, check_weights, offered, paths
from curate.doctor.examined import Examined, Settings
from curate.doctor.finding import Fault, Finding, kind_of
from curate.doctor.rows import check_ending, column_names, count_rows, judged, parsed_rows
from schemas.thoughts import FIELDS

TITLE = "Unsloth"
ALIASES = {"system": "system", "user": "user", "human": "user", "input": "user"}
ALIASES |= {"gpt": "assistant", "assistant": "assistant", "output": "assistant"}
LOOKED_AT = 10  # rows by which standardize_sharegpt decides which field has the role
ROLE_NAMES = ("role", "from")
EXPORT = "export it (curate export --for unsloth)"


def judge(path: str, settings: Settings) -> Examined:
    """What Unsloth's standardize_sharegpt and a chat template do to the rows of a file.

    Args:
        path: the file.
        settings: none of them counts: of a chat template only what all write alike is judged.

    Raises:
        CurateError: for a file that cannot be read.
    """
    _ = settings
    findings = check_ending(path)
    if "conversations" not in column_names(path):
        why = "no row has the column conversations: what a notebook does with other columns is not judged"
        return Examined(count_rows(path), [*findings, Finding("unknown", "$", why, EXPORT, path)])
    looked_at = takewhile(lambda parsed: parsed[0] <= LOOKED_AT, parsed_rows(path))
    first = [row if isinstance(row, dict) else {} for _, row, _ in looked_at]
    try:
        role, content = _fields(first)
    except Fault as fault:
        return Examined(count_rows(path), [*findings, fault.finding.at(path, 0)])
    count, by_row = judged(path, partial(_row, role=role, content=content))
    return Examined(count, findings + by_row, (f"{path}: {role} is taken for the role, {content} for the text",))


def _fields(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """(the field with the role, the field with the text), by the first rows.  Raises Fault where there are not two."""
    values: dict[str, list[str]] = {}
    for number, row in enumerate(rows, 1):
        turns = row.get("conversations")
        path = f"$.conversations (row {number})"
        if not isinstance(turns, list):
            raise Fault("crash", path, f"found {kind_of(turns)}, expected a list of turns: the run ends", EXPORT)
        for turn in turns:
            if not isinstance(turn, dict):
                raise Fault("crash", path, f"a turn is {kind_of(turn)}, not an object: the run ends", EXPORT)
            for name, value in turn.items():
                if not isinstance(value, str):
                    why = f"{name} is {kind_of(value)}: in the first {LOOKED_AT} rows every field must be text"
                    raise Fault("crash", path, why, EXPORT)
                values.setdefault(name, []).append(value)
    if len(values) != 2:
        why = f"turns have {len(values)} fields ({', '.join(values)}), and standardize_sharegpt takes two"
        raise Fault("crash", "$.conversations", why, EXPORT)
    roles = [name for name, texts in values.items() if all(_alias(text) for text in texts)]
    named = [name for name in values if name.strip().lower() in ROLE_NAMES]
    if len(roles) == 2:
        roles = named if len(named) == 1 else []
    if len(roles) != 1:
        known = [name for name in named if not all(_alias(text) for text in values[name])]
        unknown = {text for name in known for text in values[name] if not _alias(text)}
        why = f"the roles {', '.join(sorted(map(repr, unknown)))} are none of {', '.join(ALIASES)}: the run ends"
        raise Fault("crash", "$.conversations", why, "rename them, or hand aliases to standardize_sharegpt")
    content = next(name for name in values if name != roles[0])
    return roles[0], content


def _alias(text: Any) -> str | None:
    return ALIASES.get(text.strip().lower()) if isinstance(text, str) else None


def _row(row: dict[str, Any], role: str, content: str) -> None:
    """Raise Fault for what becomes of a row."""
    path = "$.conversations"
    turns = row.get("conversations")
    if not isinstance(turns, list):
        raise Fault("crash", path, f"found {kind_of(turns)}, expected a list of turns: the run ends", EXPORT)
    said = [_turn(turn, f"{path}[{i}]", role, content) for i, turn in enumerate(turns)]
    if not any(turn["role"] == "assistant" for turn in said):
        raise Fault("unknown", path, "no turn is a reply: what training does with it is not judged", "remove the row")
    check_turns(said, paths(path, turns))
    if said[-1]["role"] != "assistant":
        raise Fault("unknown", path, "the last turn is no reply: whether its end is trained on is not judged", EXPORT)
    for name, value in (
        ("system", isinstance(row.get("system"), str) and row["system"]),
        ("tools", offered(row.get("tools"))),
    ):
        if value:
            raise Fault("change", f"$.{name}", "the column is not read", EXPORT)
    for i, turn in enumerate(turns):
        if said[i]["role"] == "assistant":
            check_weights(turn, f"{path}[{i}]")
            for name in (*CALLS, *FIELDS):
                if name not in (role, content) and turn.get(name):
                    raise Fault("change", f"{path}[{i}].{name}", "the field is not read", EXPORT)
    check_texts([(turn["role"], turn["content"], f"{path}[{i}].{content}") for i, turn in enumerate(said)])


def _turn(turn: Any, path: str, role: str, content: str) -> dict[str, Any]:
    """The turn as standardize_sharegpt writes it."""
    if not isinstance(turn, dict):
        raise Fault("crash", path, f"the turn is {kind_of(turn)}, not an object: the run ends", EXPORT)
    for name in (role, content):
        if name not in turn:
            raise Fault("crash", path, f"the turn has no {name}: the run ends", EXPORT)
    if _alias(turn[role]) is None:
        why = f"the role {turn[role]!r} is none of {', '.join(ALIASES)}: the run ends"
        raise Fault("crash", f"{path}.{role}", why, "rename it, or hand aliases to standardize_sharegpt")
    return {"role": _alias(turn[role]), "content": turn[content]}
