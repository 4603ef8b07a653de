"""`curate formats`"""

from __future__ import annotations

import click

from curate.commands.options import json_option, print_json, print_note

STYLES = {"kept": "green", "beside": "cyan", "moved": "yellow", "lost": "yellow"}


@click.command()
@json_option
@click.option("--markdown", is_flag=True, help="Print Markdown: the page docs/formats.md.")
@click.option("--short", is_flag=True, help="With --markdown: the tables alone.")
@click.option("--chinese", is_flag=True, help="With --short: in Chinese.")
def formats(as_json: bool, markdown: bool, short: bool, chinese: bool) -> None:
    """List the formats, and what becomes of each feature of a conversation in each of them.

    The second table is measured: a row with the feature is written in the format and read back.
    """
    from curate.reference import formats as format_page
    from curate.reference.formats_chinese import in_chinese
    from schemas.registry import BROKEN

    for why in BROKEN.values():
        print_note(f"error: {why}")
    if as_json:
        print_json(format_page.data())
    elif markdown or short or chinese:
        said = in_chinese if chinese else str
        click.echo(format_page.tables(said) if short or chinese else format_page.page())
    else:
        _print()


def _print() -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curate.reference import format_matrix
    from curate.reference import formats as format_page
    from schemas.registry import IN_TABLE

    console = Console()
    # Short names for narrow columns, so that both tables fit a terminal of 80 columns.
    narrow = {"self-instruct": "self-\ninstruct", "instruction-json": "instruc-\ntion-json"}
    rows = format_page.rows()
    first = Table(box=None, pad_edge=False, header_style="bold")
    for column, cells in zip(format_page.COLUMNS, zip(*rows, strict=True), strict=True):
        longest = max(len(word) for cell in cells for word in cell.split())
        first.add_column(column, min_width=max(longest, len(column)))
    for row in rows:
        first.add_row(*row)
    second = Table(box=None, pad_edge=False, header_style="bold", collapse_padding=console.width < 90)
    second.add_column("feature", no_wrap=True)
    for name in IN_TABLE:
        second.add_column(narrow.get(name, name), no_wrap=True)
    for feature, outcomes in format_matrix.matrix().items():
        second.add_row(feature, *(Text(word, STYLES.get(word, "red")) for word in outcomes.values()))
    legend = Table(box=None, pad_edge=False, show_header=False)
    for word, meaning in format_matrix.OUTCOMES.items():
        legend.add_row(Text(word, STYLES.get(word, "red")), Text(meaning.replace("`", "")))
    for table in (first, second, legend):
        console.print(table)
        console.print()
    console.print("docs/formats.md says how the formats without a column differ.", highlight=False)
    console.print("--lossless restores every row that is not refused, whatever the table says.", highlight=False)
