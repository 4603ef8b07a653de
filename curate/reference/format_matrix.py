"""What becomes of each feature of a conversation in each format: measured by writing probes and reading them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from schemas import origin
from schemas.decode import Read, RowDecoder
from schemas.encode import EncodedRow, NotPlain, RowEncoder
from schemas.preference import PAIR
from schemas.problems import Invalid
from schemas.record import Conversation, Message, Preference
from schemas.registry import FORMATS, IN_TABLE, lookup
from schemas.row import Format

KEPT, BESIDE, MOVED, LOST, SILENT = "kept", "beside", "moved", "lost", "silent"
OUTCOMES = {
    KEPT: "the format has a place for it",
    BESIDE: "kept under its own name, which the format's description does not have",
    MOVED: "every word is kept, but in another field or turn than it was",
    LOST: "left out, and listed in the summary with the number of rows",
    "E3..": "the row is refused with this problem code, since it would no longer mean the same",
}


class Probe(NamedTuple):
    """A row with one feature beyond a plain exchange.

    Attributes:
        feature: its name, as the table shows it.
        format: the format of the row.
        row: the row as JSON text.
        value: takes the feature from a record.
        words: whether the feature is how words are divided among fields and turns, so that the words alone may remain.
    """

    feature: str
    format: str
    row: str
    value: Callable[[Conversation], Any]
    words: bool = False


def _turns(*turns: str, beside: str = "") -> str:
    return f'{{"messages": [{", ".join(turns)}]{beside}}}'


def _each(name: str) -> Callable[[Conversation], Any]:
    return lambda record: [getattr(message, name) for message in record.messages]


def _extra(name: str) -> Callable[[Conversation], Any]:
    return lambda record: (record.extra or {}).get(name)


def _tools(record: Conversation) -> Any:
    """The tools on offer; how their JSON text is spaced does not count."""
    return msgspec.json.decode(record.tools) if record.tools else None


def _parts(record: Conversation) -> list[Any]:
    """The typed parts of each turn; how their JSON text is spaced does not count."""
    return [message.parts and msgspec.json.decode(message.parts) for message in record.messages]


def _contents(record: Conversation) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in record.messages]


def _words(record: Conversation) -> list[tuple[str, str, str]]:
    turns = [(message.role, message.reasoning or "", message.content) for message in record.messages]
    return [turn for turn in turns if turn[1] or turn[2]]


def _calls(record: Conversation) -> list[Any]:
    """What is called and with what, and what came of it; how the calls are written does not count."""
    turns: list[Any] = []
    for message in record.messages:
        calls = msgspec.json.decode(message.tool_calls) if message.tool_calls else []
        named = [(c["function"]["name"], msgspec.json.decode(c["function"]["arguments"])) for c in calls]
        turns.append((message.role, message.content, named))
    return turns


def _ids(record: Conversation) -> list[Any]:
    calls = [call.get("id") for m in record.messages if m.tool_calls for call in msgspec.json.decode(m.tool_calls)]
    return calls + [message.tool_call_id for message in record.messages]


ASKED = '{"role": "user", "content": "Weather in Oslo?"}'
TOLD = '{"role": "assistant", "content": "It rains."}'
TOOL = '{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}'
CALL = '"type": "function", "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}'
CALLED = f'{{"role": "assistant", "content": null, "tool_calls": [{{{CALL}}}]}}'
CALLED_AND_TOLD = f'{{"role": "assistant", "content": "I look it up.", "tool_calls": [{{{CALL}}}]}}'
CALLED_BY_ID = f'{{"role": "assistant", "content": null, "tool_calls": [{{"id": "c1", {CALL}}}]}}'
THOUGHT_INLINE = '{"role": "assistant", "content": "<think>Look it up.</think>It rains."}'
THOUGHT_IN_FIELD = '{"role": "assistant", "content": "It rains.", "reasoning_content": "Look it up."}'
THOUGHT_SIGNED = (
    '{"role": "assistant", "content": [{"type": "thinking", "thinking": "Look it up.", "signature": "Eq=="}, '
    '{"type": "text", "text": "It rains."}]}'
)
PARTS = '{"role": "user", "content": [{"type": "text", "text": "Weather"}, {"type": "text", "text": "in Oslo?"}]}'
IMAGE = (
    '{"role": "user", "content": [{"type": "text", "text": "Which city?"}, '
    '{"type": "image_url", "image_url": {"url": "oslo.png"}}]}'
)
PROBES = (
    Probe("system prompt", "sft", _turns('{"role": "system", "content": "Be brief."}', ASKED, TOLD), _contents),
    Probe("several exchanges", "sft", _turns(ASKED, TOLD, '{"role": "user", "content": "And now?"}', TOLD), _contents),
    Probe(
        "instruction/input apart",
        "alpaca",
        '{"instruction": "Add.", "input": "1 and 1", "output": "2"}',
        lambda record: record.boundary,
        True,
    ),
    Probe("tools on offer", "sft", _turns(ASKED, TOLD, beside=f', "tools": [{TOOL}]'), _tools),
    Probe("tool calls and results", "sft", _turns(ASKED, CALLED, '{"role": "tool", "content": "rain"}', TOLD), _calls),
    Probe(
        "text beside a tool call",
        "sft",
        _turns(ASKED, CALLED_AND_TOLD, '{"role": "tool", "content": "rain"}', TOLD),
        _calls,
        True,
    ),
    Probe(
        "ids of tool calls",
        "sft",
        _turns(ASKED, CALLED_BY_ID, '{"role": "tool", "content": "rain", "tool_call_id": "c1"}', TOLD),
        _ids,
    ),
    Probe("thought in the text", "sft", _turns(ASKED, THOUGHT_INLINE), _each("reasoning")),
    Probe(
        "thought in a field",
        "sft",
        _turns(ASKED, THOUGHT_IN_FIELD),
        lambda record: [(message.reasoning, message.reasoning_form) for message in record.messages],
        True,
    ),
    Probe("signature of a thought", "sft", _turns(ASKED, THOUGHT_SIGNED), _parts),
    Probe("image among typed parts", "sft", _turns(IMAGE, TOLD), _parts),
    Probe("text-only typed parts", "sft", _turns(PARTS, TOLD), _parts),
    Probe(
        "weight of a turn",
        "sft",
        _turns(ASKED, '{"role": "assistant", "content": "It rains.", "weight": 0.5}'),
        _each("weight"),
    ),
    Probe(
        "name of a speaker",
        "sft",
        _turns('{"role": "user", "content": "Weather in Oslo?", "name": "Kari"}', TOLD),
        _each("name"),
    ),
    Probe("category", "sft", _turns(ASKED, TOLD, beside=', "category": "weather"'), lambda record: record.category),
    Probe(
        "source and id",
        "sft",
        _turns(ASKED, TOLD, beside=', "source": "logs", "id": "r1"'),
        lambda record: (record.source, record.id),
    ),
    Probe(
        "task of Self-Instruct",
        "self-instruct",
        '{"task": "sums", "instruction": "Add 1 and 1.", "input": "", "output": "2"}',
        _extra("task"),
    ),
    Probe("unknown field of a row", "sft", _turns(ASKED, TOLD, beside=', "licence": "CC0"'), _extra("licence")),
    Probe(
        "unknown field of a turn",
        "sft",
        _turns('{"role": "user", "content": "Weather in Oslo?", "lang": "en"}', TOLD),
        _each("extra"),
    ),
)


def outcome(probe: Probe, to: Format) -> str:
    """What becomes of a probe's feature in a format: a key of OUTCOMES, or the code of the problem that refuses it.

    SILENT is a defect of curate: the feature is neither kept nor listed nor refused.
    """
    record = probe_record(probe, to)
    original = probe.value(record)
    try:
        written = _written(record, to, "keep")
    except Invalid as invalid:
        return invalid.problem.code
    back = _back(written, to)
    if probe.value(back) == original:
        return KEPT if probe.value(_back(_written(record, to, "drop"), to)) == original else BESIDE
    if written.lost:
        return LOST
    return MOVED if probe.words and _words(back) == _words(record) else SILENT


def outcomes(to: Format) -> dict[str, str]:
    """The outcome of every feature in a format."""
    return {probe.feature: outcome(probe, to) for probe in PROBES}


def matrix() -> dict[str, dict[str, str]]:
    """The outcomes of every feature in every format that has a column in the table, by feature."""
    by_format = {name: outcomes(FORMATS[name]) for name in IN_TABLE}
    return {probe.feature: {name: column[probe.feature] for name, column in by_format.items()} for probe in PROBES}


def differences(base: Format, other_label: str) -> dict[str, str]:
    """The features whose outcome in another format, or variant, differs from that in the base."""
    own, other = outcomes(base), outcomes(lookup(other_label))
    return {feature: word for feature, word in other.items() if word != own[feature]}


def restored(probe: Probe, to: Format) -> bool | None:
    """Whether `--lossless` gives back the very row; None where the target refuses it."""
    original = probe.row.encode()
    try:
        data = RowEncoder(to).encode(probe_record(probe, to)).data
    except Invalid:
        return None
    data = origin.attach(data, to, probe.format, original)
    taken = origin.take(_back(EncodedRow(data, []), to))
    return taken is not None and msgspec.json.decode(taken.row) == msgspec.json.decode(original)


def probe_record(probe: Probe, to: Format) -> Conversation:
    """The record of a probe; for a format of preference data with another answer beside its own, or with a label."""
    read = RowDecoder([FORMATS[probe.format]]).one(probe.row.encode())
    assert isinstance(read, Read), read
    record = read.conversation
    if to.holds:
        pair = to.holds == PAIR
        other = [Message("assistant", "No idea.")] if pair else None
        record.preference = Preference(1, other, None if pair else True)
    return record


def _written(record: Conversation, to: Format, on_loss: str) -> EncodedRow:
    """The row as `curate convert` writes it: a bare list where that holds all that is to be kept."""
    try:
        return RowEncoder(to, on_loss, bool(to.bare)).encode(record)
    except NotPlain:
        return RowEncoder(to, on_loss).encode(record)


def _back(encoded: EncodedRow, to: Format) -> Conversation:
    read = RowDecoder([to]).one(encoded.data)
    assert isinstance(read, Read), read
    return read.conversation
