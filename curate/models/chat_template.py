"""Conversations as a tokenizer's own chat template writes them, with the assistant turns found in the text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.extras import require
from curate.models.hub_model import check_hub_model
from curate.models.packaged import model_file
from schemas.problems import shown
from schemas.record import Conversation
from schemas.template_tools import arguments, listed
from schemas.templates import TEMPLATES, Rendered, Span
from schemas.thoughts import BEGIN, END
from schemas.trainable import THOUGHT, SaidTurn, Trainable, Unsaid, Untrainable, forgotten, last_user, trainable
from schemas.weights import untrained

# The names under which chat templates read a thought; the first that a template has is its own.
THOUGHT_FIELDS = ("reasoning_content", "thinking", "reasoning")
_PROBE = "\u2063probe\u2063"
_EMPTY_THOUGHT = re.compile(rf"\s*{BEGIN}\s*{END}\s*")


class TemplateError(CurateError):
    """A conversation that the chosen template cannot write, or whose assistant turns cannot be found again."""


def load_tokenizer(name: str) -> Any:
    """The tokenizer of a model: a hub id, a folder, a .gguf file, or a packaged model (`smollm2-135m`).

    Raises:
        CurateError: if transformers is missing or the tokenizer cannot be loaded.
    """
    transformers = require("transformers", "train", "a model's own template")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    source, options = _source(name)
    check_hub_model(source, "the tokenizer of")
    if "gguf_file" in options:
        require("gguf", "train", "a .gguf file")
    try:
        return transformers.AutoTokenizer.from_pretrained(source, **options)
    except (OSError, ValueError, ImportError, KeyError) as error:
        reason = str(error).strip().split("\n")[0]
        raise CurateError(
            f"cannot load the tokenizer of {name!r}: {reason}\n"
            "give a hub id (needs a network), a folder with tokenizer files, or a .gguf file"
        ) from None


def _source(name: str) -> tuple[str, dict[str, str]]:
    """What AutoTokenizer.from_pretrained takes for this name."""
    path = model_file(name) or Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return str(path.parent), {"gguf_file": path.name}
    return (str(path) if path.is_dir() else name), {}


def render_own(conversation: Conversation, tokenizer: Any) -> Rendered:
    """The conversation as the tokenizer's own chat template writes it, with the assistant turns found in it.

    A turn begins at the end of the text of the turns before it, header of the reply included, and ends with the text
    of the turns up to it.  Where a template writes the last turn unlike earlier ones (Qwen3 gives only the last an
    empty thought), the turn is located by writing a probe in its place and comparing.  An empty thought that the
    template adds is never trained on.  A thought before the last user turn that the template leaves out is listed.

    Args:
        conversation: the record to render.
        tokenizer: a transformers tokenizer with a chat template.

    Raises:
        TemplateError: if nothing can be trained on, the template refuses the conversation, or the turns cannot be
            found, or not whole, thoughts included.
    """
    try:
        said = trainable(conversation)
    except Untrainable as error:
        raise TemplateError(str(error), 1) from None
    write = _OwnTemplate(conversation, said, tokenizer)
    text = write(len(said.turns), False)
    spans: list[Span] = []
    unsaid: list[Unsaid] = []
    last_asked = last_user(said.turns)
    for i, turn in enumerate(said.turns):
        if turn.weight <= 0:
            continue
        before, through = write(i, True), write(i + 1, False)
        if text.startswith(before) and text.startswith(through) and len(before) < len(through):
            start, end = len(before), len(through)
        else:
            start, end = _by_probe(write, i, text, before)
        forgets = start >= 0 and _loses_thought(turn, text[start:end])
        if start < 0 or (spans and start < spans[-1].end) or (forgets and turn.index > last_asked):
            raise TemplateError(
                f"the tokenizer's chat template writes turn {i + 1} differently when other turns follow or precede it, "
                "or leaves part of it out, so the trained tokens cannot be located in its text; choose a template by "
                f"name ({', '.join(TEMPLATES)})",
                1,
            )
        if forgets:
            unsaid.append(forgotten(turn))
            turn = turn.without_thought()
        spans += _spans(turn, text, start, end)
    return Rendered(text, tuple(spans), tuple(unsaid))


def own_prompt(conversation: Conversation, tokenizer: Any, thinks: bool | None = None) -> str:
    """The text to generate a reply from, as the tokenizer's own chat template writes it.

    Args:
        conversation: what was said so far.
        tokenizer: a transformers tokenizer with a chat template.
        thinks: what the template is told of thinking (`enable_thinking`, as Qwen3 has it); None tells it nothing.

    Raises:
        TemplateError: if the template refuses the conversation.
    """
    conversation = untrained(conversation)
    try:
        said = trainable(conversation)
    except Untrainable as error:
        raise TemplateError(str(error), 1) from None
    options = {} if thinks is None else {"enable_thinking": thinks}
    return _OwnTemplate(conversation, said, tokenizer, options)(len(said.turns), True)


def _loses_thought(turn: SaidTurn, written: str) -> bool:
    piece = turn.piece(THOUGHT)
    return piece is not None and piece.text.strip() not in written


def _spans(turn: SaidTurn, text: str, start: int, end: int) -> list[Span]:
    """What of a turn is trained on: all of it, or its thought and its answer with a weight each.

    Args:
        turn: what it says.
        text: of the whole conversation.
        start: where the turn begins in it.
        end: where the turn ends.
    """
    piece = turn.piece(THOUGHT)
    if piece is None:
        empty = None if BEGIN in turn.content() else _EMPTY_THOUGHT.match(text, start, end)
        return [Span(empty.end() if empty else start, end, turn.weight)]
    if piece.weight == turn.weight:
        return [Span(start, end, turn.weight)]
    thought = piece.text.strip()
    at = text.index(thought, start) + len(thought)
    middle = max(at, text.find(turn.content().strip(), at, end))
    return [Span(*span) for span in ((start, middle, piece.weight), (middle, end, turn.weight)) if span[2] > 0]


class _OwnTemplate:
    """Writes the first turns of a conversation by the tokenizer's template."""

    def __init__(
        self, conversation: Conversation, said: Trainable, tokenizer: Any, options: Mapping[str, Any] | None = None
    ) -> None:
        self.tokenizer, self.options = tokenizer, options or {}
        self.tools = listed(conversation.tools) if conversation.tools else None
        if conversation.tools and self.tools is None:
            raise TemplateError(f"the tools are not a JSON list of objects: {shown(conversation.tools.encode())}", 1)
        field = _thought_field(str(tokenizer.chat_template))
        self.turns = [_as_dict(turn, field) for turn in said.turns]
        if any("tool_calls" in turn for turn in self.turns):
            self._choose_arguments()

    def __call__(self, count: int, header: bool, probe: int = -1) -> str:
        """The text of the first `count` turns.

        Args:
            count: how many turns, from the first.
            header: whether the header of a reply follows them.
            probe: the turn whose content is replaced by _PROBE, -1 for none.
        """
        turns = self.turns[:count]
        if probe >= 0:
            turns[probe] = {**turns[probe], "content": _PROBE}
        try:
            return self._apply(turns, header)
        except Exception as error:  # a template is third-party code and may raise anything
            raise TemplateError(
                f"the tokenizer's chat template refuses this conversation ({error}); "
                "a template given by name (--template chatml, say) takes any order of turns",
                1,
            ) from None

    def _apply(self, turns: list[dict[str, Any]], header: bool) -> str:
        return self.tokenizer.apply_chat_template(
            turns, tools=self.tools, tokenize=False, add_generation_prompt=header, **self.options
        )

    def _choose_arguments(self) -> None:
        """Arguments of calls as objects, which most templates write as JSON, or as text where those are refused.

        Templates that want objects would write OpenAI's text as a quoted string, backslashes and all.
        """
        as_text = self.turns
        self.turns = [_with_objects(turn) for turn in as_text]
        try:
            self._apply(self.turns, False)
        except Exception:
            self.turns = as_text


