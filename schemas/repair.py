"""Repairs that change no meaning; none is done unless asked for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

import msgspec
from msgspec import Raw

from schemas.adapt import SENDERS, TURNS
from schemas.duplicate_keys import without_copies
from schemas.misfit import BOM
from schemas.problems import Problem
from schemas.row import text_of
from schemas.turns import ROLES

STRING_OR_COMMA = re.compile(rb'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)
STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
# Of rendered ChatML: special tokens before and after all turns, blank lines between two, and how a turn begins.
AROUND = re.compile(r"^(?:\s|</?s>|<\|(?:endoftext|begin_of_text)\|>)+|(?:\s|</?s>|<\|(?:endoftext|end_of_text)\|>)+$")
BETWEEN = re.compile(r"<\|im_end\|>\s*(?=<\|im_start\|>)")
HEAD = re.compile(r"<\|im_start\|>[ \t]*([A-Za-z]+)( name=[^\s<]+)?(?:[ \t]*\n|[ \t]+)")
NUMBER = re.compile(rb"-?\d[\d.eE+-]*|true|false")
# Names that chat logs use beside those that formats name.
ALIASES = {
    **{name: role for name, role in ROLES.items() if role != "tool"},
    "ai": "assistant",
    "answer": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "claude": "assistant",
    "customer": "user",
    "gpt4": "assistant",
    "instruction": "user",
    "llm": "assistant",
    "model": "assistant",
    "prompt": "user",
    "prompter": "user",
    "question": "user",
    "response": "assistant",
    "sys": "system",
}
# Of these only capitals and spaces are mended: which of them is meant cannot be guessed.
TOOL_NAMES = frozenset(name for name, role in ROLES.items() if role == "tool") | {"function_call"}
CLOSE = 0.8

_row = msgspec.json.Decoder(dict[str, Raw])
_turns = msgspec.json.Decoder(list[dict[str, Raw]])
_encode = msgspec.json.Encoder().encode


class Repair(msgspec.Struct, frozen=True):
    """One repair.

    Attributes:
        code: of the problem.
        path: of the problem.
        done: what was done, in a few words.
    """

    code: str
    path: str
    done: str

    def __str__(self) -> str:
        return f"{self.code} {self.path}: {self.done}"


def repaired(data: bytes, problem: Problem) -> tuple[bytes, Repair] | None:
    """(the row with its problem repaired, what was done); None where no repair is safe.

    Repaired are: trailing commas and a byte order mark (E001, E020), keys given twice with one value (E008), numbers
    and truth values where text is asked for and JSON text where a list is (E101), well-known other names of roles and
    misspelt ones (E103), what stands around the turns of rendered ChatML (E106), turns of the same role in a row
    (E204), and a user turn at the end without a reply (E206).
    """
    repair = REPAIRS.get(problem.code)
    try:
        result = repair(data, problem.path) if repair else None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if result is None or result[0] == data:
        return None
    return result[0], Repair(problem.code, problem.path, result[1])


def _punctuation(data: bytes, _path: str) -> tuple[bytes, str] | None:
    bare = data.replace(BOM, b"", 1) if data.lstrip().startswith(BOM) else data
    mended = STRING_OR_COMMA.sub(lambda m: b"" if m[0] == b"," else m[0], bare)
    mended = mended.rstrip().removesuffix(b",") if mended.rstrip().endswith(b",") else mended
    msgspec.json.decode(mended, type=Raw)
    done = ["removed a byte order mark"] if bare != data else []
    done += ["removed trailing commas"] if mended != bare else []
    return mended, " and ".join(done)


def _copies(data: bytes, _path: str) -> tuple[bytes, str] | None:
    found = without_copies(data)
    if found is None:
        return None
    paths = ", ".join(found[1])
    return found[0], f"dropped the second {paths}, which has the value of the first"


def _text(data: bytes, path: str) -> tuple[bytes, str] | None:
    done = "wrote the number as text"

    def mend(value: Raw) -> Raw | None:
        nonlocal done
        number = bytes(value).strip()
        if NUMBER.fullmatch(number):
            return Raw(b'"%s"' % number)
        done = "read the list from its JSON text"
        return _list_in(value)

    changed = _at(Raw(data), STEP.findall(path), mend)
    return (bytes(changed), done) if changed is not None else None


def _list_in(value: Raw) -> Raw | None:
    """The list that a text holds as JSON; None for any other value."""
    text = text_of(value)
    if text is None or text.lstrip()[:1] != "[":
        return None
    msgspec.json.decode(text, type=list[Raw])
    return Raw(text.encode())


def _role(data: bytes, path: str) -> tuple[bytes, str] | None:
    if path == "$.text":
        return _rendered(data, path)
    done = ""

    def mend(value: Raw) -> Raw | None:
        nonlocal done
        name = msgspec.json.decode(value, type=str)
        key = re.sub(r"[^a-z0-9]", "", name.lower())
        close = difflib.get_close_matches(key, ALIASES, 1, CLOSE)
        role = ALIASES.get(key) or (ALIASES[close[0]] if close else None)
        if name.strip().lower() in TOOL_NAMES:
            role = name.strip().lower()
        done = f"read role {name!r} as {role}"
        return Raw(_encode(role)) if role else None

    changed = _at(Raw(data), STEP.findall(path), mend)
    return (bytes(changed), done) if changed is not None else None


def _rendered(data: bytes, path: str) -> tuple[bytes, str] | None:
    """Rendered ChatML with each role alone on its line, and nothing but line feeds and the turns themselves."""

    def headed(match: re.Match[str]) -> str:
        name = match[1].lower()
        role = name if name in TOOL_NAMES or match[1] in ROLES else ALIASES.get(name)
        return f"<|im_start|>{role}{match[2] or ''}\n" if role else match[0]

    def mend(value: Raw) -> Raw:
        text = AROUND.sub("", msgspec.json.decode(value, type=str))
        return Raw(_encode(HEAD.sub(headed, BETWEEN.sub("<|im_end|>\n", text))))

    changed = _at(Raw(data), STEP.findall(path), mend)
    done = "wrote each role on a line of its own and took off what stood around the turns"
    return (bytes(changed), done) if changed is not None else None


def _at(value: Raw, steps: list[tuple[str, str]], mend: Callable[[Raw], Raw | None]) -> Raw | None:
    """The value with what stands at the end of the path mended; None if it is not there or cannot be."""
    if not steps:
        return mend(value)
    (name, index), *rest = steps
    if name:
        fields = _row.decode(value)
        if name not in fields:
            return None
        changed = _at(fields[name], rest, mend)
        return None if changed is None else Raw(_encode({**fields, name: changed}))
    items = msgspec.json.decode(value, type=list[Raw])
    if int(index) >= len(items):
        return None
    changed = _at(items[int(index)], rest, mend)
    return None if changed is None else Raw(_encode([*items[: int(index)], changed, *items[int(index) + 1 :]]))


def _merge(data: bytes, path: str) -> tuple[bytes, str] | None:
    def mend(turns: list[dict[str, Raw]], i: int) -> bool:
        if not i:
            return False
        before, turn = turns[i - 1], turns[i]
        sender = next((name for name in SENDERS if name in turn), None)
        text = next((name for name in ("content", "value", "text") if name in turn), None)
        if sender is None or text is None or set(turn) != {sender, text} or set(before) != {sender, text}:
            return False
        texts = [bytes(t[text]) for t in (before, turn)]
        if _role_of(before[sender]) != _role_of(turn[sender]) or not all(s[:1] == b'"' for s in texts):
            return False
        before[text] = Raw(_encode("\n\n".join(msgspec.json.decode(s) for s in texts)))
        del turns[i]
        return True

    return _in_turns(data, path, mend, "merged with the turn before, which has the same role")


def _role_of(value: Raw) -> str:
    name = msgspec.json.decode(value, type=str)
    return ALIASES.get(name, name)


def _trailing(data: bytes, path: str) -> tuple[bytes, str] | None:
    def mend(turns: list[dict[str, Raw]], i: int) -> bool:
        sender = next((name for name in SENDERS if name in turns[i]), "")
        if i != len(turns) - 1 or i < 1 or not sender or _role_of(turns[i][sender]) != "user":
            return False
        del turns[i]
        return True

    return _in_turns(data, path, mend, "dropped the last turn, a prompt without a reply")


def _in_turns(
    data: bytes, path: str, mend: Callable[[list[dict[str, Raw]], int], bool], done: str
) -> tuple[bytes, str] | None:
    steps = STEP.findall(path)
    index = int(steps[-1][1]) if steps and steps[-1][1] else -1
    if index < 0:
        return None

    def mend_list(value: Raw) -> Raw | None:
        turns = _turns.decode(value)
        return Raw(_encode(turns)) if index < len(turns) and mend(turns, index) else None

    if len(steps) > 1 and steps[0][0] not in TURNS:
        return None
    changed = _at(Raw(data), steps[:-1], mend_list)
    return (bytes(changed), done) if changed is not None else None


REPAIRS: dict[str, Callable[[bytes, str], tuple[bytes, str] | None]] = {
    "E001": _punctuation,
    "E008": _copies,
    "E020": _punctuation,
    "E101": _text,
    "E103": _role,
    "E106": _rendered,
    "E204": _merge,
    "E206": _trailing,
}
