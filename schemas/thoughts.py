"""The thought before an answer: where a turn holds it, taken apart and written back.

A thought stands in a field of its own, in a part of the turn's content (see schemas.parts), or inline at the head of an
assistant's turn between <think> and </think>.
Source: vLLM and DeepSeek's API (reasoning_content), OpenRouter and OpenAI's gpt-oss (reasoning, thinking), Hugging Face
datasets of traces (thought); Qwen3's chat template for the inline form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from schemas.problems import Invalid, shown
from schemas.record import Message

# The first that a turn has is read; the thought is written back under the same name.
FIELDS = ("reasoning_content", "reasoning", "thinking", "thought")
BEGIN, END = "<think>", "</think>"
SLOT = "{thought}"
CANONICAL = f"{BEGIN}\n{SLOT}\n{END}\n\n"
EMPTY = "E114"
_encode = msgspec.json.Encoder().encode
# An empty thought at the head of a string of a row's JSON text, with an answer after it.
_EMPTY = re.compile(rb'(?<=")(?:\\[nrt]|\s)*<think>(?:\\[nrt]|\s)*</think>(?:\\[nrt]|\s)*(?=[^"])')


def take_field(message: Message, path: str) -> None:
    """Move the thought in one of FIELDS from the message's further fields to `reasoning`.

    Blank text and values that are no text stay where they are, as does a field beside a thought inline or in a part,
    which comes first: it is what a trainer sees.

    Args:
        message: a turn.
        path: its JSON path.

    Raises:
        Invalid: E115 for two thoughts that differ by more than white space.
    """
    if message.role != "assistant" or not message.extra:
        return
    given = dict.fromkeys(FIELDS, "")
    for name in FIELDS:
        value = message.extra.get(name, "")
        given[name] = msgspec.json.decode(value, type=str) if value[:1] == '"' else ""
    named = [name for name in FIELDS if given[name].strip()]
    if not named:
        return
    first, known = named[0], given[named[0]]
    if message.reasoning is not None or _begins(message.content):
        first, known = "content", message.reasoning or _halves(message.content)[1]
    for name in named:
        if known and given[name].split() != known.split():
            what = f"{first} has the thought {shown(known)!r} and {name} has {shown(given[name])!r}"
            raise Invalid("E115", f"{path}.{name}", what)
    if first != "content":
        message.reasoning, message.reasoning_form = known, first
        message.extra = {other: kept for other, kept in message.extra.items() if other != first} or None


def take_inline(messages: list[Message], path_of: Callable[[int], str]) -> None:
    """Move thoughts at the head of assistant turns from `content` to `reasoning`.

    Args:
        messages: the turns.
        path_of: gives the JSON path of a turn by its index.

    Raises:
        Invalid: E113 for a thought that is not closed, E202 for one that neither an answer nor a call follows.
    """
    for i, message in enumerate(messages):
        if message.role == "assistant":
            first = message.content[:1]  # rows without thoughts pay for no more than this
            if (first == "<" or first.isspace()) and message.reasoning is None and _begins(message.content):
                _split(message, i, path_of)


def _begins(text: str) -> bool:
    return text.lstrip().startswith(BEGIN)


def _halves(text: str) -> tuple[str, str, str, str]:
    """(what stands before the thought, the thought, what stands between it and the answer, the answer).

    Args:
        text: begins with a thought; one that is not closed goes on to the end.
    """
    start, end = text.index(BEGIN) + len(BEGIN), text.find(END)
    inner, rest = (text[start:end], text[end + len(END) :]) if end >= 0 else (text[start:], "")
    answer, thought = rest.lstrip(), inner.strip()
    head = text[:start] + (inner[: len(inner) - len(inner.lstrip())] if thought else "")
    return head, thought, text[len(head) + len(thought) : len(text) - len(answer)], answer


def _split(message: Message, index: int, path_of: Callable[[int], str]) -> None:
    head, thought, tail, answer = _halves(message.content)
    if END not in tail:
        raise Invalid("E113", path_of(index), f"the thought has no {END}: {shown(message.content)!r}")
    if not answer and not message.tool_calls:
        raise Invalid("E202", path_of(index), "the reply is a thought without an answer")
    same = f"{head}{thought}{tail}" == CANONICAL.replace(SLOT, thought, 1)
    message.content, message.reasoning = answer, thought
    message.reasoning_form = "" if same else f"{head}{SLOT}{tail}"


def may_have_empty(data: bytes) -> bool:
    """Whether a row's JSON text has a string that begins with an empty thought."""
    return b"</think>" in data and _EMPTY.search(data) is not None


def without_empty(data: bytes, messages: Sequence[Message]) -> tuple[bytes, str] | None:
    """(the row's JSON text without empty thoughts before answers, what was done); None where nothing is to be done.

    Args:
        data: the row's JSON text.
        messages: its turns.
    """
    if not any(message.reasoning == "" for message in messages):
        return None
    if any(message.role != "assistant" and _begins(message.content) for message in messages):
        return None
    mended = _EMPTY.sub(b"", data)
    return (mended, "took the empty thought off the reply") if mended != data else None


def is_field(form: str) -> bool:
    """Whether a `reasoning_form` names a field."""
    return form in FIELDS


def inline(thought: str, form: str = "") -> str:
    """The thought with its marks, as it stands before an answer.

    Args:
        thought: its text.
        form: as in `Message.reasoning_form`; the canonical form for one from a field.
    """
    head, _, tail = (CANONICAL if not form or form in FIELDS else form).partition(SLOT)
    return f"{head}{thought}{tail}"


def whole(message: Message) -> str:
    """The text of a turn with its thought inline: how a format without a field for thoughts writes it."""
    if message.reasoning is None:
        return message.content
    return inline(message.reasoning, message.reasoning_form) + message.content


def beside_field(message: Message) -> str:
    """The text of a turn in a format of turns: the thought is in it only where it was read inline."""
    return message.content if is_field(message.reasoning_form) else whole(message)


def fields(message: Message) -> dict[str, str]:
    """The field of a turn that holds its thought, as JSON text; empty for a thought that stands inline."""
    if message.reasoning is None or not is_field(message.reasoning_form):
        return {}
    return {message.reasoning_form: _encode(message.reasoning).decode()}


def in_field(message: Message) -> Message:
    """The turn with its thought in a field, for a format that has no text to write it in."""
    if message.reasoning is None or is_field(message.reasoning_form):
        return message
    return msgspec.structs.replace(message, reasoning_form=FIELDS[0])
