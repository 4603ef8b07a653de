"""The report of a conversion: which rows were written, mended, rejected or restored, and which lost what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec

from curate.convert.accounts import ConvertSummary, RowCounts, RowExample, RowRanges, SourceAccount
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.io.digest import digest
from curate.text.counted import counted
from schemas.problems import CODES

LAYOUT = 1
_PAIR = re.compile(r"\[\n *(\d+),\n *(\d+)\n *\]")

# How the name of a loss ends that is due to the file and not to the format.
OF_TABLE = re.compile(r" in (?:csv|tsv|parquet|arrow)\)$")

Ranges = dict[str, list[tuple[int, int]]]


class ReportEntry(msgspec.Struct, frozen=True):
    """What happened to some rows.

    Attributes:
        title: what it is
        zh: the same in Chinese.
        why: why it matters, "" where that is plain.
        remedy: what to do about it, "" where there is nothing to do.
        rows: how many rows.
        places: for each file their numbers as ranges [first, last], both included, counted from 1; for JSONL these are
            line numbers. A range that comes twice is of a file that was given twice.
        examples: some of them, at most three.
    """

    title: str
    zh: str
    why: str
    remedy: str
    rows: int
    places: Ranges
    examples: list[RowExample]


class OutputFile(msgspec.Struct, frozen=True):
    """A file that was written.

    Attributes:
        bytes: of the file; null for standard output.
        sha256: of the file; null for standard output.
    """

    file: str
    bytes: int | None
    sha256: str | None


class ConvertReport(msgspec.Struct, frozen=True):
    """The report of `curate convert --report FILE.json`.  The same input and options give the same bytes.

    Attributes:
        kind: always `conversion`.
        layout: of this report; it rises when a key changes its meaning or goes.
        curate: the version that converted.
        headline: the whole in one sentence.
        options: as given, by their names on the command line (`from` null: found out file by file).
        inputs: the sources in their order, each with its format and counts.
        output: the files written; rejects is null where no row was rejected or the output was standard output.
        rejects: see `output`.
        counts: of all sources.
        codes: for each problem code, the rows that it rejected.
        repairs: for each, the rows that were mended.
        lost: for each field, the rows that were written without it.
        others: rows that were `restored`, `edited`, `split` or written as `both` answers, see counts; those with
            `further` examples.
    """

    kind: str
    layout: int
    curate: str
    headline: str
    options: dict[str, Any]
    inputs: list[SourceAccount]
    output: OutputFile
    rejects: OutputFile | None
    counts: RowCounts
    codes: dict[str, ReportEntry]
    repairs: dict[str, ReportEntry]
    lost: dict[str, ReportEntry]
    others: dict[str, ReportEntry]


class EntryWords(NamedTuple):
    """The words for an ReportEntry."""

    title: str
    zh: str
    why: str = ""
    remedy: str = ""


OTHERS = {
    "restored": EntryWords("row turned back into what it was before an earlier conversion", "还原为转换前的样子"),
    "edited": EntryWords(
        "row changed since the conversion that made it restorable",
        "转换后又被改动",
        remedy="nothing, if the change was meant: the row was written as it now is",
    ),
    "further": EntryWords(
        "row of several examples (instances of a seed task, paths of a tree) of which one was converted",
        "含多个样例（种子任务的实例、树的路径）的行，只转换了其中一个",
        remedy="--turns split writes a row for each",
    ),
    "both": EntryWords("pair written as two rows, a good answer and a bad one", "一对回答写成好、坏两行"),
    "split": EntryWords("conversation written as several rows, one for each exchange", "多轮对话拆成多行"),
}


def report(out: str, options: ConvertOptions, summary: ConvertSummary) -> ConvertReport:
    """The report of a conversion that has written `out`."""
    counts = RowCounts(**{name: getattr(summary, name) for name in RowCounts.__struct_fields__})
    return ConvertReport(
        kind="conversion",
        layout=LAYOUT,
        curate=version("curate-sft"),
        headline=headline(counts, len(summary.lost)),
        options=_options(options),
        inputs=summary.sources,
        output=_output(out),
        rejects=_output(rejects_path(out)) if summary.rejected and out != "-" else None,
        counts=counts,
        codes=_entries(summary, summary.codes, "{}", _rejected(summary)),
        repairs=_entries(summary, summary.repairs, "{} repaired", _repaired(summary)),
        lost=_entries(summary, summary.lost, "{} lost", {name: _lost(name, options) for name in summary.lost}),
        others=_entries(summary, summary.others, "", OTHERS),
    )


def headline(counts: RowCounts, fields: int) -> str:
    """The conversion in one sentence.

    Args:
        counts: of all sources.
        fields: how many different ones were lost.
    """
    if not counts.read:
        return "No rows read: there was nothing in the input."
    notes = [
        (counts.repaired, "repaired"),
        (counts.restored, "restored to what they were"),
        (counts.more, "more than read, since rows were split"),
    ]
    of_them = ", ".join(f"{count:,} {what}" for count, what in notes if count)
    written = f"{counts.written:,}" if counts.written else "none"
    lost = f"{counted(fields, 'field')} lost in {counted(counts.lossy, 'row')}" if counts.lossy else "nothing lost"
    rejected = f"{counts.rejected:,}" if counts.rejected else "none"
    noted = f" ({of_them})" if of_them else ""
    return f"{counted(counts.read, 'row')} read: {written} written{noted}, {rejected} rejected, {lost}."


def to_json(report: ConvertReport) -> bytes:
    """The report as indented JSON, a range a line."""
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    # No string holds a line break in JSON, so that only ranges are touched.
    return _PAIR.sub(r"[\1, \2]", text).encode() + b"\n"


def _entries(
    summary: ConvertSummary, places: Mapping[str, RowRanges], key: str, words: Mapping[str, EntryWords]
) -> dict[str, ReportEntry]:
    """The entries of all names, sorted; `key` is the name of an entry's examples."""
    return {
        name: ReportEntry(*words[name], rows.rows, rows.ranges, summary.examples.get(key.format(name), []))
        for name, rows in sorted(places.items())
    }


