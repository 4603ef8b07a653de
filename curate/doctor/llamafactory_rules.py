"""What LLaMA-Factory does to one row: the rules of its converters and formatters, for supervised fine-tuning.

Source: LLaMA-Factory 0.9.5, data/converter.py, processor/supervised.py, formatter.py and tool_utils.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from curate.doctor.finding import Fault, Finding
from curate.doctor.llamafactory_entry import DatasetEntry
from curate.doctor.llamafactory_tools import Style, check_call, check_tools
from schemas.problems import shown
from schemas.thoughts import FIELDS
from schemas.weights import ALIASES

NUMBERED = "{{idx}}"
CORRECT_ENTRY = "give dataset_info.json the columns and tags that the file has; `curate export --for llamafactory` does"
ALTERNATE = "let user turns and replies alternate, with one turn each"
RuleTurn = tuple[str, Any, str]  # role, content, JSON path


def fault(
    row: Any, entry: DatasetEntry, fields: Collection[str], turn_fields: Collection[str], style: Style
) -> Finding | None:
    """What becomes of a row, None if it is trained on as it is.

    Args:
        row: a JSON value.
        entry: the file's entry in dataset_info.json.
        fields: names that any row of the file has; where a row lacks one, it is null.
        turn_fields: names that any turn of the file has.
        style: how the template writes tools.
    """
    try:
        _row(row, entry, fields, turn_fields, style)
    except Fault as fault:
        return fault.finding
    return None


def _row(row: Any, entry: DatasetEntry, fields: Collection[str], turn_fields: Collection[str], style: Style) -> None:
    if not isinstance(row, dict):
        raise Fault("crash", "$", f"the row is {_kind(row)}, not an object", "write each row as a JSON object")
    used = _used(entry)
    for name in used:
        if name not in fields:
            raise Fault("crash", f"$.{name}", f"no row has the column {name!r} that the entry names", CORRECT_ENTRY)
    if entry.formatting == "alpaca":
        turns, system = _alpaca(row, entry), row.get(entry.system) if entry.system else ""
    else:
        turns, system = _turns(row, entry, turn_fields)
    tools = row.get(entry.tools) if entry.tools else ""
    if entry.formatting == "openai" and isinstance(tools, list | dict):
        tools = json.dumps(tools)
    _encode(turns, system, tools, entry, style)
    if entry.formatting != "alpaca":
        _check_fields(row, entry)


def _check_fields(row: dict[str, Any], entry: DatasetEntry) -> None:
    """Raise Fault for a field of a reply that says what is trained on, which the converter does not look at."""
    for i, turn in enumerate(row[str(entry.messages)]):
        if turn.get(entry.role_tag) not in (entry.assistant_tag, entry.function_tag):
            continue
        path = f"$.{entry.messages}[{i}]"
        for name in FIELDS:
            if name != entry.content_tag and isinstance(turn.get(name), str) and turn[name].strip():
                why = "the thought is not read: the answer is trained on without it"
                raise Fault(
                    "change", f"{path}.{name}", why, "write it before the answer (curate convert --reasoning inline)"
                )
        for name in ALIASES:
            if isinstance(turn.get(name), bool | int | float) and turn[name] != 1:
                why = f"the turn's weight is {json.dumps(turn[name])}, and it is trained on as every reply"
                raise Fault("change", f"{path}.{name}", why, "leave the row out, or export it for axolotl or trl")


def _used(entry: DatasetEntry) -> list[str]:
    """The columns that the converter looks up."""
    columns = [entry.images, entry.videos, entry.audios]
    if entry.formatting == "alpaca":
        columns += [entry.history, entry.prompt, entry.query, entry.response, entry.system, entry.tools]
    elif entry.formatting == "sharegpt":
        columns += [entry.messages, entry.system, entry.tools]
    else:
        columns += [entry.messages]
    return [name for name in columns if name]


def _alpaca(row: dict[str, Any], entry: DatasetEntry) -> list[RuleTurn]:
    turns: list[RuleTurn] = []
    history = row.get(entry.history) if entry.history else None
    if isinstance(history, list):
        for i, pair in enumerate(history):
            if not isinstance(pair, list) or len(pair) != 2:
                raise Fault(
                    "crash",
                    f"$.{entry.history}[{i}]",
                    f"found {shown(json.dumps(pair, ensure_ascii=False))}, expected a pair of prompt and response",
                    "write each earlier exchange as [prompt, response]",
                )
            turns.append(("user", pair[0], f"$.{entry.history}[{i}][0]"))
            turns.append(("assistant", pair[1], f"$.{entry.history}[{i}][1]"))
    requests = []
    for name in (entry.prompt, entry.query):
        value = row.get(name) if name else None
        if value:
            if not isinstance(value, str):
                raise Fault("crash", f"$.{name}", f"found {_kind(value)}, expected text", "write it as text")
            requests.append(value)
    turns.append(("user", "\n".join(requests), f"$.{entry.prompt}"))
    answer = row.get(entry.response) if entry.response else None
    if not isinstance(answer, str):
        found = "nothing" if answer is None else _kind(answer)
        raise Fault(
            "drop",
            f"$.{entry.response}",
            f"found {found}, expected text: the row is left out",
            "write the answer there",
        )
    turns.append(("assistant", answer, f"$.{entry.response}"))
    return turns


def _turns(row: dict[str, Any], entry: DatasetEntry, turn_fields: Collection[str]) -> tuple[list[RuleTurn], Any]:
    """(turns after the system turn, the system text) of a row of turns."""
    at = f"$.{entry.messages}"
    listed = _turn_list(row, at, entry, turn_fields)
    role, content = str(entry.role_tag), str(entry.content_tag)
    system = row.get(entry.system) if entry.system else ""
    turns = [(turn.get(role), turn.get(content), f"{at}[{i}]", turn) for i, turn in enumerate(listed)]
    if entry.system_tag and turns and turns[0][0] == entry.system_tag:
        system = turns[0][1]
        turns = turns[1:]
    if entry.formatting == "openai":
        return _openai(turns, entry), system
    out: list[RuleTurn] = []
    mapping = _mapping(entry)
    for i, (sender, text, path, _) in enumerate(turns):
        wanted = (entry.assistant_tag, entry.function_tag) if i % 2 else (entry.user_tag, entry.observation_tag)
        if sender not in wanted:
            raise _misplaced(sender, path, wanted, entry, i)
        out.append((mapping[sender], text, f"{path}.{content}"))
    if len(out) % 2:
        path = turns[-1][2]
        raise Fault(
            "drop", path, "the last turn is not a reply: the row is left out", "end the conversation with a reply"
        )
    return out, system


def _turn_list(row: dict[str, Any], at: str, entry: DatasetEntry, turn_fields: Collection[str]) -> list[dict]:
    """The row's list of turns, which has the fields that the entry names."""
    listed = row.get(str(entry.messages))
    if not isinstance(listed, list):
        raise Fault("crash", at, f"found {_kind(listed)}, expected a list of turns", "write the turns as a list")
    for i, turn in enumerate(listed):
        if not isinstance(turn, dict):
            raise Fault("crash", f"{at}[{i}]", f"the turn is {_kind(turn)}, not an object", "write it as an object")
    for name in (entry.role_tag, entry.content_tag):
        if listed and name not in turn_fields:
            why = f"turns have no field {name!r}, which the entry's tags name"
            raise Fault("crash", f"{at}[0]", why, CORRECT_ENTRY)
    return listed


