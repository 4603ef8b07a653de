"""Whether a conversation can be learnt from: the rules that every format shares."""

from __future__ import annotations

import msgspec

from schemas.problems import Invalid, shown
from schemas.record import Message

TEXT_PARTS = ("text", "input_text")


def blank(text: str) -> bool:
    """True for empty text and for white space alone."""
    return not text or text.isspace()


def exchange(prompt: str, response: str, prompt_path: str, response_path: str) -> None:
    """Check a single exchange.  Raises Invalid when either side is blank."""
    if not prompt or prompt.isspace():
        raise Invalid("E203", prompt_path, "the prompt is empty")
    if not response or response.isspace():
        raise Invalid("E202", response_path, "the response is empty")


def conversation(messages: list[Message], places: list[int], turns: str) -> None:
    """Check that turns follow one another as trainers expect.

    Args:
        messages: the turns read.
        places: for each message its index in the row's own list, -1 for one that came from elsewhere.
        turns: JSON path of that list, as `$.messages`.

    Raises:
        Invalid: at the first turn that breaks a rule: an optional system turn first, then user turns answered by the
            assistant, tool results only after tool calls, an assistant turn last, and no blank turn by the user or the
            assistant.
    """
    before = "start"
    for i, message in enumerate(messages):
        role = message.role
        if role == "assistant":
            if before == "assistant" and not message.tool_calls:
                raise _misplaced("E204", places, i, turns, "two assistant turns in a row")
            if before in ("start", "system"):
                raise _misplaced("E205", places, i, turns, "the first turn is by the assistant")
            if blank(message.content) and not message.tool_calls and not _shows(message.parts):
                raise _misplaced("E202", places, i, turns, "the assistant's turn is empty")
        elif role == "user":
            if before == "user":
                raise _misplaced("E204", places, i, turns, "two user turns in a row")
            if blank(message.content) and not _shows(message.parts):
                raise _misplaced("E203", places, i, turns, "the user's turn is empty")
        elif role == "tool":
            if before in ("start", "system"):
                raise _misplaced("E205", places, i, turns, "the first turn is a tool result")
            if before == "user":
                raise _misplaced("E204", places, i, turns, "a tool result follows the user, not a tool call")
        elif before == "system":
            raise _misplaced("E208", places, i, turns, "a second system prompt")
        elif before != "start":
            raise _misplaced("E207", places, i, turns, "a system turn stands after the first turn")
        before = role
    if before in ("start", "system"):
        raise Invalid("E201", turns, "no turn by the user or the assistant")
    if before != "assistant":
        last = messages[-1]
        raise _misplaced(
            "E206", places, len(messages) - 1, turns, f"the last turn is {last.role}: {shown(last.content)!r}"
        )


def _shows(parts: str | None) -> bool:
    """Whether typed parts hold something that is not text: an image alone is a prompt."""
    return parts is not None and any(part.get("type") not in TEXT_PARTS for part in msgspec.json.decode(parts))


def _misplaced(code: str, places: list[int], i: int, turns: str, message: str) -> Invalid:
    place = places[i]
    return Invalid(code, f"{turns}[{place}]" if place >= 0 else "$.system", message)
