"""The prompt of a preference row and the answers to it, each as text, as one turn or as a list of turns.

"A lake?"                                    text
{"from": "gpt", "value": "Como"}             a turn of LLaMA-Factory's ranking
[{"role": "assistant", "content": "Como"}]   turns of role and content, or of from and value

Source: TRL's page on dataset formats (explicit and implicit prompt), LLaMA-Factory's data README (ranking, KTO),
Anthropic's hh-rlhf (both sides a transcript of `Human:` and `Assistant:`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Raw

from schemas import preference, thoughts
from schemas.call_turns import take_results
from schemas.check import blank
from schemas.check import conversation as check_turns
from schemas.misfit import place
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message, Preference
from schemas.row import Optional, lead_with_system
from schemas.sharegpt import FIELDS as SENDER_FIELDS
from schemas.sharegpt import ShareGPTTurn, messages_of
from schemas.turns import FIELDS as ROLE_FIELDS
from schemas.turns import Turn, read_turns, turn_decoder

SPEAKER = re.compile(r"(?:^|\n\n)(Human|Assistant):[ ]?")
ROLES = {"Human": "user", "Assistant": "assistant"}
TURN_AT = re.compile(r"^\$\.turns\[(\d+)\]")
_turns = msgspec.json.Decoder(list[dict[str, Raw]])
_encode = msgspec.json.Encoder().encode


class Side(NamedTuple):
    """Turns, with the JSON path of each."""

    messages: list[Message]
    paths: list[str]


def read_side(value: Optional, field: str, role: str = "assistant") -> Side:
    """The turns of a field.

    Args:
        value: as the row has it.
        field: its name.
        role: of whom a text is.

    Raises:
        Invalid: E213 for an answer that is missing or empty, E203 for such a prompt, E101-E112 for a turn.
    """
    path, data = f"$.{field}", b"null" if value is UNSET else bytes(value)
    if data[:1] == b'"':
        side = Side([Message(role, msgspec.json.decode(data))], [path])
    elif data[:1] == b"{":
        try:
            side = Side(_read_list(b"[%b]" % data, path)[0], [path])
        except Invalid as invalid:
            wrong = invalid.problem
            raise Invalid(wrong.code, wrong.path.replace(f"{path}[0]", path, 1), wrong.message) from None
    elif data[:1] == b"[":
        messages, places = _read_list(data, path)
        side = Side(messages, [f"{path}[{i}]" for i in places])
    elif data == b"null":
        side = Side([], [])
    else:
        raise Invalid("E101", path, f"found {shown(data)}, expected text or turns")
    if all(blank(m.content) and not (m.tool_calls or m.parts or m.reasoning) for m in side.messages):
        found = f"found {shown(data)}" if value is not UNSET else f"the row has no {field}"
        raise Invalid("E203" if role == "user" else "E213", path, found)
    thoughts.take_inline(side.messages, side.paths.__getitem__)
    return side


def _read_list(data: bytes, path: str) -> tuple[list[Message], list[int]]:
    """(messages, the index of each in the list) of turns of either style."""
    try:
        names = list(dict.fromkeys(name for turn in _turns.decode(data) for name in turn))
        if "from" in names and "role" not in names:
            further = tuple(sorted(set(names) - SENDER_FIELDS))
            return messages_of(turn_decoder(ShareGPTTurn, further).decode(data), path)
        further = tuple(sorted(set(names) - ROLE_FIELDS))
        return take_results(read_turns(turn_decoder(Turn, further).decode(data), path))
    except msgspec.ValidationError as error:
        raise Invalid(*place(data, error, path)) from None


def pair(prompt: Side, chosen: Side, rejected: Side, system: Optional, tools: str | None) -> Conversation:
    """The record of a prompt and the two answers to it, which may begin with the prompt's own turns.

    Args:
        prompt: before the answers.
        chosen: the better answer.
        rejected: the worse answer.
        system: the row's own field for the system prompt.
        tools: JSON text of the tools on offer; None where the row does not say.

    Raises:
        Invalid: E214 for equal answers, E201-E211 for the order of turns.
    """
    better, worse = _after(prompt, chosen), _after(prompt, rejected)
    if [_said(message) for message in better.messages] == [_said(message) for message in worse.messages]:
        raise Invalid("E214", "$.rejected", f"both answers are {shown(worse.messages[-1].content)!r}")
    checked(prompt, worse, system, tools)
    messages = checked(prompt, better, system, tools)
    return Conversation(messages, preference=Preference(len(better.messages), worse.messages))


def _after(prompt: Side, answer: Side) -> Side:
    """The answer without the turns of the prompt, where it begins with them."""
    at = len(prompt.messages)
    if len(answer.messages) > at and list(map(_said, answer.messages[:at])) == list(map(_said, prompt.messages)):
        return Side(answer.messages[at:], answer.paths[at:])
    return answer


def _said(message: Message) -> tuple[object, ...]:
    return message.role, message.content.strip(), message.reasoning, message.parts, message.tool_calls


def labelled(prompt: Side, answer: Side, system: Optional, tools: str | None, label: Preference) -> Conversation:
    """The record of a prompt and an answer that is labelled.

    Raises:
        Invalid: E201-E211 for the order of turns.
    """
    messages = checked(prompt, answer, system, tools)
    label.answer = len(answer.messages) or preference.last_answer(messages)
    return Conversation(messages, preference=label)


def label_of(value: Raw, field: str) -> Preference:
    """What a label says of an answer.  Raises Invalid E216 for a value that is neither true nor false."""
    data = bytes(value)
    if data not in (b"true", b"false"):
        raise Invalid("E216", f"$.{field}", f"found {shown(data)}, expected true or false")
    return Preference(0, label=data == b"true", field=field)


def shared(chosen: Side, rejected: Side) -> tuple[Side, Side, Side]:
    """(the prompt, the chosen answer, the rejected answer) of two conversations that begin alike.

    Raises:
        Invalid: E214 for equal ones, E213 for one that has no answer, E215 for those whose prompts differ.
    """
    one, other = chosen.messages, rejected.messages
    at = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), -1)
    if at < 0:
        if len(one) == len(other):
            raise Invalid("E214", "$.rejected", "both conversations are the same")
        shorter = "chosen" if len(one) < len(other) else "rejected"
        raise Invalid("E213", f"$.{shorter}", "the conversation is the beginning of the other one")
    prompt, better, worse = Side(one[:at], chosen.paths[:at]), Side(one[at:], chosen.paths[at:]), rejected.messages[at:]
    if not (any(m.role == "user" for m in prompt.messages) and better.messages[0].role == worse[0].role == "assistant"):
        raise Invalid("E215", rejected.paths[at], f"the prompts differ: {shown(other[at].content)!r}")
    return prompt, better, Side(worse, rejected.paths[at:])


def transcript(side: Side) -> Side:
    """The turns of a conversation that is one text, a transcript of `Human:` and `Assistant:`; other sides as they are.

    Raises:
        Invalid: E215 for a text that is none and so holds no prompt.
    """
    if side.paths[0].endswith("]"):
        return side
    text = side.messages[0].content
    before, *parts = SPEAKER.split(text.strip())
    if before or not parts:
        raise Invalid("E215", side.paths[0], f"the row has no prompt, and the text no turns: {shown(text)!r}")
    turns = [Message(ROLES[speaker], said.strip()) for speaker, said in zip(parts[::2], parts[1::2], strict=True)]
    return Side(turns, side.paths * len(turns))


def checked(prompt: Side, answer: Side, system: Optional, tools: str | None) -> list[Message]:
    """The turns of prompt and answer, the system prompt first.

    Raises:
        Invalid: E201-E211 for their order, with the JSON path of the turn.
    """
    messages, paths = [*prompt.messages, *answer.messages], [*prompt.paths, *answer.paths]
    places = list(range(len(messages)))
    lead_with_system(messages, places, system)
    try:
        check_turns(messages, places, "$.turns", tools)
    except Invalid as invalid:
        found = invalid.problem
        path = TURN_AT.sub(lambda match: paths[int(match[1])], found.path)
        raise Invalid(found.code, path.replace("$.turns", paths[0], 1), found.message) from None
    return messages


def raw_turns(turns: object) -> Raw:
    """Turns, or one turn, as the JSON value of a field."""
    return Raw(_encode(turns))
