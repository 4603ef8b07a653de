"""The problem codes explained: for the terminal, as Markdown for docs/problems.md, and for machines."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable

from schemas.problems import CODES

MADE = "<!-- Made by `curate explain-code --markdown`; edit schemas/*_codes.py instead. -->"
INTRO = """\
Every problem that `curate validate`, `curate convert` or a report names has one of these codes, and
`curate explain-code E101` prints one of them.

E0xx is about a row's text (E02x about how rows lie in their file), E1xx about its fields, E2xx about its turns and
their order.  E107 and E3xx are about valid
rows that do not fit the format in which they were to be written, E209 about valid rows that can be better.  "Repair"
says what `--on-invalid repair` mends.  It does nothing unasked, and a row that cannot be mended without guessing is
listed in OUT.rejects.jsonl as it was."""


def lookup(name: str) -> str:
    """The code of this name, in any case.

    Raises:
        KeyError: with the nearest ones.
    """
    code = name.strip().upper()
    if code in CODES:
        return code
    near = difflib.get_close_matches(code, CODES, 3)
    near += [c for c, about in CODES.items() if name.lower() in about.title or name in about.zh]
    listed = ", ".join(f"{c} ({CODES[c].title})" for c in dict.fromkeys(near))
    hint = f"did you mean {listed}?" if listed else "`curate explain-code` lists all"
    raise KeyError(f"no problem code is called {name!r}; {hint}")


def data(codes: Iterable[str]) -> list[dict[str, str]]:
    """What is known of each code, as JSON has it."""
    fields = ("title", "zh", "why", "format", "to", "on_loss", "shown", "good", "remedy", "repair")
    return [
        {"code": code} | {"bad" if name == "shown" else name: getattr(CODES[code], name) for name in fields}
        for code in codes
    ]


def heading(code: str) -> str:
    """The code with its title, in both languages."""
    return f"{code} {CODES[code].title} ({CODES[code].zh})"


def text(code: str, width: int) -> str:
    """All about a code, below its heading, in lines of at most `width` characters; rows stay on one line."""
    about = CODES[code]
    why, remedy, repair = (
        textwrap.fill(line, width)
        for line in (
            about.why,
            f"remedy: {about.remedy}",
            f"--on-invalid repair: {about.repair or 'leaves such a row alone'}",
        )
    )
    return f"{why}\n\nbad, {_kind(code)}:\n  {about.shown}\ngood:\n  {about.good}\n\n{remedy}\n{repair}"


def markdown(codes: Iterable[str]) -> str:
    """A section for each code."""
    return "\n\n".join(map(_section, codes))


def page() -> str:
    """The whole of docs/problems.md."""
    lines = [
        MADE,
        "",
        "# Problem codes",
        "",
        INTRO,
        "",
        "| code | problem | 中文 | repair |",
        "| --- | --- | --- | --- |",
    ]
    for code, about in CODES.items():
        lines.append(f"| [{code}](#{code.lower()}) | {about.title} | {about.zh} | {about.repair} |")
    return "\n".join([*lines, "", markdown(CODES)])


def _section(code: str) -> str:
    about = CODES[code]
    repair = f"Repair: {about.repair}." if about.repair else "Repair leaves such a row alone."
    return "\n".join(
        [
            f"## {code}",
            "",
            f"**{about.title[0].upper()}{about.title[1:]}** ({about.zh})",
            "",
            *textwrap.wrap(about.why, 120, break_long_words=False, break_on_hyphens=False),
            "",
            f"Bad, {_kind(code, '`')}:",
            "",
            "```",
            about.shown,
            "```",
            "",
            "Good:",
            "",
            "```json",
            about.good,
            "```",
            "",
            f"Remedy: {about.remedy}.",
            "",
            repair,
        ]
    )


def _kind(code: str, quote: str = "") -> str:
    """What the bad row is, and where it was to go."""
    about = CODES[code]
    kind = about.format
    if about.to:
        kind += f", converted with {quote}--to {about.to}"
        kind += quote if about.on_loss == "keep" else f" --on-loss {about.on_loss}{quote}"
    return kind
