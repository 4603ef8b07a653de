"""`curate explain-code`"""

from __future__ import annotations

import click

from curate.commands.options import json_option, print_json


@click.command("explain-code")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--markdown", is_flag=True, help="Print Markdown: these codes, or without any the page docs/problems.md.")
@json_option
def explain_code(codes: tuple[str, ...], markdown: bool, as_json: bool) -> None:
    """Explain problem CODEs: why such rows do harm, an example, and the same row corrected.

    Without a CODE, lists them all.

    \b
    curate explain-code E101
    curate explain-code e204 e206 --json
    """
    from curate.reference import codes as code_page
    from schemas.problems import CODES

    try:
        chosen = [code_page.lookup(name) for name in codes]
    except KeyError as error:
        raise click.UsageError(error.args[0]) from None
    if as_json:
        print_json(code_page.data(chosen or CODES))
    elif markdown:
        click.echo(code_page.markdown(chosen) if chosen else code_page.page())
    elif chosen:
        _print(chosen)
    else:
        _list()


def _print(codes: list[str]) -> None:
    from rich.console import Console
    from rich.text import Text

    from curate.reference import codes as code_page

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for i, code in enumerate(codes):
        if i:
            console.print()
        console.print(Text(code_page.heading(code), "bold"))
        console.print(code_page.text(code, min(console.width, 100)))


def _list() -> None:
    from rich.console import Console
    from rich.table import Table

    from schemas.problems import CODES

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("code", "problem", "中文", "repaired"):
        table.add_column(column, no_wrap=column != "problem")
    for code, about in CODES.items():
        table.add_row(code, about.title, about.zh, "yes" if about.repair else "")
    console = Console()
    console.print(table)
    console.print("`curate explain-code E101` says more.", markup=False, highlight=False)
