"""`curate validate`"""

from __future__ import annotations

from collections import Counter

import click


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "name", help="The format of the rows; found out if not given, `mixed` for any.")
@click.option("--json", "out", metavar="OUT", help="Write every problem to OUT, as JSON lines (- for standard output).")
@click.option("--show", default=20, show_default=True, help="How many problems to print.")
@click.pass_context
def validate(ctx: click.Context, files: tuple[str, ...], name: str | None, out: str | None, show: int) -> None:
    """Check every row of the files and list its problems.

    Exit code 0 if all rows are valid, 1 if some are not, 2 if a file cannot be read.
    """
    import contextlib

    import msgspec

    from curate.io import expand, writer
    from curate.table.reading import read
    from schemas.problems import CODES, Problem

    rows = 0
    codes: Counter[str] = Counter()
    with contextlib.ExitStack() as stack:
        write = stack.enter_context(writer(out)) if out else None
        for file in expand(files):
            for _, results in read(file, name):
                rows += len(results)
                problems = [result for result in results if type(result) is Problem]
                for problem in problems:
                    if sum(codes.values()) < show and not out:
                        click.echo(str(problem))
                    codes[problem.code] += 1
                if write:
                    write([msgspec.json.encode(problem) for problem in problems])
    invalid = sum(codes.values())
    if invalid > show and not out:
        click.echo(f"... and {invalid - show:,} more; --json OUT lists all")
    for code, count in sorted(codes.items()):
        click.echo(f"{code} {CODES[code].title}: {count:,}", err=True)
    click.echo(f"read {rows:,} rows, {rows - invalid:,} valid, {invalid:,} invalid", err=True)
    ctx.exit(1 if invalid else 0)
