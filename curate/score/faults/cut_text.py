"""Signs of structure that a text leaves open at its end: tables, JSON, code, lists, brackets, quotations."""

from __future__ import annotations

import re

CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from \S+ import|return|if\b.*:|for\b.*:|while\b.*:|else:|elif\b.*:|function"
    r"|const|let|var|public"
    r"|private|static|#include|using|package|func|fn|SELECT|FROM|WHERE|INSERT|UPDATE|CREATE|DELETE|ORDER BY"
    r"|GROUP BY|JOIN"
    r"|LEFT JOIN)\b|^\s*(?://|#!|\$ )|^\s*</?\w+[^>]*>|=>|\w\(.*\)\s*$|^\s*@\w|\w+ = \S|^\s+\w+: |^\s+\w+\."
)
SQL_OPEN = re.compile(r"\b(?:AND|OR|WHERE|FROM|SELECT|JOIN|ON|BY|SET|VALUES|IN|LIKE|AS|INTO|BETWEEN)\s*$")
_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`\n]*`|//[^\n]*|/\*.*?\*/", re.DOTALL)
CODE_PART = re.compile(r"[{}=<>\\|]|;\s*$|\w\(\S*\)|\$[A-Za-z_{(]|://|\w_\w|&&")
# One of these is in every line that looks like code and does not begin like it.
_SIGNS = re.compile(r"[;{}=<>(\\|$:_&@]")
_INLINE = re.compile(r"`[^`]*`")
# Where one sentence of prose ends and the next one begins.
_SENTENCE = re.compile(r"(?<=[a-z]{2}[.!?]) (?=[A-Z][a-z]* [a-z])")
# Longer texts are not looked through for brackets.
LONGEST = 50_000


def is_code(line: str) -> bool:
    """Whether a line looks like one of a program, query, formula, address or markup; of prose the last sentence."""
    if _SENTENCE.search(line):
        line = _SENTENCE.split(_INLINE.sub("", line))[-1]
    if not _SIGNS.search(line):
        return CODE_LINE.match(line) is not None  # without signs of code only its beginning can tell
    return bool(CODE_LINE.search(line) or CODE_PART.search(line))


def table_row_open(text: str, last: str) -> bool:
    """Whether the last line is a row of a Markdown table that does not end, though the rows before it do."""
    if not last.startswith("|") or last.endswith("|"):
        return False
    rows = [line.strip() for line in text.split("\n")[:-1][-4:]]
    return sum(row.startswith("|") and row.endswith("|") and len(row) > 1 for row in rows) >= 2


def json_open(text: str) -> bool:
    """Whether a text begins as a JSON value and ends before its brackets are closed."""
    if not re.match(r"\s*(?:\{\s*\"|\[\s*[\{\"])", text) or len(text) > LONGEST:
        return False
    return brackets_open(text) > 0 or _STRING.sub("", text).count('"') % 2 == 1


def code_open(text: str, last: str) -> bool:
    """Whether a program that stands outside fences ends before its braces are closed, or at an opening bracket."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 3 or len(text) > LONGEST or "```" in text:
        return False
    code = sum(bool(CODE_LINE.search(line)) for line in lines[-12:])
    if 2 * code < len(lines[-12:]):
        return False
    if text.rpartition("\n")[2].rstrip(" ;") == "}":
        return False  # branches of a preprocessor may open a brace twice
    if SQL_OPEN.search(last) and re.search(r"\bSELECT\b|\bUPDATE\b|\bINSERT\b", text):
        return True
    if (
        re.search(r"\w\($|[=+*/]$|\w\.$", last)
        and not last.endswith(("*/", "++"))
        and not re.search(r"^\s*[#/*]", last)
    ):
        return last.endswith("(") or brackets_open(text) > 0
    return sum(line.rstrip().endswith("{") for line in lines) >= 1 and brackets_open(text, "{", "}") > 0


def brackets_open(text: str, opening: str = "{[(", closing: str = "}])") -> int:
    """Brackets that are opened in a text and not closed, strings and comments left out."""
    bare = _STRING.sub("", text)
    return sum(map(bare.count, opening)) - sum(map(bare.count, closing))


def bold_open(last: str) -> bool:
    """Whether an item of a list opens bold type and ends in it."""
    return (
        bool(re.match(r"\s*(?:[-*•]|\d{1,3}[.)])\s+\*\*[^*\s]", last))
        and last.count("**") % 2 == 1
        and not last.endswith("**")
    )
