"""The fast path for rows of one exchange: their JSON strings are copied into the other format, never unescaped.

A row takes it only if the slow path (decode, record, encode) would write the same bytes: it has no field other than
the shape's own, text on both sides, and no escape that could be written in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.check import blank
from schemas.duplicate_keys import SHORT, is_spaced, may_repeat
from schemas.row import Format, Names, Shape

Line = Callable[[bytes, bytes, bytes], bytes]
EMPTY = b'""'
QUOTE = ord('"')
_string = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder().encode
ESCAPES = re.compile(rb"\\[u/]")
# Whether a string that begins with this byte is surely more than white space: printable, and no quote or escape.
GRAPHIC = [0x20 < byte < 0x7F and byte not in b'"\\' for byte in range(256)]


def lane(source: Shape, to: Format, bare: bool) -> Lane | None:
    """The fast path from rows of this shape to a format; None where there is none.

    Args:
        source: the shape of the rows.
        to: the format, or variant, to write.
        bare: see RowEncoder.
    """
    if source.flat is None or "." in source.flat.response:
        return None
    if to.exchange:
        plain = to.exchange.removeprefix(b'{"%s":' % to.bare.encode()).removesuffix(b"}")
        line = _exchange(plain if bare else to.exchange)
    elif to.shapes[0].flat is not None and not to.variant:
        names = to.shapes[0].flat
        line = _flat(names)
    else:
        return None
    return Lane(source, line)


class Lane:
    """Converts blocks of rows.

    Args:
        source: the shape of the rows.
        line: (prompt, input, response) to a row.
    """

    def __init__(self, source: Shape, line: Line) -> None:
        names = source.flat
        assert names is not None
        fields = [
            ("prompt", Raw, msgspec.field(name=names.prompt)),
            ("response", Raw, msgspec.field(name=names.response)),
        ]
        if names.context:
            context = msgspec.field(name=names.context, default=UNSET)
            fields.append(("context", Raw | UnsetType, context))  # type: ignore[arg-type]
        row = msgspec.defstruct("Plain", fields, forbid_unknown_fields=True, gc=False)
        self.decode = msgspec.json.Decoder(row).decode_lines
        self.has_context = bool(names.context)
        # What a row has beside its values if it is written without blanks: quotes, colons, a comma and braces.
        self.frame = len(names.prompt) + len(names.response) + 9
        self.context_frame = len(names.context) + 4
        self.line = line

    def block(self, text: bytes, lines: int) -> list[bytes | None] | None:
        """For each row its line in the other format, None for a row that must take the slow path.

        None for the whole block if any row of it has other fields, if any line is blank, or if a key may stand twice.

        Args:
            text: the rows, one a line.
            lines: how many there are.
        """
        try:
            decoded = cast(list[Any], self.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if len(decoded) != lines:
            return None
        line, has_context = self.line, self.has_context
        is_utf8 = text.isascii() or _is_utf8(text)
        escapes = ESCAPES.search(text) is not None
        thinks = escapes or b"<think>" in text
        out: list[bytes | None] = []
        size = contexts = 0
        for plain in decoded:
            prompt, response = bytes(plain.prompt), bytes(plain.response)
            size += len(prompt) + len(response)
            context = EMPTY
            if has_context and plain.context is not UNSET:
                context = bytes(plain.context)
                size += len(context)
                contexts += 1
                if context == b"null":
                    context = EMPTY
            if escapes:
                prompt, context, response = _unescaped(prompt), _unescaped(context), _unescaped(response)
            if (
                prompt[0] == context[0] == response[0] == QUOTE
                and (GRAPHIC[prompt[1]] or _not_blank(prompt) or _not_blank(context))
                and (GRAPHIC[response[1]] or _not_blank(response))
                and (is_utf8 or (_is_utf8(prompt) and _is_utf8(context) and _is_utf8(response)))
                and not (thinks and _is_half_a_thought(response))
            ):
                out.append(line(prompt, context, response))
            else:
                out.append(None)
        return out if self._is_whole(text, size, lines, contexts) else None

    def _is_whole(self, text: bytes, size: int, lines: int, contexts: int) -> bool:
        """Whether values of `size` bytes are all that the text holds beside its frame, so that no key stands twice.

        Args:
            text: the rows.
            size: how many bytes their values have.
            lines: how many rows there are.
            contexts: how many of them have a context.
        """
        rest = len(text) - size - (lines - 1) - lines * self.frame - contexts * self.context_frame
        if b"\r" in text:
            rest -= text.count(b"\r")
        blanks = 3 * lines + 2 * contexts if is_spaced(text) else 0
        return (rest == blanks and len(text) >= SHORT) or not may_repeat(text, 2 * lines + contexts)


def _unescaped(text: bytes) -> bytes:
    """A JSON string as the slow path writes it, without escapes that can be written in other ways; b" " for none."""
    if text[0] != QUOTE or not (b"\\u" in text or b"\\/" in text):
        return text
    try:
        return _encode(_string(text))
    except msgspec.DecodeError:
        return b" "


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_half_a_thought(text: bytes) -> bool:
    """Whether a JSON string has a thought that may not be closed, or have no answer after it."""
    if b"<think>" not in text:
        return False
    end = text.find(b"</think>")
    return end < 0 or not text[end + len(b"</think>") : -1].replace(b"\\n", b"").strip()


def _not_blank(text: bytes) -> bool:
    """Whether a JSON string is more than white space, and UTF-8."""
    return len(text) > 2 and _is_utf8(text) and not blank(msgspec.json.decode(text))


def _exchange(template: bytes) -> Line:
    head, middle, tail = template.split(b"%b")

    def line(prompt: bytes, context: bytes, response: bytes) -> bytes:
        if context is not EMPTY and context != EMPTY:
            return b"".join((head, prompt[:-1], b"\\n", context[1:], middle, response, tail))
        return b"".join((head, prompt, middle, response, tail))

    return line


def _flat(names: Names) -> Line:
    first = b'{"%s":' % names.prompt.encode()
    second = b',"%s":' % names.context.encode()
    third = b',"%s":' % names.response.encode()

    def line(prompt: bytes, context: bytes, response: bytes) -> bytes:
        if names.context and not (names.omits_empty and context == EMPTY):
            return b"".join((first, prompt, second, context, third, response, b"}"))
        if not names.context and context != EMPTY:
            prompt = prompt[:-1] + b"\\n" + context[1:]
        return b"".join((first, prompt, third, response, b"}"))

    return line
