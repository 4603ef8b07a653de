"""What Axolotl's type chat_template does to a row.

Source: Axolotl 0.19.0, prompt_strategies/chat_template.py, with its own template chatml.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from curate.doctor.any_template import CALLS, check_texts, check_turns, check_weights, paths
from curate.doctor.axolotl_entry import Dataset
from curate.doctor.finding import Fault, kind_of
from schemas.problems import shown
from schemas.thoughts import FIELDS
from schemas.weights import ALIASES

KNOWN = ("system", "user", "assistant", "tool")
PARTS = ("text", "content", "value")
EXPORT = "export it (curate export --for axolotl)"


def chat(row: dict[str, Any], dataset: Dataset, columns: Collection[str]) -> None:
    """Raise Fault for what becomes of a row, unless it is trained on as it is."""
    plain = dataset.template == "chatml"
    path = f"$.{dataset.messages}"
    turns = [_without_nulls(turn) for turn in _turns(row.get(dataset.messages), path)]
    roles = [_role(turn, f"{path}[{i}]", dataset, plain) for i, turn in enumerate(turns)]
    tools = _tools(_without_nulls(row.get("tools")))
    _check_system(row, roles[0], columns, plain)
    texts = [_text(turn, f"{path}[{i}]", dataset, plain) for i, turn in enumerate(turns)]
    trained = [_trained(turn, role, dataset) for turn, role in zip(turns, roles, strict=True)]
    further = () if plain else (*CALLS, *FIELDS)
    written = [bool(text or any(map(turn.get, further))) for turn, text in zip(turns, texts, strict=True)]
    if not any(is_trained and is_written for is_trained, is_written in zip(trained, written, strict=True)):
        why = "no turn is trained on: the row is left out"
        raise Fault("drop", path, why, "end the conversation with a reply by the assistant")
    _check_parts(turns, path, dataset)
    _check_written_system(row, roles[0], columns)
    if not plain:
        said = [{**turn, "role": role, "content": text} for turn, role, text in zip(turns, roles, texts, strict=True)]
        check_turns(said, paths(path, turns))
        if tools:
            raise Fault("unknown", "$.tools", "whether tools are written depends on the template", "name the template")
    elif tools:
        raise Fault("change", "$.tools", "the template chatml does not write tools", "take the model's own template")
    for i, (turn, role, text) in enumerate(zip(turns, roles, texts, strict=True)):
        _check_turn(turn, role, trained[i], f"{path}[{i}]", dataset)
        check_texts([(role, text, f"{path}[{i}].{dataset.content}")])


def _without_nulls(value: Any) -> Any:
    """The value as Axolotl's remove_none_values leaves it: objects lose fields that are null, lists keep all."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _turns(value: Any, path: str) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise Fault("crash", path, f"{shown(value)!r} is not JSON", "write the turns as a list") from None
    if not isinstance(value, list):
        raise Fault("crash", path, f"found {kind_of(value)}, expected a list of turns", "write the turns as a list")
    if not value:
        raise Fault("crash", path, "the list of turns is empty", "remove the row")
    for i, turn in enumerate(value):
        if not isinstance(turn, dict):
            raise Fault("crash", f"{path}[{i}]", f"the turn is {kind_of(turn)}, not an object", "write it as an object")
    return value


def _role(turn: dict[str, Any], path: str, dataset: Dataset, plain: bool) -> str:
    role = turn.get(dataset.role or "")
    if role is None and (plain or path.endswith("[0]")):
        raise Fault("crash", path, f"the turn has no {dataset.role or 'role'}", EXPORT)
    if isinstance(role, list | dict) or (plain and not isinstance(role, str)):
        raise Fault("crash", f"{path}.{dataset.role}", f"the role is {kind_of(role)}", "write it as text")
    if not isinstance(role, str):
        raise Fault("unknown", f"{path}.{dataset.role}", f"the role is {kind_of(role)}", "write it as text")
    return dataset.roles.get(role, role)


def _check_system(row: dict[str, Any], first: str, columns: Collection[str], plain: bool) -> None:
    """Raise Fault for a column system with a value that no system turn can be written from."""
    system = row.get("system")
    if "system" in columns and first != "system" and not isinstance(system, str):
        why = f"the column system is {kind_of(system)} here, and a system turn is written for every row"
        raise Fault("crash" if plain else "unknown", "$.system", why, "write the system prompt as the first turn")


