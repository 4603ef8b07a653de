"""The page of a report: that nothing in a row can break it, and that everybody can read it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

from curate.convert.report_page import html
from curate.report import page as report_page
from tests.builders.pages import ATTRIBUTES, ELEMENTS, HOSTILE, Page, report_of_lines


def test_nothing_in_a_row_breaks_the_page(tmp_path):
    rows = [
        {"instruction": HOSTILE, "output": HOSTILE, HOSTILE.replace('"', "").replace("\x07", ""): HOSTILE},
        {"instruction": HOSTILE, "output": {"<i>": HOSTILE}},
    ]
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in rows]
    lines += [HOSTILE.encode() + b"\x00\xff\x1b[31m"]
    found, _ = report_of_lines(tmp_path, lines, on_loss="drop", out="<i>&.jsonl")
    data = html(found)
    page = Page(data)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attrs in page.elements for name in attrs} <= ATTRIBUTES
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data)
    assert "\u202e" not in data.decode() and "[U+202E]" in page.text
    assert "<i>&.jsonl" in page.text
    assert '</script><b onclick=\\"x()\\">&amp;' in page.text
    assert data.count(b"<style>") == data.count(b"</style>") == 1


def test_the_page_is_whole_in_itself_and_accessible(tmp_path):
    line = '{"instruction": "说出一个质数。", "output": 2}'.encode()
    found, _ = report_of_lines(tmp_path, [line, b'{"instruction": "a", "output": "b"}'])
    data = html(found)
    page = Page(data)
    assert not re.search(rb"https?://|url\(|@import|<script|src=", data)
    assert page.all("html") == [{"lang": "en"}]
    assert found.headline in page.text
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.all("th"))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"].removeprefix("#") for attrs in page.all("a")} <= set(ids)
    assert page.marked == ["2"]
    assert [attrs.get("lang") for attrs in page.all("pre")] == ["zh"]


def test_text_stands_out_from_its_ground():
    css = (Path(report_page.__file__).parent / "page.css").read_text("utf-8")
    themes = [dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in css.split("@media screen", 1)]

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, other: str) -> float:
        low, high = sorted([light(one), light(other)])
        return (high + 0.05) / (low + 0.05)

    for theme in themes:
        # WCAG 2.2: 4.5 for text, 3 for what else tells something.
        for ground in ("ground", "panel"):
            assert all(contrast(theme[name], theme[ground]) >= 4.5 for name in ("text", "quiet", "link"))
            assert all(contrast(theme[name], theme[ground]) >= 3 for name in ("good", "warn", "bad"))
        assert contrast(theme["marked"], theme["mark"]) >= 4.5
