"""Prompt templates as data: how a conversation is written out as one text, and which of it is learnt."""

from __future__ import annotations

import msgspec

from schemas.record import Conversation, Message

SLOT = "{content}"
_BOS, _EOS = "{bos}", "{eos}"


class Template(msgspec.Struct, frozen=True):
    """The pieces a conversation is put together from; `{content}`, `{bos}` and `{eos}` are filled in.

    prefix: written once, first.
    system, user, observation: a system, user and tool turn.
    reply: the header of an assistant turn, written before it and never learnt.
    assistant: what is learnt of an assistant turn, its end included.
    default_system: used where a conversation has no system turn ("" = no system turn then).
    stop: where generation ends, if that is not the tokenizer's own end token.
    input, input_system: `user` and `default_system` for a last user turn whose
        instruction and input are known apart (`Conversation.boundary`); "" = no difference.
    tools: how the tools on offer (JSON text) are added to the system turn's content.
    """

    name: str
    user: str
    reply: str
    assistant: str
    prefix: str = ""
    system: str = SLOT
    observation: str = ""
    default_system: str = ""
    stop: str = ""
    input: str = ""
    input_system: str = ""
    tools: str = "\n\nTools: {content}"


class Span(msgspec.Struct, frozen=True):
    """Characters `start` (included) to `end` (excluded) of a text, learnt with `weight` > 0."""

    start: int
    end: int
    weight: float


class Rendered(msgspec.Struct, frozen=True):
    """A conversation as one text, and the spans of it that are learnt: in order, never overlapping."""

    text: str
    spans: tuple[Span, ...]


_ALPACA_SYSTEM = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
)
_ALPACA_INPUT_SYSTEM = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
)

TEMPLATES = {
    template.name: template
    for template in (
        Template(
            name="alpaca",
            user="### Instruction:\n{content}\n\n",
            reply="### Response:\n",
            assistant="{content}{eos}\n\n",
            default_system=_ALPACA_SYSTEM,
        ),
        # The widely quoted prompt of the Alpaca project: a block of its own for the input, no line end after it.
        Template(
            name="alpaca-input",
            user="### Instruction:\n{content}\n\n",
            reply="### Response:",
            assistant="{content}{eos}",
            default_system=_ALPACA_SYSTEM,
            input="### Instruction:\n{content}\n\n### Input:\n{input}\n\n",
            input_system=_ALPACA_INPUT_SYSTEM,
        ),
        Template(
            name="chatml",
            system="<|im_start|>system\n{content}<|im_end|>\n",
            user="<|im_start|>user\n{content}<|im_end|>\n",
            observation="<|im_start|>tool\n{content}<|im_end|>\n",
            reply="<|im_start|>assistant\n",
            assistant="{content}<|im_end|>\n",
            stop="<|im_end|>",
        ),
        Template(
            name="deepseek",
            prefix="{bos}",
            system="{content}\n\n",
            user="User: {content}\n\n",
            reply="Assistant:",
            assistant="{content}{eos}",
        ),
        Template(
            name="deepseek3",
            prefix="{bos}",
            user="<｜User｜>{content}",
            reply="<｜Assistant｜>",
            assistant="{content}{eos}",
        ),
        Template(
            name="default",
            system="System: {content}{eos}\n",
            user="Human: {content}{eos}\n",
            reply="Assistant:",
            assistant="{content}{eos}\n",
        ),
    )
}


def lookup(name: str) -> Template:
    """The template of this name; case and `_` for `-` do not matter.  Raises KeyError with the known names."""
    key = name.lower().replace("_", "-")
    if key in TEMPLATES:
        return TEMPLATES[key]
    raise KeyError(f"no template is called {name!r}; templates are {', '.join(TEMPLATES)}")


def render(conversation: Conversation, template: Template, bos: str = "", eos: str = "") -> Rendered:
    """The conversation as this template writes it, with the character spans that are learnt.

    bos, eos: texts of the tokenizer's begin and end tokens ("" where it has none).
    Learnt are assistant turns, from the end of their header up to and including their end text; a turn of
    weight 0 has no span.  Turns need not alternate: the header is written before each assistant turn.
    Never raises; a conversation without assistant turns has no spans.
    Source: the template table of LLaMA-Factory (its user slot is `user` + `reply` here).
    """
    writer = _Writer(bos, eos)
    writer.add(template.prefix)
    messages = list(conversation.messages)
    split = _split_input(conversation, template)
    system = messages.pop(0).content if messages and messages[0].role == "system" else ""
    system = system or (template.input_system if split else template.default_system)
    if conversation.tools:
        system = (system + template.tools.replace(SLOT, conversation.tools)).lstrip("\n")
    if system:
        writer.add(template.system, system)
    last_user = max((i for i, m in enumerate(messages) if m.role == "user"), default=-1)
    for i, message in enumerate(messages):
        if message.role == "assistant":
            writer.add(template.reply)
            writer.learn(template.assistant, spoken(message), 1.0 if message.weight is None else message.weight)
        elif message.role == "system":
            writer.add(template.system, message.content)
        elif message.role == "tool":
            writer.add(template.observation or template.user, message.content)
        elif i == last_user and split:
            writer.add(template.input, *split)
        else:
            writer.add(template.user, message.content)
    return Rendered("".join(writer.pieces), tuple(writer.spans))


def prompt(conversation: Conversation, template: Template, bos: str = "", eos: str = "") -> str:
    """The text to generate a reply from: the conversation, then the header of an assistant turn."""
    return render(conversation, template, bos, eos).text + template.reply


def spoken(message: Message) -> str:
    """What a turn says: its content, its tool calls (JSON text), or both with a line end between."""
    return "\n".join(piece for piece in (message.content, message.tool_calls) if piece)


def _split_input(conversation: Conversation, template: Template) -> tuple[str, str] | None:
    """Instruction and input of the last user turn, if the template treats them apart and there is an input."""
    users = conversation.turns("user")
    at = conversation.boundary
    if not template.input or at is None or not users or not users[-1][at + 1 :]:
        return None
    return users[-1][:at], users[-1][at + 1 :]


class _Writer:
    """Collects pieces of text and the spans that are learnt."""

    def __init__(self, bos: str, eos: str) -> None:
        self.marks = {_BOS: bos, _EOS: eos}
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.length = 0

    def add(self, slot: str, content: str = "", extra: str = "") -> None:
        # The slot is cut before anything is filled in: a content that reads "{eos}" stays as it is.
        head, here, tail = slot.partition(SLOT)
        middle, split, end = tail.partition("{input}")
        parts = [self._mark(head), content if here else "", self._mark(middle), extra if split else "", self._mark(end)]
        piece = "".join(parts)
        self.pieces.append(piece)
        self.length += len(piece)

    def learn(self, slot: str, content: str, weight: float) -> None:
        start = self.length
        self.add(slot, content)
        if weight > 0 and self.length > start:
            self.spans.append(Span(start, self.length, float(weight)))

    def _mark(self, text: str) -> str:
        for mark, value in self.marks.items():
            text = text.replace(mark, value)
        return text