def _openai(turns: list[tuple[Any, Any, str, dict]], entry: DatasetEntry) -> list[RuleTurn]:
    """The turns of the formatting `openai`: results that follow one another are one, calls are written as JSON."""
    mapping = _mapping(entry)
    out: list[RuleTurn] = []
    results: list[Any] = []
    for sender, text, path, turn in turns:
        if sender in (entry.assistant_tag, entry.function_tag) and turn.get("tool_calls"):
            sender, text = entry.function_tag, _calls(turn["tool_calls"], path)
        if sender == entry.observation_tag:
            results.append(text)
            continue
        if results:
            if not all(isinstance(result, str) for result in results):
                raise Fault("crash", path, "a result before this turn is not text", "write results as text")
            out.append(("observation", "\n".join(results), path))
            results = []
        if sender not in mapping:
            raise Fault("crash", path, f"the role {sender!r} is in none of the entry's tags", CORRECT_ENTRY)
        out.append((mapping[sender], text, path))
    _check_order(out)
    return out


def _calls(tool_calls: list[Any], path: str) -> str:
    try:
        return json.dumps([call["function"] for call in tool_calls], ensure_ascii=False)
    except (TypeError, KeyError):
        raise Fault("crash", f"{path}.tool_calls", "a call has no function", "write it in OpenAI's form") from None


