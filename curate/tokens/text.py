"""The token report on a terminal, or as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curate.text.counted import counted
from curate.text.duration import duration
from curate.tokens.histogram import Bin
from curate.tokens.report import TokenReport

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 10
BAR = 40
COLUMNS = ("tokens a row", "median", "95%", "99%", "most", "in all")


def facts(report: TokenReport) -> list[tuple[str, str]]:
    """Name and value of what is worth knowing beside the table and the histogram."""
    options, cut, untrained = report.options, report.cut, report.untrained
    length, trained, read = options.max_length, report.tokens["trained"].fitting, report.tokens["all"].fitting
    template = "its own chat template" if options.template == "auto" else f"the template {options.template}"
    lines = [
        ("model", f"{options.model} by {template}; a row is prompt and answers together, cut at {length:,} tokens"),
        ("rows cut", f"{_share(cut.rows, report.rows)}{_beyond(report)}"),
        ("rows without a trained token", _share(untrained.rows, report.rows)),
        ("trained", f"{trained:,} of {counted(read, 'token')}{_percent(trained, read)}"),
        ("run", _run(report)),
    ]
    return lines + cost_facts(report)


def cost_facts(report: TokenReport) -> list[tuple[str, str]]:
    """Time and memory of a run, and where the figures are from; empty where they were not asked for."""
    cost = report.cost
    if cost is None:
        return []
    weights = "" if cost.weights_bytes is None else f"{gibibytes(cost.weights_bytes)} for the model's weights"
    if cost.seconds is None:
        return [("time", cost.source), ("memory", f"not measured; {weights} alone" if weights else "not measured")]
    memory = "not known" if cost.memory_bytes is None else f"{gibibytes(cost.memory_bytes)} at the peak"
    within = f", with {weights}" if weights else ""
    return [("time", f"about {duration(cost.seconds)}, {cost.source}"), ("memory", f"{memory}{within}")]


def untrained_lines(report: TokenReport, most: int = MOST_ROWS) -> list[str]:
    """The first rows without a trained token, each with the reason, and how many more there are."""
    first, rows = report.untrained.first[:most], report.untrained.rows
    lines = [f"{row.file} row {row.row}: {row.reason}" for row in first]
    return lines + ([f"and {counted(rows - len(first), 'more row')}"] if rows > len(first) else [])


def table_rows(report: TokenReport) -> list[tuple[str, ...]]:
    """The cells of the table, a row for each kind of tokens."""
    rows = []
    for name, spread in report.tokens.items():
        numbers = (spread.median, spread.p95, spread.p99, spread.max, spread.total, spread.fitting)
        rows.append((name, *(f"{number:,}" for number in numbers)))
    return rows


def columns(report: TokenReport) -> tuple[str, ...]:
    """The titles of the table; the last column has what is left of the rows that are trained on."""
    return (*COLUMNS, f"within {report.options.max_length:,}")


def show(report: TokenReport, console: Console) -> None:
    """Print the report."""
    from rich.table import Table
    from rich.text import Text

    about = Table(box=None, pad_edge=False, show_header=False)
    about.add_column(style="bold", no_wrap=True)
    about.add_column(overflow="fold")
    for name, value in facts(report):
        about.add_row(name, Text(value))
        if name == "rows without a trained token":
            for line in untrained_lines(report):
                about.add_row("", Text(line, "yellow"))
    spreads = Table(box=None, pad_edge=False, header_style="bold")
    for i, title in enumerate(columns(report)):
        spreads.add_column(title, justify="right" if i else "left", no_wrap=True)
    for cells in table_rows(report):
        spreads.add_row(*cells)
    console.print(about)
    console.print()
    console.print(spreads)
    console.print()
    for line in histogram_lines(report.histogram, "█" if console.is_terminal else "#"):
        console.print(Text(line, "red" if line.endswith(" cut") else ""))


def histogram_lines(bins: list[Bin], mark: str) -> list[str]:
    """A line for each bin: its tokens, a bar, and its rows; longer rows than fit end in `cut`.

    Args:
        bins: of the histogram.
        mark: of which bars are made.
    """
    most = max((each.rows for each in bins), default=0)
    ranges = [f"{each.low:,}-{each.high:,}" if each.high > each.low else f"{each.low:,}" for each in bins]
    width, digits = max(map(len, ranges), default=0), len(f"{most:,}")
    lines = []
    for each, tokens in zip(bins, ranges, strict=True):
        bar = mark * -(-BAR * each.rows // most)
        lines.append(f"{tokens:>{width}} {each.rows:>{digits},} {bar}{' cut' * (each.cut and each.rows > 0)}".rstrip())
    return lines


def gibibytes(size: int) -> str:
    """Bytes in GiB, those below one in MiB."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{-(-size // 2**20)} MiB"


def _run(report: TokenReport) -> str:
    options = report.options
    each = f"{options.batch_size:,} rows each" + (f" x {options.accumulate:,}" if options.accumulate > 1 else "")
    return (
        f"{counted(report.steps, 'step')} of {each}, {counted(options.epochs, 'epoch')} of "
        f"{counted(report.rows - report.untrained.rows, 'row')}, {counted(report.run_tokens, 'token')} in all"
    )


def _beyond(report: TokenReport) -> str:
    cut = report.cut
    if not cut.rows:
        return ""
    return (
        f": {counted(cut.tokens, 'token')} cut off, {cut.trained:,} of them trained; "
        f"--max-length {report.tokens['all'].max:,} cuts none"
    )


def _share(count: int, of: int) -> str:
    return f"{count:,} of {of:,}{_percent(count, of)}"


def _percent(count: int, of: int) -> str:
    if not 0 < count < of:
        return ""
    return f" ({min(max(100 * count / of, 0.1), 99.9):.1f}%)"
