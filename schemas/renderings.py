"""How prompt templates write turns as text, for reading such text and writing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from schemas.problems import shown
from schemas.record import Message

Turns = Sequence[tuple[str, str]]
# Tokens around a text that are of no turn.
EDGE = re.compile(r"(?:\s|</?s>|<bos>|<eos>|<\|begin_of_text\|>|<\|end_of_text\|>|<\|endoftext\|>)*")
ROLES = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "ipython": "tool",
}


class Unread(Exception):
    """Text that is of no turn, with the code of the problem."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Rendering(msgspec.Struct, frozen=True):
    """One way in which turns are written as text.

    Attributes:
        name: of the shape.
        about: its marks, in words.
        marks: what a text of it has, one after the other.
        read: a text to its messages and, where the last prompt is an instruction and an input, where these part.
            Raises Unread.
        write: turns, each a role and its text, to the text.
        headed: whether turns begin with headings of plain words, so that white space around them does not count.
    """

    name: str
    about: str
    marks: tuple[re.Pattern[str], ...]
    read: Callable[[str], tuple[list[Message], int | None]]
    write: Callable[[Turns], str]
    headed: bool = False

    def marked(self, text: str) -> bool:
        """Whether a text has the marks."""
        at = 0
        for mark in self.marks:
            found = mark.search(text, at)
            if not found:
                return False
            at = found.end()
        return True


def _wrapped(begin: str, middle: str, end: str) -> Callable[[str], tuple[list[Message], int | None]]:
    """Reads turns of a mark, a role, a mark, the text and a mark."""
    turn = re.compile(rf"{re.escape(begin)}([^\n<]*){re.escape(middle)}(.*?)(?:{re.escape(end)})", re.DOTALL)

    def read(text: str) -> tuple[list[Message], int | None]:
        messages = []
        at = _past_edge(text, 0)
        while at < len(text):
            found = turn.match(text, at)
            if not found:
                raise Unread("E106", f"text outside a turn: {shown(text[at:])!r}")
            role = ROLES.get(found[1].strip())
            if role is None:
                raise Unread("E103", f"role {found[1]!r} is none of {', '.join(ROLES)}")
            messages.append(Message(role, found[2]))
            at = _past_edge(text, found.end())
        return messages, None

    return read


def _past_edge(text: str, at: int) -> int:
    found = EDGE.match(text, at)
    return found.end() if found else at


# Where a heading may stand that need not begin a line, by the first heading of the rendering.
PLACES = {"USER:": r"(?:(?<=\s)|(?<=</s>)|^)", "### Human:": ""}


def _headed(headings: dict[str, str]) -> Callable[[str], tuple[list[Message], int | None]]:
    """Reads turns that begin with a heading: at the beginning of a line, or for Guanaco and Vicuna anywhere.

    Args:
        headings: role by heading; `input` is for what the turn before is about.
    """
    words = "|".join(re.escape(heading) for heading in headings)
    place = PLACES.get(next(iter(headings)), r"^[ \t]*")
    turn = re.compile(rf"{place}({words})", re.MULTILINE)

    def read(text: str) -> tuple[list[Message], int | None]:
        found = list(turn.finditer(text))
        if not found:
            raise Unread("E106", f"no turn in {shown(text)!r}")
        messages, boundary = [], None
        preface = _bare(text[: found[0].start()])
        if preface and "USER:" in headings and preface[-1].isalnum():
            raise Unread("E106", f"text outside a turn: {shown(preface)!r}")
        if preface:
            messages.append(Message("system", preface))
        for match, after in zip(found, [*found[1:], None], strict=True):
            said = _bare(text[match.end() : after.start() if after else len(text)])
            role = headings[match[1]]
            if role != "input":
                messages.append(Message(role, said))
                boundary = boundary if role == "assistant" else None
            elif not messages or messages[-1].role != "user":
                raise Unread("E106", f"an input without an instruction: {shown(said)!r}")
            elif said:
                boundary = len(messages[-1].content)
                messages[-1].content += f"\n{said}"
        return messages, boundary

    return read


