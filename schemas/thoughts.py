"""The thought before an answer: where a turn holds it, taken apart and written back.

A thought stands in a field of its own, or inline at the head of an assistant's turn between <think> and </think>.
Source: vLLM and DeepSeek's API (reasoning_content), OpenRouter and OpenAI's gpt-oss (reasoning, thinking), Hugging Face
datasets of traces (thought); Qwen3's chat template for the inline form.
"""

from __future__ import annotations

import msgspec

from schemas.record import Message

# The first that a turn has is read; the thought is written back under the same name.
FIELDS = ("reasoning_content", "reasoning", "thinking", "thought")
BEGIN, END = "<think>", "</think>"
SLOT = "{thought}"
CANONICAL = f"{BEGIN}\n{SLOT}\n{END}\n\n"
_encode = msgspec.json.Encoder().encode


def take_field(message: Message) -> None:
    """Move the thought in one of FIELDS from the message's further fields to `reasoning`.

    Blank text and values that are no text stay where they are, as does a field beside an inline thought, which comes
    first: it is what a trainer sees.
    """
    if message.role != "assistant" or not message.extra or _begins(message.content):
        return
    for name in FIELDS:
        value = message.extra.get(name, "")
        text = msgspec.json.decode(value, type=str) if value[:1] == '"' else ""
        if text.strip():
            message.reasoning, message.reasoning_form = text, name
            message.extra = {other: kept for other, kept in message.extra.items() if other != name} or None
            return


def take_inline(messages: list[Message]) -> None:
    """Move thoughts at the head of assistant turns from `content` to `reasoning`.

    A thought that is not closed, or that neither an answer nor a call follows, stays text.
    """
    for message in messages:
        if message.role == "assistant":
            first = message.content[:1]  # rows without thoughts pay for no more than this
            if (first == "<" or first.isspace()) and _begins(message.content):
                _split(message)


def _begins(text: str) -> bool:
    return text.lstrip().startswith(BEGIN)


def _split(message: Message) -> None:
    text = message.content
    start, end = text.index(BEGIN) + len(BEGIN), text.find(END)
    if end < 0:
        return
    inner, rest = text[start:end], text[end + len(END) :]
    answer, thought = rest.lstrip(), inner.strip()
    if not answer and not message.tool_calls:
        return
    head = text[:start] + (inner[: len(inner) - len(inner.lstrip())] if thought else "")
    tail = text[len(head) + len(thought) : len(text) - len(answer)]
    same = f"{head}{thought}{tail}" == CANONICAL.replace(SLOT, thought, 1)
    message.content, message.reasoning = answer, thought
    message.reasoning_form = "" if same else f"{head}{SLOT}{tail}"


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
