"""The templates as a table, for the terminal and for docs/templates.md."""

from __future__ import annotations

from schemas.template_table import ACTIONS, LLAMA3_TOOLS, QWEN_TOOLS
from schemas.templates import TEMPLATES, Template

COLUMNS = ("template", "reply ends with", "tool calls", "also called", "default system")
BEGIN, END = "<!-- made by `curate render --list --markdown` -->", "<!-- end of what is made -->"
PEERS = {"LLaMA-Factory": "llamafactory", "Axolotl": "axolotl", "Unsloth": "unsloth"}
PIECES = (
    *("prefix", "system", "user", "input", "observation", "result"),
    *("reply", "given", "thinking", "thought", "assistant", "last", "calls_only"),
)


def rows() -> list[tuple[str, ...]]:
    """A row of COLUMNS for each template."""
    return [
        (
            template.name,
            _line(template.assistant.partition("{content}")[2]),
            _calls(template),
            ", ".join(dict.fromkeys(name for name in _peers(template) if name not in ("", template.name))),
            template.default_system.strip(),
        )
        for template in TEMPLATES.values()
    ]


def markdown() -> str:
    """The names, and every piece of every template, in Markdown between BEGIN and END."""
    heads = ("template", *PEERS, "tool calls", "stops at", "default system")
    lines = [BEGIN, "", f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for template in TEMPLATES.values():
        stop = ", ".join(template.stop) or "{eos}"
        cells = [f"[{template.name}](#{template.name})", *_peers(template), _calls(template)]
        lines.append(_row(*cells, _quoted(stop), template.default_system.strip()))
    for template in TEMPLATES.values():
        lines += ["", f"### {template.name}", "", "| piece | text |", "| --- | --- |"]
        lines += [_row(piece, _quoted(_line(text))) for piece in PIECES if (text := getattr(template, piece))]
        if template.fused:
            lines.append(_row("", "the system text stands inside the next user turn, before its content"))
        if template.forgets:
            lines.append(_row("", "thoughts before the last user turn are left out"))
    return "\n".join([*lines, "", END])


def _peers(template: Template) -> list[str]:
    return [getattr(template, field) for field in PEERS.values()]


def _calls(template: Template) -> str:
    known = {ACTIONS: "Action: lines", QWEN_TOOLS: "<tool_call>", LLAMA3_TOOLS: "JSON"}
    return known.get(template.tools, "[TOOL_CALLS]") if template.tools else "none"


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", "\\|").replace("<tool_call>", "`<tool_call>`") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _line(text: str) -> str:
    """The text on one line, line ends as \\n."""
    return text.replace("\n", "\\n")


def _quoted(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"
