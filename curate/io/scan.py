"""Where JSON values end, without decoding them: strings are skipped and brackets are counted."""

from __future__ import annotations

import re

# The number of escapes is bounded because the regular expression engine keeps a note of each; a string with more
# is gone through in several matches, as is one that the text ends within.
REST = rb'[^"\\]*(?:\\.[^"\\]*){0,200}("?)'
REST_OF_STRING = re.compile(REST, re.DOTALL)
TOKEN = re.compile(rb'"' + REST + rb"|[\[\]{},]", re.DOTALL)
QUOTE, COMMA = b'"'[0], b","[0]
OPENING = b"[{"


class Scanner:
    """Finds the ends of values in a text that grows, looking at every byte once.

    It takes any bytes: a text that is not JSON has ends too, and whoever decodes the values finds out.

    Attributes:
        commas: positions of the commas outside all brackets.
        ends: positions after the brackets that close a value outside all others.
        closed: position of a closing bracket that nothing in the text opens, -1 if there is none; scanning stops there.
    """

    def __init__(self) -> None:
        self.at = 0
        self.depth = 0
        self.in_string = False
        self.commas: list[int] = []
        self.ends: list[int] = []
        self.closed = -1

    def scan(self, text: bytes | bytearray) -> None:
        """Go on to the end of the text, which begins with what earlier calls have seen."""
        while self.closed < 0 and self.at < len(text):
            if self.in_string:
                rest = REST_OF_STRING.match(text, self.at)
                assert rest is not None
                if rest.end() == self.at:  # a backslash at the end belongs to what follows
                    return
                self.at = rest.end()
                self.in_string = not rest[1]
            else:
                self._scan_tokens(text)

    def _scan_tokens(self, text: bytes | bytearray) -> None:
        """Go on to the end of the text or of a match that does not end its string."""
        depth, start = self.depth, self.at
        self.at = len(text)
        for match in TOKEN.finditer(text, start):
            start = match.start()
            byte = text[start]
            if byte == COMMA:
                if not depth:
                    self.commas.append(start)
            elif byte == QUOTE:
                if not match[1]:
                    self.in_string = True
                    self.at = match.end()
                    break
            elif byte in OPENING:
                depth += 1
            else:
                depth -= 1
                if not depth:
                    self.ends.append(start + 1)
                elif depth < 0:
                    self.closed = start
                    break
        self.depth = depth
