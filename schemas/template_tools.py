"""Tools and the calls of them as a template writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from schemas.template_table import Tools

_SLOT = re.compile(r"\{([a-z]+)\}")


@lru_cache(maxsize=1024)
def slots(text: str) -> tuple[str, ...]:
    """The text cut at its slots: plain text and slot names in turn, plain text first and last."""
    return tuple(_SLOT.split(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its slots filled, once: a value that looks like a slot stays as it is.

    A slot that `values` does not name is left as text.
    """
    pieces = list(slots(text))
    for i in range(1, len(pieces), 2):
        value = values.get(pieces[i])
        pieces[i] = "{" + pieces[i] + "}" if value is None else value
    return "".join(pieces)


def listed(tools: str) -> list[dict[str, Any]] | None:
    """The tools in OpenAI's shape; None if the text is not a JSON list of objects.

    Args:
        tools: JSON text of a list of tools in OpenAI's shape or of bare functions, or of one of them.
    """
    values = _read(tools)
    values = [values] if isinstance(values, dict) else values
    if not isinstance(values, list) or not all(isinstance(tool, dict) for tool in values):
        return None
    return [tool if tool.get("type") == "function" else {"type": "function", "function": tool} for tool in values]


def offered(tools: str, style: Tools) -> str:
    """The tools on offer as they are added to the system turn; "" if there is none.

    Args:
        tools: as for `listed`; other text is taken for one tool and written as it is.
        style: how the template writes tools.
    """
    values = listed(tools)
    if values is None:
        return fill(style.offer, {"tools": tools, "names": ""})
    if not values:
        return ""
    parts = [_parts(tool) for tool in values]
    written = style.between.join(fill(style.tool, part) for part in parts)
    return fill(style.offer, {"tools": written, "names": ", ".join(part["name"] for part in parts)})


def called(calls: str, style: Tools) -> str:
    """The calls of one turn.

    Args:
        calls: JSON text of a list in OpenAI's shape (arguments as JSON text or object); other text is written as it is.
        style: how the template writes calls.
    """
    values = _read(calls)
    if not isinstance(values, list) or not all(isinstance(call, dict) for call in values):
        return calls
    written = []
    for call in values:
        function = call.get("function", call)
        if not isinstance(function, dict):
            return calls
        name = str(function.get("name", ""))
        slots_of_call = {"name": name, "quoted": _json(name), "arguments": arguments(function.get("arguments", {}))}
        written.append(fill(style.call, slots_of_call))
    around = style.several if style.several and len(written) > 1 else style.calls
    return fill(around, {"calls": style.call_between.join(written)})


def arguments(value: Any) -> str:
    """The arguments of a call as JSON on one line; text that holds JSON, as OpenAI has it, is not quoted again."""
    if isinstance(value, str):
        value = _read(value, value)
    return _json(value)


def _parts(tool: dict[str, Any]) -> dict[str, str]:
    """What `Tools.tool` can be filled with."""
    function = tool.get("function")
    function = function if isinstance(function, dict) else {}
    return {
        "json": _json(tool),
        "indented": json.dumps(tool, indent=4, ensure_ascii=False),
        "name": str(function.get("name", "")),
        "description": str(function.get("description", "")),
        "parameters": _parameters(function.get("parameters")),
    }


def _parameters(schema: Any) -> str:
    """A line for each parameter of a JSON schema of type object."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return ""
    required = schema.get("required")
    required = required if isinstance(required, list) else []
    lines = []
    for name, parameter in schema["properties"].items():
        parameter = parameter if isinstance(parameter, dict) else {}
        kind = f"{parameter.get('type', '')}{', required' if name in required else ''}"
        line = f"  - {name} ({kind}): {parameter.get('description', '')}"
        if isinstance(parameter.get("enum"), list) and parameter["enum"]:
            line += f", should be one of [{', '.join(map(str, parameter['enum']))}]"
        if isinstance(parameter.get("items"), dict) and parameter["items"]:
            line += f", where each item should be {parameter['items'].get('type', '')}"
        lines.append(line + "\n")
    return "".join(lines)


def _read(text: str, otherwise: Any = None) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def _json(value: Any) -> str:
    # Spaces after comma and colon, and no escapes for other scripts: what chat templates' `tojson` writes.
    return json.dumps(value, ensure_ascii=False)
