"""The report of a conversion as a page."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from curate.accounts import Example, Source
from curate.report.conversion import Entry, Ranges, Report
from curate.report.excerpt import Excerpt
from curate.report.page import Child, Safe, bar, data, join, language, page, table, tag

# The page is for looking; the JSON report has every place.
MOST_ROWS = 200
MOST_RANGES = 12
MOST_FILES = 8
ALL_RANGES = 200

NOT_GIVEN = {"from": "found out file by file", "turns": "as usual for the format"}

Item = TypeVar("Item")
_ESCAPES = re.compile(r"((?:\\\\)*)((?:\\u[0-9a-fA-F]{4})*)")


def html(report: Report) -> bytes:
    """The page of a report."""
    names = _names([source.file for source in report.inputs])
    body = [
        tag("header", tag("p", "Conversion to ", tag("b", _to(report)), class_="kind"), tag("h1", report.headline)),
        tag("main", _shares(report), _contents(report), *_sections(report, names)),
        tag(
            "footer",
            f"curate {report.curate} · rows are counted from 1; for JSONL their numbers are line numbers · "
            "in examples, \\u escapes are shown as the characters that they stand for",
        ),
    ]
    return page(f"Conversion to {_to(report)} · curate", *(join("\n", part) for part in body))


def _sections(report: Report, names: Mapping[str, str]) -> list[Safe]:
    where = tag("p", "Rejected rows are not in the output. ", _rejects(report)) if report.codes else None
    return [
        _files(report, names),
        _section("rejected", "Rejected rows", "No row was rejected.", report.codes, names, where),
        _section("repaired", "Repaired rows", _no_repair(report), report.repairs, names, None),
        _section("lost", "Fields lost", _no_loss(report), report.lost, names, None),
        _section("others", "Restored, edited and split rows", "", report.others, names, None)
        if report.others
        else Safe(),
        _options(report),
        _digests(report),
    ]


def _to(report: Report) -> str:
    return str(report.options["to"])


def _shares(report: Report) -> Safe:
    counts = report.counts
    of = counts.written + counts.rejected
    parts = [
        ("written whole", "good", counts.written - counts.lossy),
        ("written without some field", "warn", counts.lossy),
        ("rejected", "bad", counts.rejected),
    ]
    below = [
        ("repaired before they were written", counts.repaired),
        ("restored to what they were", counts.restored),
        ("edited since they were converted", counts.edited),
    ]
    rows = [
        ([tag("span", class_=f"dot {kind}"), what], f"{count:,}", _share(count, of)) for what, kind, count in parts
    ] + [(what, f"{count:,}", _share(count, of)) for what, count in below if count]
    more = f"; {counts.more:,} rows more than were read, by --turns split" if counts.more else ""
    caption = f"What became of {of:,} rows{more}"
    return join(bar(parts), table(caption, [("Outcome", ""), ("Rows", "number"), ("Share", "number")], rows, "shares"))


def _contents(report: Report) -> Safe:
    links = [
        ("files", "Files", len(report.inputs)),
        ("rejected", "Rejected rows", report.counts.rejected),
        ("repaired", "Repaired rows", report.counts.repaired),
        ("lost", "Fields lost", len(report.lost)),
        ("options", "Options", None),
        ("digests", "Digests", None),
    ]
    items = [
        tag("li", tag("a", title, href=f"#{id}"), f" {count:,}" if count is not None else "")
        for id, title, count in links
    ]
    return tag("nav", tag("ul", items), aria_label="Sections")


def _files(report: Report, names: Mapping[str, str]) -> Safe:
    heads = [("File", "name"), *((title, "number") for title in ("Read", "Written", "Rejected"))]
    rows = []
    for source in report.inputs[:MOST_ROWS]:
        counts = source.counts
        what = data("span", names[source.file])
        numbers = [f"{count:,}" for count in (counts.read, counts.written, counts.rejected)]
        rows.append([[what, tag("small", _format(source))], *numbers])
    shown = _first(rows, len(report.inputs), "files")
    folder = os.path.commonpath([source.file for source in report.inputs]) if _folder(report) else ""
    caption = f"Sources, in folder {folder}" if folder else "Sources"
    return tag("section", tag("h2", "Files"), table(caption, heads, rows, "files"), shown, id="files")


def _folder(report: Report) -> bool:
    return any(name != file for file, name in _names([source.file for source in report.inputs]).items())


def _format(source: Source) -> str:
    if not source.format:
        return f"no rows, {source.container}"
    read = sum(source.formats.values())
    by_count = sorted(source.formats.items(), key=lambda pair: (-pair[1], pair[0]))
    shares = ", ".join(f"{name} {_share(count, read)}" for name, count in by_count)
    return f"{source.format}{f' ({shares})' if shares else ''}, {source.container}"


def _section(
    id: str, title: str, none: str, entries: Mapping[str, Entry], names: Mapping[str, str], about: Child
) -> Safe:
    """A table of codes, fields or fates, and below it each with its remedy and examples."""
    if not entries:
        return tag("section", tag("h2", title), tag("p", none, class_="quiet"), id=id)
    rows, details = [], []
    # What is to be done about all of them alike is said once.
    remedies = {entry.remedy for entry in entries.values()}
    common = remedies.pop() if len(remedies) == 1 else ""
    by_rows = sorted(entries.items(), key=lambda pair: (-pair[1].rows, pair[0]))
    for number, (name, entry) in enumerate(by_rows[:MOST_ROWS], 1):
        # Names of fields are the user's; they would not all do as identifiers.
        anchor = f"{id}-{number}"
        link = tag("a", data("span", name), href=f"#{anchor}", class_="mono")
        rows.append([link, entry.title, f"{entry.rows:,}", _places(entry.places, names, MOST_RANGES, MOST_FILES)])
        details.append(_entry(anchor, name, entry, names, common))
    what = {"lost": "Field", "others": "What"}.get(id, "Code")
    heads = [(what, "name"), ("What it is", ""), ("Rows", "number"), ("Where", "places full")]
    return tag(
        "section",
        tag("h2", title),
        about,
        _remedy(common),
        table(None, heads, rows, "wide"),
        _first(rows, len(entries), "kinds"),
        details,
        id=id,
    )


def _remedy(remedy: str) -> Safe | None:
    return tag("p", tag("b", "What to do: "), remedy, ".") if remedy else None


def _entry(anchor: str, name: str, entry: Entry, names: Mapping[str, str], said: str) -> Safe:
    ranges = sum(map(len, entry.places.values()))
    cut = ranges > MOST_RANGES or len(entry.places) > MOST_FILES
    return tag(
        "div",
        tag("h3", data("span", name, class_="mono"), f" {entry.title}"),
        _remedy(entry.remedy) if entry.remedy != said else None,
        tag("div", _places(entry.places, names, ALL_RANGES, ALL_RANGES), class_="places") if cut else None,
        [_example(example, names) for example in entry.examples],
        class_="entry",
        id=anchor,
    )


def _example(example: Example, names: Mapping[str, str]) -> Safe:
    return tag(
        "figure",
        tag(
            "figcaption",
            tag("b", data("bdi", names.get(example.file, example.file)), f", row {example.row:,}"),
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
        pieces.insert(0, tag("span", f"{excerpt.start:,} characters before … ", class_="cut"))
    pieces.append(unescaped(text[end:]))
    if excerpt.more:
        pieces.append(tag("span", f" … {excerpt.more:,} characters more", class_="cut"))
    return tag("pre", pieces, lang=language(unescaped(text)))


def unescaped(text: str) -> str:
    r"""JSON text with its \u escapes of characters beyond ASCII as those characters."""

    def characters(found: re.Match[str]) -> str:
        try:
            plain = json.loads(f'"{found[2]}"')
            plain.encode()
        except (json.JSONDecodeError, UnicodeEncodeError):
            return found[0]
        shown = plain if plain.isprintable() and min(plain, default="a") > "\x7f" else found[2]
        return found[1] + shown

    return _ESCAPES.sub(characters, text) if "\\u" in text else text


def _places(places: Ranges, names: Mapping[str, str], ranges: int, files: int) -> list[Safe]:
    """The first places, and how many rows more there are.  ranges, files: how many to show at most."""
    lines, left = [], ranges
    rest = 0
    for number, (file, found) in enumerate(places.items()):
        shown = found[: max(left, 0)] if number < files else []
        left -= len(shown)
        rest += sum(last - first + 1 for first, last in found[len(shown) :])
        if shown:
            spans = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in shown)
            lines.append(tag("div", data("span", names.get(file, file), class_="quiet"), f" {spans}"))
    if rest:
        lines.append(tag("div", f"and {rest:,} more rows", class_="cut"))
    return lines


def _options(report: Report) -> Safe:
    rows = []
    for name, value in report.options.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key}={given}" for key, given in value.items())
        said = NOT_GIVEN.get(name, "none") if value in (None, "") else {True: "yes", False: "no"}.get(value, value)
        rows.append([tag("code", f"--{name.replace('_', '-')}"), data("span", said)])
    return tag("section", tag("h2", "Options"), table(None, [("Option", ""), ("Value", "")], rows), id="options")


def _digests(report: Report) -> Safe:
    found = [
        (source.file, "read", source.digest and source.digest.bytes, source.digest and source.digest.sha256)
        for source in report.inputs[:MOST_ROWS]
    ]
    found += [
        (output.file, "written", output.bytes, output.sha256) for output in (report.output, report.rejects) if output
    ]
    rows = [
        [
            [data("span", _named(file)), tag("small", what)],
            f"{size:,}" if size is not None else "–",
            tag("code", sha256) if sha256 else "no plain file",
        ]
        for file, what, size, sha256 in found
    ]
    heads = [("File", "name"), ("Bytes", "number"), ("SHA-256", "hash full")]
    return tag("section", tag("h2", "Digests"), table(None, heads, rows, "wide"), id="digests")


def _rejects(report: Report) -> Child:
    if report.rejects is None:
        return "With standard output as the output they are only counted."
    return ["As they were, each with its problem, they are in ", data("code", report.rejects.file), "."]


def _no_repair(report: Report) -> str:
    if report.options["on_invalid"] == "repair":
        return "No row was repaired."
    return "No row was repaired; --on-invalid repair mends those that can safely be."


def _no_loss(report: Report) -> str:
    return "Every field of every row that was written is in the output."


def _names(files: Sequence[str]) -> dict[str, str]:
    """The shortest names that tell files of one folder apart: their paths without what all have in common."""
    folders = {os.path.dirname(file) for file in files}
    try:
        common = os.path.commonpath(folders) if all(folders) else ""
    except ValueError:
        common = ""
    return {file: _named(file if not common else os.path.relpath(file, common)) for file in files}


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


def _first(rows: Iterable[Item], total: int, what: str) -> Safe | None:
    shown = len(list(rows))
    return tag("p", f"and {total - shown:,} more {what}", class_="cut") if shown < total else None
