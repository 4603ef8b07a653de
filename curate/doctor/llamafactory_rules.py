"""What LLaMA-Factory does to one row: the rules of its converters.

Source: LLaMA-Factory 0.9.5, data/converter.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from curate.doctor.finding import Fault, Finding, kind_of
from curate.doctor.llamafactory_encoding import encode
from curate.doctor.llamafactory_entry import DatasetEntry
from curate.doctor.llamafactory_media import check_paths
from curate.doctor.llamafactory_tools import Style, check_calls
from curate.doctor.llamafactory_turns import ConvertedRow, RuleTurn, at
from schemas.problems import shown
from schemas.thoughts import FIELDS
from schemas.weights import ALIASES

CORRECT_ENTRY = "give dataset_info.json the columns and tags that the file has; `curate export --for llamafactory` does"
ALTERNATE = "let user turns and replies alternate, with one turn each"
Fields = Mapping[str, Collection[str]]
RawTurn = tuple[Any, Any, str, dict[str, Any]]  # role, content, JSON path, the turn


def fault(row: Any, entry: DatasetEntry, fields: Fields, style: Style) -> Finding | None:
    """What becomes of a row, None if it is trained on as it is.

    Args:
        row: a JSON value.
        entry: the file's entry in dataset_info.json.
        fields: names that any object of the file has, by its path ("$" for rows, "$.conversations[]" for turns); where
            an object lacks one, it is null.
        style: what of the template matters.
    """
    try:
        _row(row, entry, fields, style)
    except Fault as fault:
        return fault.finding
    return None


def _row(row: Any, entry: DatasetEntry, fields: Fields, style: Style) -> None:
    if not isinstance(row, dict):
        raise Fault("crash", "$", f"the row is {kind_of(row)}, not an object", "write each row as a JSON object")
    for name in _used(entry):
        _check_column(name, fields)
    check_paths(row, entry)
    turns = (_alpaca if entry.formatting == "alpaca" else _turns)(row, entry, fields)
    tools = row.get(entry.tools) if entry.tools else ""
    if entry.formatting == "openai" and isinstance(tools, list | dict):
        tools = json.dumps(tools)
    encode(turns, tools, row, entry, style)
    if entry.formatting != "alpaca":
        _check_fields(row, entry)
        if entry.system and turns.system_path != at(entry.system) and row.get(entry.system):
            why = "the system prompt is not read: the row begins with a system turn"
            raise Fault("change", at(entry.system), why, "write one of the two")
    if entry.formatting == "openai" and not tools:
        _check_thinking(turns)


def _check_thinking(turns: ConvertedRow) -> None:
    """Raise Fault for a row of the formatting `openai` without tools, which is told not to think."""
    if turns.system and any(f"detailed thinking {setting}" in turns.system for setting in ("on", "off")):
        return
    why = "the formatting \"openai\" writes 'detailed thinking off' into the system prompt of rows without tools"
    remedy = 'use "formatting": "sharegpt" with tags for role and content'
    raise Fault("change", turns.system_path, why, remedy)


def _check_fields(row: dict[str, Any], entry: DatasetEntry) -> None:
    """Raise Fault for a field of a reply that says what is trained on, which the converter does not look at."""
    replies = [
        (turn, f"$.{entry.messages}[{i}]")
        for i, turn in enumerate(row[str(entry.messages)])
        if turn.get(entry.role_tag) in (entry.assistant_tag, entry.function_tag)
    ]
    if entry.ranking:
        replies += [(row[str(name)], f"$.{name}") for name in (entry.chosen, entry.rejected)]
    last = row[str(entry.messages)][-1]
    if entry.formatting == "openai" and last.get(entry.role_tag) == entry.observation_tag:
        path = f"$.{entry.messages}[{len(row[str(entry.messages)]) - 1}]"
        raise Fault("change", path, "a result behind the last reply is not read", "end with a reply")
    for turn, path in replies:
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
        check_calls(turn, path, entry)


def _used(entry: DatasetEntry) -> list[str]:
    """The columns that the converter looks up in every row."""
    columns = [entry.images, entry.videos, entry.audios]
    if entry.formatting == "alpaca":
        columns += [entry.history, entry.prompt, entry.query, entry.system, entry.tools]
    elif entry.formatting == "sharegpt":
        columns += [entry.messages, entry.system, entry.tools]
    else:
        columns += [entry.messages]
    return [name for name in columns if name]


def _check_column(name: str | None, fields: Fields) -> None:
    if name is None:
        raise Fault("crash", "$", "the entry is of ranking and names no columns chosen and rejected", CORRECT_ENTRY)
    if name not in fields["$"]:
        raise Fault("crash", f"$.{name}", f"no row has the column {name!r} that the entry names", CORRECT_ENTRY)


def _alpaca(row: dict[str, Any], entry: DatasetEntry, fields: Fields) -> ConvertedRow:
    prompt: list[RuleTurn] = []
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
            prompt.append(("user", pair[0], f"$.{entry.history}[{i}][0]"))
            prompt.append(("assistant", pair[1], f"$.{entry.history}[{i}][1]"))
    requests = []
    for name in (entry.prompt, entry.query):
        value = row.get(name) if name else None
        if value:
            if not isinstance(value, str):
                raise Fault("crash", f"$.{name}", f"found {kind_of(value)}, expected text", "write it as text")
            requests.append(value)
    prompt.append(("user", "\n".join(requests), at(entry.prompt)))
    system = row.get(entry.system) if entry.system else ""
    return ConvertedRow(prompt, _alpaca_answers(row, entry, fields), system, at(entry.system))


def _alpaca_answers(row: dict[str, Any], entry: DatasetEntry, fields: Fields) -> list[RuleTurn]:
    if entry.kto_tag:
        _check_column(entry.kto_tag, fields)
        if isinstance(row.get(entry.kto_tag), bool):
            _check_column(entry.response, fields)
            answer = ("assistant", row.get(str(entry.response)), at(entry.response))
            return _labelled(answer, row[entry.kto_tag])
    if entry.ranking:
        _check_column(entry.chosen, fields)
        if isinstance(row.get(str(entry.chosen)), str):
            _check_column(entry.rejected, fields)
            if isinstance(row.get(str(entry.rejected)), str):
                return [("assistant", row[str(name)], at(name)) for name in (entry.chosen, entry.rejected)]
    if entry.response:
        _check_column(entry.response, fields)
        if isinstance(row.get(entry.response), str):
            return [("assistant", row[entry.response], at(entry.response))]
    return []


def _labelled(answer: RuleTurn, good: bool) -> list[RuleTurn]:
    """The answer of a labelled row, before an empty one if it is good, else behind it."""
    empty = ("assistant", "", answer[2])
    return [answer, empty] if good else [empty, answer]


def _turns(row: dict[str, Any], entry: DatasetEntry, fields: Fields) -> ConvertedRow:
    """The turns of a row of turns, whose first may be the system text."""
    listed = _turn_list(row, entry, fields)
    path = f"$.{entry.messages}"
    role, content = str(entry.role_tag), str(entry.content_tag)
    system, system_path = (row.get(entry.system) if entry.system else ""), at(entry.system)
    turns = [(turn.get(role), turn.get(content), f"{path}[{i}]", turn) for i, turn in enumerate(listed)]
    if entry.system_tag and turns and turns[0][0] == entry.system_tag:
        system, system_path = turns[0][1], f"{path}[0].{content}"
        turns = turns[1:]
    said = _openai(turns, entry) if entry.formatting == "openai" else _sharegpt(turns, entry)
    if len(said) % 2 != entry.ranking:
        last = turns[-1][2] if turns else path
        if entry.ranking:
            raise Fault(
                "drop", last, "the last turn is not by the user: the row is left out", "end the prompt with a user turn"
            )
        raise Fault(
            "drop", last, "the last turn is not a reply: the row is left out", "end the conversation with a reply"
        )
    if entry.kto_tag:
        _check_column(entry.kto_tag, fields)
        if said and isinstance(row.get(entry.kto_tag), bool):
            return ConvertedRow(said[:-1], _labelled(said[-1], row[entry.kto_tag]), system, system_path)
    if entry.ranking:
        pair = _pair(row, entry, fields)
        if pair:
            return ConvertedRow(said, pair, system, system_path)
    return ConvertedRow(said[:-1], said[-1:], system, system_path)


def _pair(row: dict[str, Any], entry: DatasetEntry, fields: Fields) -> list[RuleTurn]:
    """The two answers of a row of ranking; none where they are not both objects."""
    _check_column(entry.chosen, fields)
    if not isinstance(row.get(str(entry.chosen)), dict):
        return []
    _check_column(entry.rejected, fields)
    if not isinstance(row.get(str(entry.rejected)), dict):
        return []
    mapping = _mapping(entry)
    answers = []
    for name in (str(entry.chosen), str(entry.rejected)):
        for tag in (entry.role_tag, entry.content_tag):
            if tag not in fields.get(f"$.{name}", ()):
                why = f"{name} has no field {tag!r}, which the entry's tags name"
                raise Fault("crash", f"$.{name}", why, CORRECT_ENTRY)
        sender = row[name].get(entry.role_tag)
        if not _known(sender, mapping):
            why = f"the role {sender!r} is in none of the entry's tags"
            raise Fault("crash", f"$.{name}.{entry.role_tag}", why, CORRECT_ENTRY)
        answers.append((mapping[sender], row[name].get(entry.content_tag), f"$.{name}.{entry.content_tag}"))
    return answers


def _turn_list(row: dict[str, Any], entry: DatasetEntry, fields: Fields) -> list[dict[str, Any]]:
    """The row's list of turns, which has the fields that the entry names."""
    path = at(entry.messages)
    if entry.messages is None:
        raise Fault("crash", "$", "the entry names no column of messages", CORRECT_ENTRY)
    listed = row.get(entry.messages)
    if not isinstance(listed, list):
        raise Fault("crash", path, f"found {kind_of(listed)}, expected a list of turns", "write the turns as a list")
    for i, turn in enumerate(listed):
        if not isinstance(turn, dict):
            raise Fault("crash", f"{path}[{i}]", f"the turn is {kind_of(turn)}, not an object", "write it as an object")
    for name in (entry.role_tag, entry.content_tag):
        if listed and name not in fields.get(f"{path}[]", ()):
            why = f"turns have no field {name!r}, which the entry's tags name"
            raise Fault("crash", f"{path}[0]", why, CORRECT_ENTRY)
    return listed


