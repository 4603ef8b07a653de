"""ChatML: a bare list of role/content turns, the same under `messages`, or rendered <|im_start|> text.

Source: OpenAI's chatml.md (the rendered text); the list is what applications pass about.
"""

from __future__ import annotations

import re

from schemas import flat, thoughts
from schemas.check import conversation as check_turns
from schemas.flat import text_only
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Optional, Row, Shape, Variant, tools_of
from schemas.sft import functions_of, read_with_functions, tools_value
from schemas.turns import ROLES, Turn, loses, read_conversation, write_turns

# In JSON the first character of the mark may be written as an escape.
MARK = re.compile(rb"(?:<|\\u003[cC])\|im_start\|")
TURN = re.compile(r"<\|im_start\|>([^\n]*)\n(.*?)<\|im_end\|>\n?", re.DOTALL)


class ChatML(Row, kw_only=False):
    """messages is required; a row that is a list is read as if it stood under it."""

    messages: list[Turn]
    functions: Optional = UNSET


class Text(Row, kw_only=False):
    """A rendered conversation."""

    text: str


def has_marks(data: bytes) -> bool:
    """Whether the text of a row has a mark of rendered ChatML anywhere."""
    return MARK.search(data) is not None


def read_list(row: ChatML) -> Conversation:
    """The record of a bare list: JSON paths start at the list.  Raises Invalid E101-E208."""
    return read_conversation(row.messages, row.system, "$", tools_of(row))


def read(row: ChatML) -> Conversation:
    """The record.  Raises Invalid E101-E108 for a turn, E201-E208 for their order."""
    return read_with_functions(row, row.functions, "$.messages")


def read_text(row: Text) -> Conversation:
    """The record of rendered text, in which a role may be followed by ` name=` and a name.

    Raises:
        Invalid: E106 for text outside turns, E103, E201-E208.
    """
    messages = []
    end = 0
    for match in TURN.finditer(row.text):
        if match.start() != end:
            raise Invalid("E106", "$.text", f"text outside a turn: {shown(row.text[end : match.start()])!r}")
        speaker, _, name = match[1].strip().partition(" name=")
        role = ROLES.get(speaker)
        if role is None:
            raise Invalid("E103", "$.text", f"role {shown(match[1])!r} is none of {', '.join(ROLES)}")
        messages.append(Message(role, match[2], name=name or None))
        end = match.end()
    if row.text[end:].strip():
        raise Invalid("E106", "$.text", f"text outside a turn: {shown(row.text[end:])!r}")
    check_turns(messages, list(range(len(messages))), "$.text")
    return Conversation(messages)


def write(conversation: Conversation) -> ChatML:
    """The row.  Parts stay parts; everything the record has fits."""
    row = ChatML(write_turns(conversation.messages))
    if conversation.tools:
        row.tools = tools_value(conversation.tools)
    row.functions = functions_of(conversation)
    return row


def write_text(conversation: Conversation) -> Text:
    """The rendered row.  Raises Invalid E107 for a turn that holds a mark, E302 or E303 for what is not text."""
    pieces = []
    for message in conversation.messages:
        if message.tool_calls:
            raise Invalid("E303", "$", "the conversation calls tools; ChatML text has no place for that")
        text_only(message, "chatml/text")
        text = thoughts.whole(message)
        if "<|im_start|>" in text or "<|im_end|>" in text:
            raise Invalid("E107", "$", f"a turn holds a mark of ChatML itself: {shown(text)!r}")
        pieces.append(f"<|im_start|>{message.role}\n{text}<|im_end|>\n")
    return Text("".join(pieces))


FORMAT = Format(
    name="chatml",
    title="ChatML",
    shapes=(
        Shape("list", ChatML, read_list, (), turns="messages", turn=Turn, wrap="messages"),
        Shape("messages", ChatML, read, ("messages",), turns="messages", turn=Turn),
        Shape("text", Text, read_text, ("text",), shows=has_marks),
    ),
    write=write,
    loses=loses,
    names=frozenset(),
    multi_turn=True,
    tool_turns=True,
    example='[{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2"}]',
    source="OpenAI's chatml.md for the rendered text; lists of role and content as applications pass them about",
    exchange=b'{"messages":[{"role":"user","content":%b},{"role":"assistant","content":%b}]}',
    bare="messages",
    variants=(
        Variant("messages", "messages", write, loses, "always an object with messages, never a bare list"),
        Variant("text", "text", write_text, flat.loses, "rendered <|im_start|> text under `text`"),
    ),
)
