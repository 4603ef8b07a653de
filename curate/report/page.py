"""A web page that is one file: no network, no script, and nothing of the data that could become markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

# Nothing is loaded and nothing runs, whatever a row might contain.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
VOID = {"meta"}

# Characters that show nothing, or that turn the text after them around.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
)


class Safe(str):
    """HTML, as against text that is still to be escaped."""


Child: TypeAlias = "Safe | str | Iterable[Child] | None"


def tag(name: str, /, *children: Child, **attributes: str | int | None) -> Safe:
    """An element.

    Args:
        name: of the element.
        children: elements as they are, text escaped, lists of either; None is left out.
        attributes: values are escaped; None leaves one out. An underscore at the end of a name is dropped, others
            become hyphens.
    """
    attribute_text = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Safe(f"<{name}{attribute_text}>" if name in VOID else f"<{name}{attribute_text}>{join(*children)}</{name}>")


def join(*children: Child) -> Safe:
    """Elements and text one after the other."""
    pieces = []
    for child in children:
        if isinstance(child, Safe):
            pieces.append(child)
        elif isinstance(child, str):
            pieces.append(escape(child))
        elif child is not None:
            pieces.append(join(*child))
    return Safe("".join(pieces))


def escape(text: str) -> Safe:
    """Text as HTML, unseen characters by their numbers, as [U+202E]."""
    return Safe(html.escape(_UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)))


def language(text: str) -> str | None:
    """The value of `lang` that gives Chinese, Japanese and Korean text the right glyphs; None for other text."""
    return next((name for name, script in _SCRIPTS if script.search(text)), None)


def data(name: str, text: str, /, **attributes: str | None) -> Safe:
    """An element that holds text of the user's, which may be of another language and direction than the page."""
    return tag(name, text, lang=language(text), dir="auto", **attributes)


def table(
    caption: str | None, heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[Child]], class_: str = ""
) -> Safe:
    """A table whose first column names its rows.

    Args:
        caption: above the table, None for none.
        heads: (title, class) of each column.
        rows: the cells.
        class_: of the table.
    """
    # The roles are said again because some browsers forget them where a narrow screen lays rows out as blocks.
    titles = [tag("th", title, scope="col", role="columnheader", class_=kind or None) for title, kind in heads]
    body = []
    for row in rows:
        cells = [
            tag("td", cell, role="cell", class_=kind or None, data_title=title)
            if i
            else tag("th", cell, scope="row", role="rowheader", class_=kind or None)
            for i, (cell, (title, kind)) in enumerate(zip(row, heads, strict=True))
        ]
        body.append(tag("tr", cells, role="row"))
    return tag(
        "table",
        tag("caption", caption) if caption else None,
        tag("thead", tag("tr", titles, role="row"), role="rowgroup"),
        tag("tbody", body, role="rowgroup"),
        class_=class_ or None,
        role="table",
    )


def bar(parts: Sequence[tuple[str, str, int]]) -> Safe:
    """A bar of shares.

    Args:
        parts: (what, class, count) from left to right; what has no count is left out.
    """
    label = ", ".join(f"{count:,} {what}" for what, _, count in parts)
    pieces = [tag("i", class_=kind, style=f"flex:{count}") for _, kind, count in parts if count]
    return tag("div", pieces, class_="bar", role="img", aria_label=label)


def page(title: str, *body: Child) -> bytes:
    """The whole file.

    Args:
        title: of the window.
        body: what it shows.
    """
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        "\n",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        "\n",
        tag("title", title),
        tag("style", Safe(style)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', *body), lang='en')}\n".encode()
