"""What can be wrong with a row: stable codes, and a problem with its place."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Code(NamedTuple):
    """One kind of problem.  title: what it is, in a few words; remedy: what to do."""

    title: str
    remedy: str


CODES = {
    "E001": Code("row is not JSON", "mend the line; it must be one complete JSON value"),
    "E002": Code("row is not UTF-8", "save the file as UTF-8, or remove the stray bytes"),
    "E003": Code("row has the wrong JSON type", "write each row as the format's object (or ChatML's list)"),
    "E004": Code("row fits no known format", "name the format with --from, or mend the field names"),
    "E005": Code("field name cannot be carried", "rename the field; no quotes, backslashes or control characters"),
    "E101": Code("field has the wrong type", "write the field as the type that the format asks for"),
    "E102": Code("required field is missing", "add the field, or choose the right format with --from"),
    "E103": Code("unknown role", "use one of the format's role names"),
    "E104": Code("tool call is malformed", "write it as JSON with name and arguments"),
    "E105": Code(
        "content part is malformed", 'write each part as an object with a type, as {"type": "text", "text": ...}'
    ),
    "E106": Code("ChatML text is malformed", "wrap every turn in <|im_start|>role\\n ... <|im_end|>"),
    "E107": Code(
        "turn holds a ChatML mark", "choose another format, or remove <|im_start|> and <|im_end|> from the text"
    ),
    "E201": Code("conversation is empty", "remove the row, or add its turns"),
    "E202": Code("response is empty", "write the response, or remove the row"),
    "E203": Code("prompt is empty", "write the prompt, or remove the row"),
    "E204": Code("turns do not alternate", "merge or remove the extra turn"),
    "E205": Code("first turn is not by the user", "remove the turns before the first user turn"),
    "E206": Code("last turn is not by the assistant", "remove the trailing turn, or add the reply"),
    "E207": Code("system turn is not first", "move the system turn to the front"),
    "E301": Code("target format holds one exchange only", "choose a conversation format such as sharegpt or sft"),
    "E302": Code("target format holds text only", "choose sft, or remove the parts that are not text"),
    "E303": Code("target format has no tool turns", "choose sharegpt, chatml or sft"),
    "E304": Code("fields would be lost", "use --on-loss keep or drop, or choose a format that holds them"),
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One problem of one row.

    file, row: where; rows are counted from 1 (for JSONL this is the line number).
    path: JSON path within the row.  code: a key of CODES.
    message: what was found.  remedy: what to do.
    """

    code: str
    path: str
    message: str
    remedy: str = ""
    file: str = ""
    row: int = 0

    def at(self, file: str, row: int) -> Problem:
        """The same problem with its place filled in."""
        return msgspec.structs.replace(self, file=file, row=row)

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.path}: {self.code} {self.message}; {self.remedy}"


class Invalid(Exception):
    """A row that cannot be read or written as asked.  problem: why."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(code, path, message, CODES[code].remedy)


def shown(text: str | bytes, limit: int = 60) -> str:
    """A value as an error message quotes it: one line, cut at `limit` characters."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