def _sharegpt(turns: list[RawTurn], entry: DatasetEntry) -> list[RuleTurn]:
    mapping = _mapping(entry)
    said = []
    for i, (sender, text, path, _) in enumerate(turns):
        wanted = (entry.assistant_tag, entry.function_tag) if i % 2 else (entry.user_tag, entry.observation_tag)
        if sender not in wanted:
            raise _misplaced(sender, path, wanted, entry, i)
        said.append((mapping[sender], text, f"{path}.{entry.content_tag}"))
    return said


def _openai(turns: list[RawTurn], entry: DatasetEntry) -> list[RuleTurn]:
    """The turns of the formatting `openai`: results that follow one another are one, calls are written as JSON."""
    mapping = _mapping(entry)
    said: list[RuleTurn] = []
    results: list[Any] = []
    for sender, text, path, turn in turns:
        if sender in (entry.assistant_tag, entry.function_tag) and turn.get("tool_calls"):
            sender, text = entry.function_tag, _calls(turn["tool_calls"], path)
        if sender == entry.observation_tag:
            results.append(text)
            continue
        if results:  # results after which no turn comes are never added
            if not all(isinstance(result, str) for result in results):
                raise Fault("crash", path, "a result before this turn is not text", "write results as text")
            said.append(("observation", "\n</tool_response>\n<tool_response>\n".join(results), path))
            results = []
        if not _known(sender, mapping):
            raise Fault("crash", path, f"the role {sender!r} is in none of the entry's tags", CORRECT_ENTRY)
        said.append((mapping[sender], text, path))
    for i, (role, _, path) in enumerate(said):
        if role not in (("user", "observation"), ("assistant", "function"))[i % 2]:
            raise Fault("drop", path, f"turn {i + 1} is {role}: turns do not alternate, the row is left out", ALTERNATE)
    return said