def _by_probe(write: _OwnTemplate, i: int, text: str, before: str) -> tuple[int, int]:
    """(start, end) of turn i in the text, located by writing a probe in its place; (-1, -1) if that fails.

    Args:
        write: writes the first turns of the conversation.
        i: the turn.
        text: the whole conversation as written.
        before: the text of the turns before it, with the header of a reply.
    """
    content = write.turns[i]["content"]
    if not content.strip() or "tool_calls" in write.turns[i]:
        return -1, -1
    head, _, tail = write(len(write.turns), False, probe=i).partition(_PROBE)
    ending = write(i + 1, False, probe=i).partition(_PROBE)[2]
    inside = text[len(head) : len(text) - len(tail)]
    if not (text.startswith(head) and text.endswith(tail) and tail.startswith(ending) and content.strip() in inside):
        return -1, -1
    if text.startswith(before) and len(before) <= len(head):
        start = len(before)
    elif before.startswith(head):  # the header of a reply goes on, with the beginning of a thought, say
        start = len(head)
    else:
        return -1, -1
    return start, len(text) - len(tail) + len(ending)


def _thought_field(template: str) -> str:
    """The field of a turn that a chat template reads thoughts from; "" for none."""
    return next((name for name in THOUGHT_FIELDS if re.search(rf"""\.{name}\b|["']{name}["']""", template)), "")


def _as_dict(said: SaidTurn, field: str) -> dict[str, Any]:
    """The turn as chat templates take it.

    Args:
        said: what it says.
        field: where the template reads thoughts from; "" where they stand before the answer.
    """
    thought = said.piece(THOUGHT)
    turn: dict[str, Any] = {"role": said.role, "content": said.content()}
    if thought is not None and field and thought.text.strip():
        turn[field] = thought.text
    else:
        turn["content"] = said.thought() + said.content()
    if said.calls():
        turn["tool_calls"] = json.loads(said.calls())
    if said.call_id:
        turn["tool_call_id"] = said.call_id
    if said.name:
        turn["name"] = said.name
    return turn


def _with_objects(turn: dict[str, Any]) -> dict[str, Any]:
    """The turn with the arguments of its calls as objects."""
    if "tool_calls" not in turn:
        return turn
    calls = []
    for call in turn["tool_calls"]:
        function = call.get("function", call)
        function = {**function, "arguments": json.loads(arguments(function.get("arguments", {})))}
        calls.append({**call, "function": function} if "function" in call else function)
    return {**turn, "tool_calls": calls}
