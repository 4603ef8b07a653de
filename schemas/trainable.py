"""What of a record is trained on: the one function that rendering, masking, exports and scores ask.

turn         pieces                                   weight
user         text "6 times 7?"                        0
assistant    thought "6 x 7"                          reasoning_weight, else as the turn
             text "42"                                the turn's, 1 where the record has none
             call '[{"function": ...}]'               as the text
tool         result "42"                              0
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from schemas.check import blank
from schemas.parts import unread
from schemas.preference import TAKE, example, not_to_follow
from schemas.record import Conversation, Message
from schemas.thoughts import inline
from schemas.weights import effective

TEXT, THOUGHT, CALL, RESULT = "text", "thought", "call", "result"
KINDS = frozenset({TEXT, THOUGHT, CALL, RESULT})

# What to do about a part that is not text, by what its type has in its name.
REMEDIES = {
    "reasoning": "write the thought as the turn's reasoning_content",
    "thinking": "write the thought as the turn's reasoning_content",
    "tool": "write calls as the turn's tool_calls, and results as turns of role tool",
}
INSTEAD = "remove it, or choose another template (the model's own, say)"
MEDIA_REMEDY = "remove the part, or train a multimodal model on the row elsewhere"


class TurnPiece(msgspec.Struct, frozen=True, gc=False):
    """Part of what a turn says.

    Attributes:
        kind: one of KINDS.
        text: a thought without its marks; calls as the JSON text of a list in OpenAI's shape.
        weight: in the loss; 0 is not trained on.
    """

    kind: str
    text: str
    weight: float


class SaidTurn(msgspec.Struct, frozen=True, gc=False):
    """What a turn says, in the order in which a model writes it.

    Attributes:
        index: of the message in the record.
        role: of the message.
        pieces: its thought, text (or result) and calls; those that it does not have are left out.
        weight: in the loss, of all but the thought; 0 for every turn that is not the assistant's.
        form: where the thought stood, as in `Message.reasoning_form`.
        call_id: which call a result answers.
        name: who speaks.
    """

    index: int
    role: str
    pieces: tuple[TurnPiece, ...]
    weight: float = 0.0
    form: str = ""
    call_id: str | None = None
    name: str | None = None

    def piece(self, kind: str) -> TurnPiece | None:
        """The piece of this kind; None where the turn has none."""
        return next((piece for piece in self.pieces if piece.kind == kind), None)

    def content(self) -> str:
        """The text of the turn, or its result: without thought and calls."""
        return "".join(piece.text for piece in self.pieces if piece.kind in (TEXT, RESULT))

    def thought(self) -> str:
        """The thought with its marks, as it stands before the answer; "" where there is none."""
        piece = self.piece(THOUGHT)
        return inline(piece.text, self.form) if piece else ""

    def without_thought(self) -> SaidTurn:
        """The turn without its thought."""
        return msgspec.structs.replace(self, pieces=tuple(piece for piece in self.pieces if piece.kind != THOUGHT))

    def calls(self) -> str:
        """The calls as the JSON text of a list in OpenAI's shape; "" where there are none."""
        piece = self.piece(CALL)
        return piece.text if piece else ""


class Unsaid(msgspec.Struct, frozen=True):
    """What a row has and the text that is trained on has not, though the row is trained on.

    Attributes:
        path: JSON path in the record, as `$.messages[1].reasoning`.
        why: it is left out.
    """

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Trainable(msgspec.Struct, frozen=True):
    """A record as a model is trained on it.

    Attributes:
        turns: one for each message.
    """

    turns: tuple[SaidTurn, ...]

    @property
    def is_trained(self) -> bool:
        """Whether anything is trained on."""
        return any(piece.weight > 0 for turn in self.turns for piece in turn.pieces)


class Untrainable(Exception):
    """A row that cannot be trained on as it is.

    Attributes:
        path: JSON path of what is in the way, in the record.
        why: it is.
        remedy: what to do.
    """

    def __init__(self, path: str, why: str, remedy: str) -> None:
        super().__init__(f"{path}: {why}; {remedy}")
        self.path, self.why, self.remedy = path, why, remedy


def trainable(record: Conversation, able: frozenset[str] = KINDS) -> Trainable:
    """What of a record is trained on.

    A record without a reply that is trained on is no error here: see `Trainable.is_trained`.

    Args:
        record: the row.
        able: the kinds of pieces that whoever asks can write.

    Raises:
        Untrainable: for a pair and a bad answer (see schemas.preference), a part that is not text, a reply of which
            nothing is left to train on, and a piece that is not in `able`.
    """
    refused = not_to_follow(record)
    if refused:
        raise Untrainable(*refused, f"remove the row, or for a pair {TAKE}")
    turns = []
    for index, message in enumerate(example(record).messages):
        path = f"$.messages[{index}]"
        if message.parts is not None:
            _check_parts(message, path)
        turn = _said(index, message)
        if turn.weight > 0 and not turn.calls() and blank(turn.content()):
            what = "a thought and no answer" if message.reasoning is not None else "no text"
            raise Untrainable(path, f"the reply has {what}", "write the answer, or remove the row")
        for piece in turn.pieces:
            if piece.kind not in able:
                raise Untrainable(path, f"the turn has a {piece.kind}, which cannot be written", INSTEAD)
        turns.append(turn)
    return Trainable(tuple(turns))


def without_earlier_thoughts(turns: Sequence[SaidTurn]) -> tuple[tuple[SaidTurn, ...], tuple[Unsaid, ...]]:
    """(the turns without the thoughts before the last user turn, which most models that think forget, those thoughts).

    An empty thought goes without being named.

    Args:
        turns: of a whole conversation.
    """
    last = last_user(turns)
    kept, unsaid = [], []
    for turn in turns:
        piece = turn.piece(THOUGHT) if turn.index < last else None
        if piece is not None:
            turn = turn.without_thought()
            unsaid += [forgotten(turn)] if piece.text.strip() else []
        kept.append(turn)
    return tuple(kept), tuple(unsaid)


def last_user(turns: Sequence[SaidTurn]) -> int:
    """The index of the last user turn, -1 where there is none."""
    return max((turn.index for turn in turns if turn.role == "user"), default=-1)


def forgotten(turn: SaidTurn) -> Unsaid:
    """That a template leaves out the thought of a turn before the last user turn."""
    why = "the template leaves out thoughts before the last user turn; --reasoning inline makes them text"
    return Unsaid(f"$.messages[{turn.index}].reasoning", why)


def _said(index: int, message: Message) -> SaidTurn:
    weight = effective(message) if message.role == "assistant" else 0.0
    pieces = []
    if message.reasoning is not None:
        own = weight if message.reasoning_weight is None else message.reasoning_weight
        pieces.append(TurnPiece(THOUGHT, message.reasoning, own if weight else 0.0))
    if message.content or not message.tool_calls:
        pieces.append(TurnPiece(RESULT if message.role == "tool" else TEXT, message.content, weight))
    if message.tool_calls:
        pieces.append(TurnPiece(CALL, message.tool_calls, weight))
    form, call_id, name = message.reasoning_form, message.tool_call_id, message.name
    return SaidTurn(index, message.role, tuple(pieces), weight, form, call_id, name)


def _check_parts(message: Message, path: str) -> None:
    for _, kind in unread(message):
        raise Untrainable(
            path,
            f"the turn has a part of type {kind!r}, and only text is trained on",
            next((remedy for name, remedy in REMEDIES.items() if name in kind), MEDIA_REMEDY),
        )
