"""The token report as part of a page."""

from __future__ import annotations

from collections.abc import Sequence

from curate.report.page import Child, Safe, data, page, table, tag
from curate.text.counted import counted
from curate.tokens.histogram import Bin
from curate.tokens.report import TokenReport
from curate.tokens.text import columns, facts, table_rows

MOST_ROWS = 100


def section(report: TokenReport) -> list[Safe | None]:
    """Facts, tokens by kind, the histogram, and the rows without a trained token."""
    about = [[name, data("span", value)] for name, value in facts(report)]
    heads = [(title, "number" if i else "name") for i, title in enumerate(columns(report))]
    return [
        table(None, [("What", "name"), ("Value", "full")], about, "wide"),
        table(None, heads, table_rows(report), "wide"),
        _histogram(report.histogram, report.options.max_length),
        _untrained(report),
    ]


def _histogram(bins: list[Bin], length: int) -> Safe | None:
    if not bins:
        return None
    most = max(each.rows for each in bins)
    rows = [[f"{each.low:,} to {each.high:,}", _bar(each, most), f"{each.rows:,}"] for each in bins]
    caption = f"Rows by tokens, prompt and answers together; those of more than {length:,} are cut"
    return table(caption, [("Tokens", "name"), ("Share of the most", "share"), ("Rows", "number")], rows, "wide")


def _bar(each: Bin, most: int) -> Safe:
    kind = "warn" if each.cut else "good"
    filled = tag("i", class_=kind, style=f"flex:{each.rows}") if each.rows else None
    rest = tag("span", style=f"flex:{most - each.rows}") if each.rows < most else None
    return tag("div", filled, rest, class_="bar", role="img", aria_label=counted(each.rows, "row"))


def _untrained(report: TokenReport) -> Safe | None:
    first = report.untrained.first[:MOST_ROWS]
    if not first:
        return None
    rows = [[data("span", row.file), f"{row.row:,}", data("span", row.reason)] for row in first]
    more = report.untrained.rows - len(first)
    caption = "Rows without a trained token" + (f"; and {counted(more, 'more row')}" if more else "")
    return table(caption, [("File", "name"), ("Row", "number"), ("Why", "full")], rows, "wide")


def html(sources: Sequence[str], described: Sequence[tuple[str, str]], report: TokenReport | None) -> bytes:
    """The page of `curate stats`.

    Args:
        sources: the files.
        described: name and value of what the files hold.
        report: None where no model is named.
    """
    names = [[name, data("span", value)] for name, value in described]
    sections: list[tuple[str, Child]] = [("Rows", [table(None, [("What", "name"), ("Value", "full")], names, "wide")])]
    if report is not None:
        sections.append(("Tokens", section(report)))
    title = ", ".join(sources[:3]) + (", ..." if len(sources) > 3 else "")
    body = [
        tag("header", tag("p", "What rows hold", class_="kind"), tag("h1", data("span", title))),
        tag("main", [tag("section", tag("h2", name), content) for name, content in sections]),
    ]
    return page(f"{title} · curate", *body)