ENDS = ("</s>", "<|endoftext|>", "<eos>")


def _bare(text: str) -> str:
    """A text without white space and tokens around it."""
    text = text.strip()
    end = len(text)
    while end:
        token = next((token for token in ENDS if text.endswith(token, 0, end)), "")
        if not token and not text[end - 1].isspace():
            break
        end -= len(token) or 1
    return text[:end].strip().removeprefix("<s>").lstrip()


INST = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=</s>|<s>|\[INST\]|\Z)", re.DOTALL)
SYS = re.compile(r"\s*<<SYS>>\n?(.*?)\n?<</SYS>>\s*", re.DOTALL)


def _read_inst(text: str) -> tuple[list[Message], int | None]:
    messages: list[Message] = []
    at = _past_edge(text, 0)
    while at < len(text):
        found = INST.match(text, at)
        if not found:
            raise Unread("E106", f"text outside a turn: {shown(text[at:])!r}")
        prompt = found[1]
        system = SYS.match(prompt)
        if system and not messages:
            messages.append(Message("system", system[1]))
            prompt = prompt[system.end() :]
        messages += [Message("user", prompt.strip()), Message("assistant", found[2].strip())]
        at = _past_edge(text, found.end())
    return messages, None


def _write_inst(turns: Turns) -> str:
    system = f"<<SYS>>\n{turns[0][1]}\n<</SYS>>\n\n" if turns[0][0] == "system" else ""
    out = []
    for role, text in turns[bool(system) :]:
        out.append(f"<s>[INST] {system}{text} [/INST]" if role == "user" else f" {text}</s>")
        system = ""
    return "".join(out)


def _write_headed(headings: dict[str, str], between: str) -> Callable[[Turns], str]:
    by_role = {role: heading for heading, role in reversed(headings.items())}

    def write(turns: Turns) -> str:
        return between.join(text if role == "system" else f"{by_role[role]} {text}" for role, text in turns)

    return write


def _write_wrapped(begin: str, middle: str, end: str, names: dict[str, str]) -> Callable[[Turns], str]:
    return lambda turns: "".join(f"{begin}{names.get(role, role)}{middle}{text}{end}" for role, text in turns)


def _marks(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))


LLAMA = ("<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>")
GEMMA = ("<start_of_turn>", "\n", "<end_of_turn>")
VICUNA = {"USER:": "user", "ASSISTANT:": "assistant"}
HUMAN = {"### Human:": "user", "### User:": "user", "### Assistant:": "assistant", "### System:": "system"}
INSTRUCTION = {
    "### Instruction:": "user",
    "### Input:": "input",
    "### Response:": "assistant",
    "### Output:": "assistant",
}

RENDERINGS = (
    Rendering(
        "llama-3", "<|start_header_id|>", _marks(r"<\|start_header_id\|>"), _wrapped(*LLAMA),
        _write_wrapped(*LLAMA, {}),
    ),
    Rendering("mistral", "[INST]", _marks(r"\[INST\]", r"\[/INST\]"), _read_inst, _write_inst, True),
    Rendering(
        "gemma", "<start_of_turn>", _marks("<start_of_turn>"), _wrapped(*GEMMA),
        _write_wrapped(*GEMMA[:2], "<end_of_turn>\n", {"assistant": "model"}),
    ),
    Rendering(
        "vicuna", "USER: and ASSISTANT:", _marks(r"(?<!\S)USER:", "ASSISTANT:"), _headed(VICUNA),
        _write_headed(VICUNA, " "), True,
    ),
    Rendering(
        "human", "### Human: and ### Assistant:", _marks("### (?:Human|User):", "### Assistant:"), _headed(HUMAN),
        _write_headed(HUMAN, "\n"), True,
    ),
    Rendering(
        "instruction", "### Instruction: and ### Response:",
        _marks("### Instruction:", "### (?:Response|Output):"), _headed(INSTRUCTION),
        _write_headed(INSTRUCTION, "\n\n"), True,
    ),
)  # fmt: skip