def _check_written_system(row: dict[str, Any], first: str, columns: Collection[str]) -> None:
    """Raise Fault for a column system that is not read, or of which an empty turn is written."""
    system = row.get("system")
    if first == "system" and system:
        raise Fault("change", "$.system", "it is not read: the row begins with a system turn", "write one of the two")
    if "system" in columns and first != "system" and not system:
        raise Fault("change", "$.system", "an empty system turn is written", "write the system prompt as a turn")


def _check_parts(turns: list[dict[str, Any]], path: str, dataset: Dataset) -> None:
    """Raise Fault for parts of a turn that are left out."""
    for i, turn in enumerate(turns):
        content = turn.get(dataset.content or "")
        for part in content if isinstance(content, list) else ():
            if not isinstance(part, dict) or not any(part.get(name) for name in PARTS):
                where = f"{path}[{i}].{dataset.content}"
                raise Fault("change", where, "parts that are not text are left out", "leave the row out")


def _text(turn: dict[str, Any], path: str, dataset: Dataset, plain: bool) -> str:
    """The text of a turn, whose parts are joined."""
    content = turn.get(dataset.content or "")
    path = f"{path}.{dataset.content}"
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        texts = [next((part[name] for name in PARTS if part.get(name)), "") for part in parts]
        if not all(isinstance(text, str) for text in texts):
            raise Fault("crash", path, "a part's text is not text", "write it as text")
        if any(part.get("train") is not None or part.get("weight") is not None for part in parts):
            raise Fault("unknown", path, "weights of parts are not judged", "write the turn as text")
        return "".join(texts)
    if isinstance(content, str):
        return content
    why = f"the content is {kind_of(content)}, expected text"
    raise Fault("crash" if plain else "unknown", path, why, "write it as text")


def _trained(turn: dict[str, Any], role: str, dataset: Dataset) -> bool:
    said = turn.get(dataset.training) if dataset.training else None
    return bool(said) if said is not None else role in dataset.trained


def _tools(tools: Any) -> Any:
    """The tools on offer, read if they are JSON text."""
    if tools is None:
        return None
    remedy = "write the tools as a JSON list of objects, and null where there are none"
    try:
        tools = json.loads(tools) if isinstance(tools, str) else tools
        if not isinstance(tools, list):
            raise Fault("crash", "$.tools", f"the tools are {kind_of(tools)}, not a list", remedy)
        for tool in tools:
            if not isinstance(tool, dict):
                raise Fault("crash", "$.tools", f"a tool is {kind_of(tool)}, not an object", remedy)
            function = tool.get("function", {})
            if "parameters" in function and isinstance(function["parameters"], str):
                json.loads(function["parameters"])
    except ValueError:
        raise Fault("crash", "$.tools", f"{shown(str(tools))!r} is not JSON", remedy) from None
    except TypeError:
        raise Fault("crash", "$.tools", "the function of a tool is not an object", remedy) from None
    return tools


def _check_turn(turn: dict[str, Any], role: str, trained: bool, path: str, dataset: Dataset) -> None:
    """Raise Fault for what of a turn is not read."""
    if role not in KNOWN:
        why = f"the role {role!r} is written as it is, and not trained on"
        raise Fault("change", f"{path}.{dataset.role}", why, "rename the role, or map it by `roles`")
    if role != "assistant":
        if trained:
            raise Fault("change", path, f"the turn of {role} is trained on", "leave out its field of training")
        return
    for name in CALLS:
        if turn.get(name):
            raise Fault("change", f"{path}.{name}", "the template chatml does not write calls", EXPORT)
    for name in FIELDS:
        if name != dataset.content and isinstance(turn.get(name), str) and turn[name].strip():
            why = "the template chatml does not write thoughts: the answer is trained on without it"
            raise Fault(
                "change", f"{path}.{name}", why, "write it before the answer (curate convert --reasoning inline)"
            )
    if trained:
        check_weights(turn, path)
    elif any(turn.get(name) for name in ALIASES if name != dataset.training) or dataset.training not in turn:
        raise Fault("change", path, "the reply is not trained on", "correct the fields that say so")
