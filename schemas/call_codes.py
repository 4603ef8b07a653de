"""Problems of tool calls: what they are given, whether they are on offer, and what answers them."""

from __future__ import annotations

from schemas.code import ProblemCode

_ASK = '{"role": "user", "content": "Weather in Oslo?"}'
_TOLD = '{"role": "assistant", "content": "It rains."}'
_RESULT = '{"role": "tool", "tool_call_id": "c1", "content": "rain"}'
_TOOLS = (
    '[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": '
    '{"city": {"type": "string"}}, "required": ["city"]}}}]'
)


def _call(arguments: str, name: str = "get_weather") -> str:
    call = f'{{"id": "c1", "type": "function", "function": {{"name": "{name}", "arguments": "{arguments}"}}}}'
    return f'{{"role": "assistant", "content": null, "tool_calls": [{call}]}}'


def _row(*turns: str, tools: str = "") -> str:
    return f'{{"messages": [{", ".join(turns)}]{f", {chr(34)}tools{chr(34)}: {tools}" if tools else ""}}}'


_OSLO = '{\\"city\\": \\"Oslo\\"}'
_GOOD = _row(_ASK, _call(_OSLO), _RESULT, _TOLD, tools=_TOOLS)

CALL_CODES = {
    "E110": ProblemCode(
        title="arguments of a call are no JSON object",
        zh="调用的参数不是 JSON 对象",
        remedy="write the arguments as a JSON object with a value for each parameter; {} where there are none",
        why="The model learns to write calls that no program can read. Chat templates that put the arguments into the "
        "text as they are teach broken JSON; others end the run when they parse them.",
        format="sft",
        bad=_row(_ASK, _call("Oslo"), _RESULT, _TOLD),
        good=_row(_ASK, _call(_OSLO), _RESULT, _TOLD),
    ),
    "E111": ProblemCode(
        title="arguments do not fit the tool's schema",
        zh="调用的参数不符合工具的模式",
        remedy="correct the call's arguments, or the tool's parameters",
        why="The row offers a tool and then shows a call of it that the tool would refuse. The model learns that the "
        "description of a tool need not be followed. Looked at are type, enum, required, properties, "
        "additionalProperties: false, items and local $ref.",
        format="sft",
        bad=_row(_ASK, _call('{\\"town\\": \\"Oslo\\"}'), _RESULT, _TOLD, tools=_TOOLS),
        good=_GOOD,
    ),
    "E112": ProblemCode(
        title="call of a tool that is not on offer",
        zh="调用了未提供的工具",
        remedy="add the tool to the row's tools, or correct the name in the call",
        why="The model learns to call tools that it was not told of, which is what it then does in use. Only rows "
        "that list tools are looked at; an empty list says nothing, since LLaMA-Factory's files have one in every row.",
        format="sft",
        bad=_row(_ASK, _call(_OSLO, "weather"), _RESULT, _TOLD, tools=_TOOLS),
        good=_GOOD,
    ),
    "E210": ProblemCode(
        title="result of no call",
        zh="工具结果没有对应的调用",
        remedy="give the result the id of the call that it answers, write the call, or remove the result",
        why="OpenAI's API refuses such a conversation. A template that orders results by id leaves this one out or "
        "ends the run, and without a call the model learns from an answer that came from nowhere. A call may also be "
        "written as text (<tool_call>, Action: and the like); then no id is asked for.",
        format="sft",
        bad=_row(_ASK, _call(_OSLO), '{"role": "tool", "tool_call_id": "c2", "content": "rain"}', _TOLD),
        good=_row(_ASK, _call(_OSLO), _RESULT, _TOLD),
    ),
    "E211": ProblemCode(
        title="call that is never answered",
        zh="调用没有得到结果",
        remedy="write the result of the call, or remove the call",
        why="The model learns to go on as if it knew what the tool said, and so to invent results. OpenAI's API "
        "refuses such a conversation. A call in the last turn needs no result; a result without an id may be that of "
        "all calls before it.",
        format="sft",
        bad=_row(_ASK, _call(_OSLO), '{"role": "user", "content": "And now?"}', _TOLD),
        good=_row(_ASK, _call(_OSLO), _RESULT, _TOLD),
    ),
}
