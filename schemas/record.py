"""The canonical record: what every format is read into and written from."""

from __future__ import annotations

import msgspec

ROLES = ("system", "user", "assistant", "tool")


class Message(msgspec.Struct, omit_defaults=True, gc=False):
    """One turn of a conversation.

    Attributes:
        role: one of ROLES.
        content: the text of the turn without its thought; where `parts` is set, its text parts joined.
        reasoning: the thought before the answer, without its marks; "" is one that is empty, None is none.
        reasoning_form: where the thought stood: the name of a field (see schemas.thoughts.FIELDS), or the text around
            it, with `{thought}` in its place; "" is `<think>\\n{thought}\\n</think>\\n\\n`.
        reasoning_weight: share of the thought in the loss; None is that of the turn.
        parts: the JSON text of a content list (typed parts) exactly as it was read.
        tool_calls: the JSON text of a list of calls in OpenAI's shape.
        tool_call_id: which call a tool turn answers.
        name: who speaks.
        weight: share of this turn in the loss; 0 is not trained on, None is the default (1 for an assistant turn). Only
            assistant turns are trained on.
        extra: fields of this turn that no format names, as JSON text.
    """

    role: str
    content: str = ""
    reasoning: str | None = None
    reasoning_form: str = ""
    reasoning_weight: float | None = None
    parts: str | None = None
    tool_calls: str | None = None
    tool_call_id: str | None = None
    name: str | None = None
    weight: float | None = None
    extra: dict[str, str] | None = None


class Preference(msgspec.Struct, omit_defaults=True, gc=False):
    """How good the answer of a conversation is: better than another one, or labelled; see schemas.preference.

    Attributes:
        answer: how many of the conversation's last messages are the answer; those before it are the prompt.
        rejected: the turns of the worse answer to the same prompt; None for an answer that is labelled.
        label: whether the answer is a good one; None for a pair.
        field: the name of the label in its row.
    """

    answer: int
    rejected: list[Message] | None = None
    label: bool | None = None
    field: str = "label"


class Conversation(msgspec.Struct, omit_defaults=True, gc=False):
    """One training example, whatever file it came from.

    Attributes:
        messages: the turns in order; a system prompt is a first turn of role system.
        tools: the JSON text of the tools on offer (a list in OpenAI's shape, as read).
        category: the kind of task; metadata, never trained on.
        source: where the row comes from; metadata, never trained on.
        id: the row's name; metadata, never trained on.
        boundary: where the last user turn is an instruction and an input joined by a newline, the length of the
            instruction in characters.
        extra: fields of the row that its format does not name, as JSON text.
        preference: for preference data, what is known of the answer; of a pair `messages` end in the chosen one.
    """

    messages: list[Message]
    tools: str | None = None
    category: str | None = None
    source: str | None = None
    id: str | None = None
    boundary: int | None = None
    extra: dict[str, str] | None = None
    preference: Preference | None = None

    def turns(self, role: str) -> list[str]:
        """Contents of the turns of one role, in order."""
        return [m.content for m in self.messages if m.role == role]

    def prompt(self) -> str:
        """The user turns, joined by blank lines."""
        return "\n\n".join(self.turns("user"))

    def response(self) -> str:
        """The assistant turns without their thoughts, joined by blank lines."""
        return "\n\n".join(self.turns("assistant"))


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Conversation)


def dumps(conversation: Conversation) -> str:
    """The record as one line of JSON text; `loads` restores it."""
    return _encoder.encode(conversation).decode()


def loads(text: str | bytes) -> Conversation:
    """The record that `dumps` wrote.  Raises msgspec.ValidationError for other text."""
    return _decoder.decode(text)
