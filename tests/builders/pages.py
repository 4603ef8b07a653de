"""Reports of conversions, and their pages as a browser finds them."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.convert.report import ConvertReport, report

HEAD = {"html", "head", "meta", "title", "style", "body"}
BLOCK = {"header", "main", "nav", "section", "footer", "div", "p", "h1", "h2", "h3", "ul", "li", "figure", "figcaption"}
WORDS = {"a", "b", "i", "span", "small", "bdi", "code", "pre", "mark"}
ELEMENTS = HEAD | BLOCK | WORDS | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"lang", "dir", "class", "id", "style", "href", "role", "scope", "aria-label", "data-title"}
ATTRIBUTES |= {"charset", "http-equiv", "content", "name"}
HOSTILE = '</pre></script><b onclick="x()">&amp; <!-- \u202e\u2028 \x07 -->'


class Page(HTMLParser):
    """What a browser would find: elements that are closed in order, ids, links, headings and the text."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marked: list[str] = []
        self.feed(data.decode())
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data
        if "mark" in self.open:
            self.marked[-1] += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


def report_of_lines(
    folder: Path, lines: list[bytes], to: str = "sft", out: str = "out.jsonl", **options
) -> tuple[ConvertReport, str]:
    """The report of a conversion of lines of Alpaca, and the output."""
    source, target = folder / "in.jsonl", str(folder / out)
    source.write_bytes(b"".join(line + b"\n" for line in lines))
    settings = ConvertOptions(to=to, **{"name": "alpaca", "digests": True, **options})
    return report(target, settings, convert([str(source)], target, settings)), target
