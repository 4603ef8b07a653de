"""The report of a conversion as a page."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence

from curate.convert.accounts import RowCounts, RowExample, SourceAccount
from curate.convert.excerpt import Excerpt
from curate.convert.report import ConvertReport, Ranges, ReportEntry
from curate.report.page import Child, Safe, bar, data, join, language, page, table, tag
from curate.text.counted import counted

# The page is for looking; the JSON report has every place.
MOST_SOURCES, MOST_ENTRIES = 200, 100
MOST_RANGES, MOST_FILES = 6, 8
ALL_RANGES, ALL_FILES = 60, 30
NO_LOSS = "Every field of every row that was written is in the output."
FIRST_COLUMN = {"lost": "Field", "others": "Rows that were"}

NOT_GIVEN = {"from": "found out file by file", "turns": "as usual for the format"}

# An escaped backslash is passed over, so that a `u` after it is not taken for an escape.
_ESCAPES = re.compile(r"\\\\|((?:\\u[0-9a-fA-F]{4})+)")
# They show nothing, but join the parts of one emoji or the letters of a word.
JOINERS = "\u200c\u200d"


def html(report: ConvertReport) -> bytes:
    """The page of a report."""
    names = _names([source.file for source in report.inputs])
    body = [
        tag("header", tag("p", "Conversion to ", tag("b", _to(report)), class_="kind"), tag("h1", report.headline)),
        tag("main", _shares(report), _contents(report), *_sections(report, names)),
        tag(
            "footer",
            f"curate {report.curate} · rows are counted from 1; for JSONL their numbers are line numbers · "
            "in examples, \\u escapes are shown as the characters that they stand for · "
            "where a list is cut, --report FILE.json has the whole of it",
        ),
    ]
    return page(f"Conversion to {_to(report)} · curate", *(join("\n", part) for part in body))


def _sections(report: ConvertReport, names: Mapping[str, str]) -> list[Safe]:
    where = tag("p", "Rejected rows are not in the output. ", _rejects(report)) if report.codes else None
    return [
        _files(report, names),
        _section("rejected", "Rejected rows", "No row was rejected.", report.codes, names, where),
        _section("repaired", "Repaired rows", _no_repair(report), report.repairs, names, None),
        _section("lost", "Fields lost", NO_LOSS, report.lost, names, None),
        _section("others", "Restored, edited and split rows", "", report.others, names, None)
        if report.others
        else Safe(),
        _options(report),
        _digests(report),
    ]


def _to(report: ConvertReport) -> str:
    return str(report.options["to"])


def _shares(report: ConvertReport) -> Safe:
    counts = report.counts
    of = counts.read
    below = [
        ("repaired before they were written", counts.repaired),
        ("restored to what they were", counts.restored),
        ("edited since they were converted", counts.edited),
    ]
    rows: list[tuple[Child, ...]] = [
        ([tag("span", class_=f"dot {kind}"), what], f"{count:,}", _share(count, of))
        for what, kind, count in _outcomes(counts)
    ]
    rows += [(what, f"{count:,}", _share(count, of)) for what, count in below if count]
    more = f"; --turns split wrote {counted(counts.more, 'row')} more than there were" if counts.more else ""
    caption = f"What became of the rows read{more}"
    heads = [("Outcome", ""), ("Rows", "number"), ("Share", "number")]
    return join(bar(_outcomes(counts)), table(caption, heads, rows, "shares"))


def _outcomes(counts: RowCounts) -> list[tuple[str, str, int]]:
    """(what, class, rows) of what can become of a row; their rows are all rows."""
    return [
        ("written whole", "good", counts.written - counts.lossy - counts.more),
        ("written without some field", "warn", counts.lossy),
        ("rejected", "bad", counts.rejected),
    ]


def _contents(report: ConvertReport) -> Safe:
    links = [
        ("files", "Files", len(report.inputs)),
        ("rejected", "Rejected rows", report.counts.rejected),
        ("repaired", "Repaired rows", report.counts.repaired),
        ("lost", "Fields lost", len(report.lost)),
        *([("others", "Other", len(report.others))] if report.others else []),
        ("options", "Options", None),
        ("digests", "Digests", None),
    ]
    items = [
        tag("li", tag("a", title, href=f"#{anchor}"), f" {count:,}" if count is not None else "")
        for anchor, title, count in links
    ]
    return tag("nav", tag("ul", items), aria_label="Sections")


def _files(report: ConvertReport, names: Mapping[str, str]) -> Safe:
    columns = ["read", "written", "rejected"]
    columns += [name for name in ("repaired", "lossy") if getattr(report.counts, name)]
    titles = [{"lossy": "Lost a field"}.get(name, name.capitalize()) for name in columns]
    heads = [("File", "name"), ("Share", "share"), *((title, "number") for title in titles)]
    rows = []
    for source in report.inputs[:MOST_SOURCES]:
        what = [data("span", names[source.file]), tag("small", _format(source))]
        numbers = [f"{getattr(source.counts, name):,}" for name in columns]
        rows.append([what, bar(_outcomes(source.counts)), *numbers])
    shown = _first(len(rows), len(report.inputs), "files")
    folder = _folder([source.file for source in report.inputs])
    caption = f"Sources, in folder {folder}" if folder else "Sources"
    return tag("section", tag("h2", "Files"), table(caption, heads, rows, "wide"), shown, id="files")


def _format(source: SourceAccount) -> str:
    if not source.format:
        return f"no rows, {source.container}"
    read = sum(source.formats.values())
    by_count = sorted(source.formats.items(), key=lambda pair: (-pair[1], pair[0]))
    shares = ", ".join(f"{name} {_share(count, read)}" for name, count in by_count)
    return f"{source.format}{f' ({shares})' if shares else ''}, {source.container}"


def _section(
    section: str, title: str, none: str, entries: Mapping[str, ReportEntry], names: Mapping[str, str], about: Child
) -> Safe:
    """A table of codes, fields or fates, and below it each with its remedy and examples."""
    if not entries:
        return tag("section", tag("h2", title), tag("p", none, class_="quiet"), id=section)
    # What all of them have in common is written once.
    titles, remedies = ({getattr(entry, name) for entry in entries.values()} for name in ("title", "remedy"))
    alike = next(iter(entries.values())) if len(titles) == 1 < len(entries) else None
    remedy = remedies.pop() if len(remedies) == 1 < len(entries) else ""
    rows: list[list[Child]] = []
    details = []
    by_rows = sorted(entries.items(), key=lambda pair: (-pair[1].rows, pair[0]))
    for number, (name, entry) in enumerate(by_rows[:MOST_ENTRIES], 1):
        # Names of fields are the user's; they would not all do as identifiers.
        anchor = f"{section}-{number}"
        link = tag("a", data("span", name), href=f"#{anchor}", class_="mono")
        what: list[Child] = [] if alike else [_title(entry)]
        rows.append([link, *what, f"{entry.rows:,}", _places(entry.places, names, MOST_RANGES, MOST_FILES)])
        about_it = [tag("p", entry.why) if entry.why else None, None if remedy else _remedy(entry.remedy)]
        details.append(_entry(anchor, name, None if alike else _title(entry), about_it, entry, names))
    heads = [(FIRST_COLUMN.get(section, "Code"), "name field" if alike else "name")]
    heads += [] if alike else [("What it is", "")]
    heads += [("Rows", "number rows"), ("Where", "places full")]
    return tag(
        "section",
        tag("h2", title),
        about,
        tag("p", "Each is a ", alike.title, ". ", data("span", alike.zh, class_="quiet")) if alike else None,
        _remedy(remedy),
        table(None, heads, rows, "wide"),
        _first(len(rows), len(entries), "kinds"),
        details,
        id=section,
    )


def _entry(
    anchor: str, name: str, title: Child, about: Sequence[Child], entry: ReportEntry, names: Mapping[str, str]
) -> Safe:
    cut = len(entry.places) > MOST_FILES or any(len(ranges) > MOST_RANGES for ranges in entry.places.values())
    return tag(
        "div",
        tag("h3", data("span", name, class_="mono"), [" ", title] if title else None),
        about,
        tag("div", _places(entry.places, names, ALL_RANGES, ALL_FILES), class_="places") if cut else None,
        [_example(example, names) for example in entry.examples],
        class_="entry",
        id=anchor,
    )


def _title(entry: ReportEntry) -> Safe:
    return join(entry.title, " ", data("span", entry.zh, class_="quiet"))


def _remedy(remedy: str) -> Safe | None:
    return tag("p", tag("b", "What to do: "), remedy, ".") if remedy else None


def _example(example: RowExample, names: Mapping[str, str]) -> Safe:
    return tag(
        "figure",
        tag(
            "figcaption",
            tag("b", data("bdi", names.get(example.file, example.file)), f", row {example.row}"),
            " · ",
            data("code", example.path),
            " · ",
            data("bdi", example.message),
        ),
        _row(example.excerpt),
    )


def _row(excerpt: Excerpt) -> Safe:
    text = excerpt.text
    first, end = excerpt.mark or (len(text), len(text))
    pieces = [unescaped(text[:first]), tag("mark", unescaped(text[first:end])) if excerpt.mark else None]
    if excerpt.start:
        pieces.insert(0, tag("span", f"{counted(excerpt.start, 'character')} before … ", class_="cut"))
    pieces.append(unescaped(text[end:]))
    if excerpt.more:
        pieces.append(tag("span", f" … {counted(excerpt.more, 'character')} more", class_="cut"))
    return tag("pre", pieces, lang=language(unescaped(text)))


def unescaped(text: str) -> str:
    r"""JSON text with its \u escapes of visible characters beyond ASCII as those characters; it means the same."""
    return _ESCAPES.sub(lambda run: _characters(run[1]) if run[1] else run[0], text) if "\\u" in text else text


def _characters(escapes: str) -> str:
    # Two escapes of a pair make one character; halves of pairs stay what they are.
    plain = json.loads(f'"{escapes}"')
    shown = [c if c > "\x7f" and (c.isprintable() or c in JOINERS) else json.dumps(c)[1:-1] for c in plain]
    return "".join(shown) if any(len(c) == 1 for c in shown) else escapes


def _places(places: Ranges, names: Mapping[str, str], most: int, files: int) -> list[Safe]:
    """A line for each of the first `files` files, with the first `most` ranges of its rows."""
    lines = []
    for file, ranges in list(places.items())[:files]:
        shown = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in ranges[:most])
        rest = sum(last - first + 1 for first, last in ranges[most:])
        more = tag("span", f" and {counted(rest, 'more row')}", class_="cut") if rest else None
        lines.append(tag("div", data("span", names.get(file, file), class_="quiet"), f" {shown}", more))
    if len(places) > files:
        lines.append(tag("div", f"and {counted(len(places) - files, 'more file')}", class_="cut"))
    return lines


def _options(report: ConvertReport) -> Safe:
    rows = []
    for name, value in report.options.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key}={each}" for key, each in value.items())
        text = NOT_GIVEN.get(name, "none") if value in (None, "") else {True: "yes", False: "no"}.get(value, value)
        rows.append([tag("code", f"--{name.replace('_', '-')}"), data("span", text)])
    return tag("section", tag("h2", "Options"), table(None, [("Option", ""), ("Value", "")], rows), id="options")


def _digests(report: ConvertReport) -> Safe:
    files = [
        (source.file, "read", source.digest and source.digest.bytes, source.digest and source.digest.sha256)
        for source in report.inputs[:MOST_SOURCES]
    ]
    files += [
        (output.file, "written", output.bytes, output.sha256) for output in (report.output, report.rejects) if output
    ]
    rows = [
        [
            [data("span", _named(file)), tag("small", what)],
            f"{size:,}" if size is not None else "–",
            tag("code", sha256) if sha256 else "no plain file",
        ]
        for file, what, size, sha256 in files
    ]
    heads = [("File", "name"), ("Bytes", "number bytes"), ("SHA-256", "hash full")]
    return tag("section", tag("h2", "Digests"), table(None, heads, rows, "wide"), id="digests")


def _rejects(report: ConvertReport) -> Child:
    if report.rejects is None:
        return "With standard output as the output they are only counted."
    return ["As they were, each with its problem, they are in ", data("code", report.rejects.file), "."]


def _no_repair(report: ConvertReport) -> str:
    if report.options["on_invalid"] == "repair":
        return "No row was repaired."
    return "No row was repaired; --on-invalid repair mends those that can safely be."


def _folder(files: Sequence[str]) -> str:
    """The folder that all files are in; "" if there is none, or some are no files of this machine."""
    folders = {os.path.dirname(file) for file in files}
    if not all(folders) or any("://" in file for file in files):
        return ""
    try:
        return os.path.commonpath(folders)
    except ValueError:  # some begin at the root and others do not, or they are on several drives
        return ""


def _names(files: Sequence[str]) -> dict[str, str]:
    """What to call each file: its path from the folder that all are in."""
    folder = _folder(files)
    return {file: os.path.relpath(file, folder) if folder else _named(file) for file in files}


def _named(file: str) -> str:
    return "standard input or output" if file == "-" else file


def _share(count: int, of: int) -> str:
    """A percentage that is 0 or 100 only where it is exactly that."""
    if not of:
        return "–"
    share = 100 * count / of
    if 0 < count < of:
        share = min(max(share, 0.1), 99.9)
    return f"{share:.1f}%" if 0 < count < of else f"{share:.0f}%"


def _first(shown: int, total: int, what: str) -> Safe | None:
    return tag("p", f"and {total - shown:,} more {what}", class_="cut") if shown < total else None
