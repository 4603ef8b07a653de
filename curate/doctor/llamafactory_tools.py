"""What LLaMA-Factory requires of tools on offer and of calls.

Source: LLaMA-Factory 0.9.5, data/formatter.py and tool_utils.py.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from curate.doctor.finding import Fault
from curate.doctor.llamafactory_entry import DatasetEntry
from schemas.problems import shown
from schemas.templates import Template

BEGIN, END = "<tool_call>", "</tool_call>"
REWRITE = 'write it as {"name": ..., "arguments": {...}}, or a list of such calls'


class Style(msgspec.Struct, frozen=True):
    """How a template writes tools.

    Attributes:
        words: whether the tools on offer are described in words, not as JSON.
        marks: whether a call may stand between BEGIN and END or after a thought, with text around it.
        bare: whether an empty system turn is written too, as it is where the list of tools is empty; None if unknown.
        results: whether results of tools stand between <tool_response> and its end.
        media: whether images, videos and audios are read; None where it is not known.
        thoughts: the setting enable_thinking, for a template that writes thoughts; None for any other.
    """

    words: bool = True
    marks: bool = True
    bare: bool | None = None
    results: bool = False
    media: bool | None = None
    thoughts: bool | None = None


def style_of(template: Template | None, thinking: bool | None = None) -> Style:
    """The style of a template; that of most where none is named.

    Args:
        template: one of ours.
        thinking: the setting enable_thinking; None if what it does is not to be judged.
    """
    if template is None:
        return Style()
    thoughts = thinking if template.thought else None
    if template.tools is None:
        return Style(bare=True, media=False, thoughts=thoughts)
    return Style(
        words="{parameters}" in template.tools.tool,
        marks=not template.fused and template.tools.calls == "{calls}",
        bare=not template.default_system and template.system != "{content}",
        results="<tool_response>" in template.result,
        media=False,
        thoughts=thoughts,
    )


def check_call(content: Any, path: str, style: Style) -> None:
    """Raise Fault if the content of a function_call turn ends the run."""
    if not isinstance(content, str):
        raise Fault("crash", path, "the call is not text", REWRITE)
    inner = _inner(content) if style.marks else content
    try:
        calls = json.loads(inner)
    except ValueError:
        raise Fault("crash", path, f"{shown(content)!r} is not JSON", REWRITE) from None
    for call in calls if isinstance(calls, list) else [calls]:
        if not isinstance(call, dict):
            raise Fault("crash", path, f"{shown(json.dumps(call))} is not a call", REWRITE)
        for name in ("name", "arguments"):
            if name not in call:
                raise Fault("crash", path, f"the call has no {name}", REWRITE)


def check_calls(turn: dict[str, Any], path: str, entry: DatasetEntry) -> None:
    """Raise Fault for calls that are not read, and for text beside calls, which is not read either."""
    for name in ("tool_calls", "function_call"):
        if not turn.get(name) or name == entry.content_tag:
            continue
        if entry.formatting != "openai" or name != "tool_calls":
            why = "the call is not read: the reply is trained on without it"
            raise Fault("change", f"{path}.{name}", why, "write calls as turns (curate export --for llamafactory)")
        text = turn.get(str(entry.content_tag))
        if isinstance(text, str) and text.strip():
            why = "the text beside the call is not read: the call alone is trained on"
            raise Fault("change", f"{path}.{entry.content_tag}", why, "export it (curate export --for llamafactory)")


def _inner(content: str) -> str:
    """What is read as JSON: what stands between the marks, else all but the thought."""
    start = content.find(BEGIN)
    end = content.find(END, start + len(BEGIN)) if start >= 0 else -1
    if end >= 0:
        return content[start + len(BEGIN) : end]
    start = content.find("<think>\n")
    end = content.find("\n</think>\n\n", start + 1) if start >= 0 else -1
    return content[:start] + content[end + len("\n</think>\n\n") :] if end >= 0 else content


def check_tools(tools: Any, path: str, style: Style) -> None:
    """Raise Fault if tools on offer end the run."""
    if not isinstance(tools, str):
        raise Fault("crash", path, "the tools are not text", "write the list of tools as JSON in a text field")
    try:
        offered = json.loads(tools)
    except ValueError:
        raise Fault("crash", path, f"{shown(tools)!r} is not JSON", "write the tools as a JSON list") from None
    if not isinstance(offered, list | dict | str):
        raise Fault("crash", path, f"{shown(tools)!r} is not a list", "write the tools as a JSON list")
    if len(offered) == 0:
        return
    for i, tool in enumerate(offered):
        if not isinstance(tool, dict):
            raise Fault("crash", path, f"tool {i + 1} is not an object", "write the tools as a JSON list of objects")
        if style.words:
            _in_words(tool, f"{path}: tool {i + 1}")


def _in_words(tool: dict[str, Any], path: str) -> None:
    remedy = "give each tool a name, and parameters with properties (a JSON schema of type object)"
    try:
        function = tool.get("function", "") if tool.get("type") == "function" else tool
        required = function["parameters"].get("required", [])
        for name, parameter in function["parameters"]["properties"].items():
            _ = name in required
            if parameter.get("enum"):
                ", ".join(parameter["enum"])
            if parameter.get("items"):
                parameter["items"].get("type")
        ", ".join([function["name"]])
    except KeyError as error:
        raise Fault("crash", path, f"it has no {error.args[0]}", remedy) from None
    except (TypeError, AttributeError) as error:
        raise Fault("crash", path, f"its description cannot be written in words: {error}", remedy) from None