def _calls(tool_calls: Any, path: str) -> str:
    try:
        return json.dumps([call["function"] for call in tool_calls], ensure_ascii=False)
    except (TypeError, KeyError):
        raise Fault("crash", f"{path}.tool_calls", "a call has no function", "write it in OpenAI's form") from None


def _mapping(entry: DatasetEntry) -> dict[str | None, str]:
    """Which kind of turn a role's name stands for; of two kinds with one name (none, say) the later one."""
    return {
        entry.user_tag: "user",
        entry.assistant_tag: "assistant",
        entry.observation_tag: "observation",
        entry.function_tag: "function",
        entry.system_tag: "system",
    }


def _known(sender: Any, mapping: Mapping[str | None, str]) -> bool:
    return (sender is None or isinstance(sender, str)) and sender in mapping


def _misplaced(sender: Any, path: str, roles: tuple[str | None, ...], entry: DatasetEntry, i: int) -> Fault:
    names = " or ".join(repr(name) for name in roles if name is not None)
    if sender is not None and _known(sender, _mapping(entry)):
        why, remedy = f"turn {i + 1} is by {sender!r} where {names} must speak", ALTERNATE
    else:
        why = f"the role {sender!r} is none of the entry's tags; {names} must speak here"
        remedy = f"rename the role, or name it in the entry: {CORRECT_ENTRY}"
    return Fault("drop", f"{path}.{entry.role_tag}", f"{why}: the row is left out", remedy)
