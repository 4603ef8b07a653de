"""`curate convert`"""

from __future__ import annotations

import click


@click.command()
@click.argument("source", metavar="IN")
@click.argument("out", metavar="OUT")
@click.option("--to", required=True, help="The format to write; see `curate formats`.")
@click.option("--from", "name", help="The format of IN; found out if not given, `mixed` for any.")
@click.option(
    "--on-loss",
    type=click.Choice(["keep", "drop", "error"]),
    default="keep",
    show_default=True,
    help="Fields that the target does not name: keep them under their own names, drop them, or refuse the row.",
)
@click.option(
    "--on-invalid",
    type=click.Choice(["reject", "error"]),
    default="reject",
    show_default=True,
    help="Invalid rows: list them in OUT.rejects.jsonl, or stop at the first and write nothing.",
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard error.")
def convert(
    source: str, out: str, to: str, name: str | None, on_loss: str, on_invalid: str, quiet: bool, as_json: bool
) -> None:
    """Convert IN to format --to, every row accounted for.

    The ending of OUT gives the container: .json (an array), .jsonl, .parquet, and .gz after the first two.
    `-` is standard input or output, as JSON lines.  OUT appears whole or not at all.

    \b
    curate convert alpaca.json sharegpt.jsonl --to sharegpt
    curate convert chats.jsonl - --to sft | head -1
    """
    from curate.convert import convert as run
    from curate.convert import format_named, rejects_path

    summary = run(source, out, format_named(to), name, on_loss, on_invalid)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(summary).decode(), err=True)
        return
    if quiet:
        return
    for field, rows in sorted(summary.lost.items()):
        click.echo(f"lost {field} in {rows:,} rows", err=True)
    for code, rows in sorted(summary.codes.items()):
        example = next(problem for problem in summary.problems if problem.code == code)
        click.echo(f"rejected {rows:,} for {code}, first {example}", err=True)
    if summary.rejected and out != "-":
        click.echo(f"rejected rows are in {rejects_path(out)}", err=True)
    click.echo(f"read {summary.read}, wrote {summary.written}, rejected {summary.rejected}", err=True)
