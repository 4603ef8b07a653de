"""Conversations that a prompt template has made text of: Llama 3, Mistral, Gemma, Vicuna, ### Human, ### Instruction.

The text stands under `text`; text of ChatML is a shape of that format.
Source: the templates in schemas.template_table; FastChat's vicuna_v1.1; OpenAssistant-Guanaco (### Human); Stanford
Alpaca (### Instruction).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import Raw

from schemas import flat, thoughts
from schemas.check import conversation as check_turns
from schemas.flat import texts
from schemas.problems import Invalid, shown
from schemas.record import Conversation
from schemas.renderings import RENDERINGS, Rendering, Unread
from schemas.row import Format, Row, Shape, Variant

_fields = msgspec.json.Decoder(dict[str, Raw])


class RenderedText(Row, kw_only=False):
    """A rendered conversation under text, which is required."""

    text: str


def is_of(rendering: Rendering, data: bytes) -> bool:
    """Whether a row's text has the marks of a rendering; where those are plain words, whether all of it fits."""
    try:
        text = msgspec.json.decode(_fields.decode(data)["text"], type=str)
    except (msgspec.DecodeError, RecursionError, KeyError, UnicodeDecodeError):
        return False
    if not rendering.marked(text):
        return False
    if not rendering.headed:
        return True
    try:
        roles = [message.role for message in rendering.read(text)[0]]
    except Unread:
        return False
    exchanges = roles[roles[0] == "system" :]
    return exchanges == ["user", "assistant"] * (len(exchanges) // 2)


def read(rendering: Rendering, row: RenderedText) -> Conversation:
    """The record.  Raises Invalid E103 or E106 for text that is of no turn, E201-E208 for the order of turns."""
    try:
        messages, boundary = rendering.read(row.text)
    except Unread as unread:
        raise Invalid(unread.code, "$.text", f"{rendering.name}: {unread}") from None
    check_turns(messages, list(range(len(messages))), "$.text")
    return Conversation(messages, boundary=boundary)


def write(rendering: Rendering, conversation: Conversation) -> RenderedText:
    """The row.  Raises Invalid E107 for a turn that holds a mark, E302 or E303 for what is not text."""
    label = f"rendered-text/{rendering.name}"
    texts(conversation, label)
    turns = [(message.role, thoughts.whole(message)) for message in conversation.messages]
    text = rendering.write(turns)
    try:
        back = [(message.role, message.content) for message in rendering.read(text)[0]]
    except Unread:
        back = []
    if back != [(role, said.strip() if rendering.headed else said) for role, said in turns]:
        raise Invalid("E107", "$", f"a turn holds a mark of {rendering.name} itself: {shown(text)!r}")
    return RenderedText(text)


def _reader(rendering: Rendering) -> Callable[[RenderedText], Conversation]:
    return partial(read, rendering)


FORMAT = Format(
    name="rendered-text",
    title="Rendered text",
    shapes=tuple(
        Shape(each.name, RenderedText, _reader(each), ("text",), shows=partial(is_of, each), mark=f"with {each.about}")
        for each in RENDERINGS
    ),
    write=partial(write, RENDERINGS[0]),
    loses=flat.loses,
    names=frozenset(),
    multi_turn=True,
    tool_turns=False,
    example='{"text": "<|start_header_id|>user<|end_header_id|>\\n\\nName a prime.<|eot_id|>'
    '<|start_header_id|>assistant<|end_header_id|>\\n\\n2<|eot_id|>"}',
    source="files of text that templates of Llama 3, Mistral, Gemma, Vicuna, Guanaco and Alpaca have made",
    variants=tuple(
        Variant(each.name, each.name, partial(write, each), flat.loses, f"text with {each.about}")
        for each in RENDERINGS[1:]
    ),
)