def _rejected(summary: ConvertSummary) -> dict[str, EntryWords]:
    found = {name: CODES[name] for name in summary.codes}
    return {name: EntryWords(code.title, code.zh, code.why, code.remedy) for name, code in found.items()}


def _repaired(summary: ConvertSummary) -> dict[str, EntryWords]:
    remedy = "look at the examples; without --on-invalid repair these rows are rejected instead"
    return {name: EntryWords(CODES[name].title, CODES[name].zh, remedy=remedy) for name in summary.repairs}


def _lost(name: str, options: ConvertOptions) -> EntryWords:
    to = options.target.label
    if OF_TABLE.search(name):
        remedy = "use --lossless to be able to restore it, or write .jsonl, which holds any value"
        return EntryWords("value that this kind of file cannot hold", "该文件类型容纳不下的值", remedy=remedy)
    if options.on_loss == "drop":
        remedy = "use --on-loss keep to write such fields under their own names, or a format that names them"
        return EntryWords(f"field that {to} does not name", f"{to} 没有的字段", remedy=remedy)
    remedy = "use --lossless to be able to restore it, or choose a format that has a place for it"
    return EntryWords(f"field that has no place in {to}", f"{to} 容纳不下的字段", remedy=remedy)


def _options(options: ConvertOptions) -> dict[str, Any]:
    # Not the number of processes: on any number of them the result is the same.
    return {
        "to": options.target.label,
        "from": options.name,
        "on_loss": options.on_loss,
        "lossless": options.lossless,
        "on_invalid": options.on_invalid,
        "turns": options.turns,
        "take": options.take,
        "map": dict(options.fields),
        "roles": dict(options.roles),
    }


def _output(path: str) -> OutputFile:
    found = digest(path) if path != "-" else None
    return OutputFile(path, found.bytes if found else None, found.sha256 if found else None)