def _check_order(turns: list[RuleTurn]) -> None:
    for i, (role, _, path) in enumerate(turns):
        if role not in (("user", "observation"), ("assistant", "function"))[i % 2]:
            raise Fault("drop", path, f"turn {i + 1} is {role}: turns do not alternate, the row is left out", ALTERNATE)
    if len(turns) % 2:
        raise Fault("drop", turns[-1][2], "the last turn is not a reply: the row is left out", "end it with a reply")


def _mapping(entry: DatasetEntry) -> dict[str | None, str]:
    """Which kind of turn a role's name stands for; of two kinds with one name (none, say) the later one."""
    return {
        entry.user_tag: "user",
        entry.assistant_tag: "assistant",
        entry.observation_tag: "observation",
        entry.function_tag: "function",
        entry.system_tag: "system",
    }


def _misplaced(sender: Any, path: str, roles: tuple[str | None, ...], entry: DatasetEntry, i: int) -> Fault:
    names = " or ".join(repr(name) for name in roles if name is not None)
    if sender in _mapping(entry) and sender is not None:
        why, remedy = f"turn {i + 1} is by {sender!r} where {names} must speak", ALTERNATE
    else:
        why = f"the role {sender!r} is none of the entry's tags; {names} must speak here"
        remedy = f"rename the role, or name it in the entry: {CORRECT_ENTRY}"
    return Fault("drop", f"{path}.{entry.role_tag}", f"{why}: the row is left out", remedy)


def _encode(turns: list[RuleTurn], system: Any, tools: Any, entry: DatasetEntry, style: Style) -> None:
    """What happens once a row is written by the template."""
    if not turns:
        raise Fault("drop", f"$.{entry.messages}", "there is no turn: the row is left out", "remove the row")
    if system and not isinstance(system, str):
        raise Fault("crash", f"$.{entry.system}", f"the system prompt is {_kind(system)}", "write it as text")
    if tools:
        check_tools(tools, f"$.{entry.tools}", style)
    changes = []
    if style.bare and isinstance(tools, str) and tools and not system and not json.loads(tools):
        why = "an empty list of tools begins the row with an empty system turn"
        changes.append(Fault("change", f"$.{entry.tools}", why, "leave it empty"))
    for i, (role, content, path) in enumerate(turns):
        if role == "function":
            check_call(content, path, style)
        elif not isinstance(content, str):
            raise Fault("crash", path, f"the turn's content is {_kind(content)}, expected text", "write it as text")
        changes += _changes(turns, i)
    if changes:
        raise changes[0]


def _changes(turns: list[RuleTurn], i: int) -> list[Fault]:
    """Why turn i is trained on as something other than it is."""
    role, content, path = turns[i]
    changes = []
    if role == "user" and NUMBERED in content:
        why = f"{NUMBERED} is replaced by the number of the exchange, {i // 2}"
        changes.append(Fault("change", path, why, "write it with a space between the braces"))
    if role == "assistant" and not content.strip():
        why = "an empty reply is trained on as an answer"
        changes.append(Fault("change", path, why, "write an answer, or remove the row"))
    if role == "user" and not content.strip() and not (i and turns[i - 1][0] == "function"):
        why = "an answer to an empty prompt is trained on"
        changes.append(Fault("change", path, why, "write a prompt, or remove the row"))
    return changes


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
