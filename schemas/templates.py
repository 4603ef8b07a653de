"""A conversation as one text, as a prompt template writes it, with its loss mask."""

from __future__ import annotations

from itertools import groupby

import msgspec

from schemas.record import Conversation
from schemas.template_table import TEMPLATES, Template, Tools
from schemas.template_tools import called, fill, listed, offered
from schemas.thoughts import BEGIN, END
from schemas.trainable import (
    TEXT,
    THOUGHT,
    SaidTurn,
    Trainable,
    TurnPiece,
    Unsaid,
    Untrainable,
    trainable,
    without_earlier_thoughts,
)

__all__ = [
    "TEMPLATES",
    "Rendered",
    "Span",
    "Template",
    "Tools",
    "lookup",
    "prompt",
    "render",
    "thought_text",
    "written_turns",
]


class Span(msgspec.Struct, frozen=True):
    """Characters `start` (included) to `end` (excluded) of a text, trained on with `weight` > 0."""

    start: int
    end: int
    weight: float


class Rendered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation as one text.

    Attributes:
        text: of all turns.
        spans: those that are trained on, in order, never overlapping.
        unsaid: what the row has and the text has not.
    """

    text: str
    spans: tuple[Span, ...]
    unsaid: tuple[Unsaid, ...] = ()


def lookup(name: str) -> Template:
    """The template of this name, or of the name that LLaMA-Factory, Axolotl or Unsloth give the same text.

    Case, `-`, `_` and `.` do not matter.  Raises KeyError that suggests a name.
    """
    key = _key(name)
    for template in TEMPLATES.values():
        if key == _key(template.name):
            return template
    for template in TEMPLATES.values():
        if key in (_key(other) for other in (template.llamafactory, template.axolotl, template.unsloth) if other):
            return template
    import difflib

    close = difflib.get_close_matches(name.lower(), TEMPLATES, 1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise KeyError(f"no template is called {name!r}; {hint}templates are {', '.join(TEMPLATES)}")


def _key(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(".", "")


def render(conversation: Conversation, template: Template, bos: str = "", eos: str = "") -> Rendered:
    """The conversation as this template writes it, with the character spans that are trained on.

    These are assistant turns, from the end of their header up to and including their end text; a turn of weight 0 is
    written and has no span.  A thought is written before its answer in the template's own form, and is a span by itself
    where its weight is another.  An empty thought that the template alone asks for is written and never trained on.
    Turns need not alternate: the header is written before each assistant turn.  A conversation without assistant turns
    has no spans.

    Args:
        conversation: the record to render.
        template: the prompt template.
        bos: text of the tokenizer's begin token, "" where it has none.
        eos: text of the tokenizer's end token, "" where it has none.

    Raises:
        Untrainable: for what no text, or not this template, can say, see `schemas.trainable.trainable`.
    """
    messages, unsaid = written_turns(_expressed(conversation, template), template)
    writer = _Writer(template, bos, eos, messages[-1].index if messages else -1)
    writer.add(template.prefix)
    split = _split_input(conversation, template)
    opening = _opening(conversation, template, split is not None)
    if messages and messages[0].role == "system":
        messages = messages[1:]
    if opening:
        writer.system(opening)
    last_user = next((m for m in reversed(messages) if m.role == "user"), None) if split else None
    for role, turns in groupby(messages, key=lambda message: message.role):
        if role == "assistant":
            for message in turns:
                writer.reply(message)
        elif role == "system":
            for message in turns:
                writer.system(message.content())
        elif role == "tool":
            writer.results([message.content() for message in turns])
        else:
            for message in turns:
                writer.user(message.content(), split if message is last_user else None)
    writer.flush_system()
    return Rendered("".join(writer.pieces), tuple(writer.spans), unsaid)


def _expressed(conversation: Conversation, template: Template) -> Trainable:
    """What is trained on, which the template can express."""
    if template.tools:
        return trainable(conversation)
    said = trainable(conversation, frozenset({TEXT, THOUGHT}))
    if conversation.tools and listed(conversation.tools) != []:
        raise Untrainable("$.tools", f"the template {template.name} offers no tools", "take the model's own template")
    return said


def written_turns(said: Trainable, template: Template) -> tuple[tuple[SaidTurn, ...], tuple[Unsaid, ...]]:
    """(the turns as the template has them, what it leaves out): thoughts of earlier turns, where it forgets them."""
    return without_earlier_thoughts(said.turns) if template.forgets else (said.turns, ())


def _opening(conversation: Conversation, template: Template, has_input: bool) -> str:
    """The content of the first system turn: the row's own or the template's default, and the tools on offer."""
    messages = conversation.messages
    text = messages[0].content if messages and messages[0].role == "system" else ""
    text = text or (template.input_system if has_input else template.default_system)
    if not conversation.tools or template.tools is None:
        return text
    offer = offered(conversation.tools, template.tools)
    # A turn without a system text does not begin with the line breaks that separate the two.
    return text + offer if text else offer.lstrip("\n")


def prompt(conversation: Conversation, template: Template, bos: str = "", eos: str = "", thinks: bool = False) -> str:
    """The text to generate a reply from: the conversation, then the header of an assistant turn.

    Args:
        conversation: what was said so far.
        template: see `render`.
        bos: see `render`.
        eos: see `render`.
        thinks: whether the model is to write a thought, which the prompt may begin; otherwise a template that asks for
            one has an empty one, which is what replies without a thought follow in training.
    """
    so_far = render(conversation, template, bos, eos).text
    return so_far + template.reply + (template.given if thinks else template.thought)


def thought_text(turn: SaidTurn, template: Template | None) -> str:
    """The thought of a turn as a template writes it before the reply; "" where there is none.

    Args:
        turn: what is said.
        template: None for the marks that the row has.
    """
    piece = turn.piece(THOUGHT)
    return _thought(piece, template) if piece and template and template.thinking else turn.thought()


def _thought(piece: TurnPiece, template: Template) -> str:
    return fill(template.thinking, {"thought": piece.text.strip("\n")})


def _spoken(turn: SaidTurn, template: Template) -> str:
    """What an assistant turn says after its thought: its content, its tool calls, or both."""
    text = turn.content()
    if not turn.calls():
        return text
    assert template.tools is not None  # a template without is not asked to write calls
    calls = called(turn.calls(), template.tools)
    return text + template.tools.after + calls if text else calls


def _split_input(conversation: Conversation, template: Template) -> tuple[str, str] | None:
    """Instruction and input of the last user turn, if the template treats them apart and there is an input."""
    users = conversation.turns("user")
    at = conversation.boundary
    if not template.input or at is None or not users or not users[-1][at + 1 :]:
        return None
    return users[-1][:at], users[-1][at + 1 :]


class _Writer:
    """Collects pieces of text and the spans that are trained on."""

    def __init__(self, template: Template, bos: str, eos: str, last: int) -> None:
        self.template, self.last = template, last
        self.values = {"bos": bos, "eos": eos, "content": "", "input": ""}
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.length = 0
        self.waiting = ""

    def add(self, slot: str, content: str = "", extra: str = "") -> None:
        self.values["content"], self.values["input"] = content, extra
        self.put(fill(slot, self.values))

    def put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def system(self, content: str) -> None:
        if self.template.fused:
            self.waiting += fill(self.template.system, {**self.values, "content": content})
        else:
            self.add(self.template.system, content)

    def user(self, content: str, split: tuple[str, str] | None) -> None:
        waiting, self.waiting = self.waiting, ""
        if split:
            self.add(self.template.input, waiting + split[0], split[1])
        else:
            self.add(self.template.user, waiting + content)

    def results(self, contents: list[str]) -> None:
        self.flush_system()
        if self.template.result:
            contents = ["\n".join(fill(self.template.result, {"content": content}) for content in contents)]
        for content in contents:
            self.add(self.template.observation or self.template.user, content)

    def reply(self, turn: SaidTurn) -> None:
        self.flush_system()
        self.add(self.template.reply)
        thought, text = turn.piece(THOUGHT), _spoken(turn, self.template)
        if thought is None and BEGIN not in text and END not in text:
            self.add(self.template.thought)
        slot = self.slot(turn)
        if thought is not None and self.template.thinking:
            start = self.thought(thought)
            middle = self.length
        else:  # the thought is text of the reply
            start = self.length
            head = fill(slot.partition("{content}")[0], {**self.values, "content": ""})
            middle = start + len(head) + len(turn.thought())
            text = turn.thought() + text
        self.add(slot, text)
        if thought is None or thought.weight == turn.weight:
            self.span(start, self.length, turn.weight)
        else:
            self.span(start, middle, thought.weight)
            self.span(middle, self.length, turn.weight)

    def slot(self, turn: SaidTurn) -> str:
        """What is written around a reply."""
        if turn.calls() and not turn.content() and self.template.calls_only:
            return self.template.calls_only
        return self.template.last if self.template.last and turn.index == self.last else self.template.assistant

    def thought(self, piece: TurnPiece) -> int:
        """Write a thought in the template's own form; gives the place from which on it is trained on."""
        given = self.template.given
        self.put(given)
        start = self.length
        self.put(_thought(piece, self.template)[len(given) :])
        return start

    def span(self, start: int, end: int, weight: float) -> None:
        if weight > 0 and end > start:
            self.spans.append(Span(start, end, weight))

    def flush_system(self) -> None:
        """Write a system text that no user turn includes as a user turn of its own, so that it is not lost."""
        if self.waiting:
            self.user("", None)
