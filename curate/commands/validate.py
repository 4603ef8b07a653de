"""`curate validate`"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from contextlib import ExitStack

import click

from curate.commands.options import engine_options, format_option, print_note
from curate.commands.outputs import keep_inputs
from curate.engine.connect import connected
from curate.text.counted import counted


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@format_option
@click.option("--json", "out", metavar="OUT", help="Write every problem to OUT, as JSON lines (- for standard output).")
@click.option("--show", default=20, show_default=True, help="How many problems to print.")
@engine_options
@click.pass_context
def validate(
    ctx: click.Context,
    files: tuple[str, ...],
    format_name: str | None,
    out: str | None,
    show: int,
    engine: str,
    ray_address: str | None,
) -> None:
    """Check every row of the files and list its problems.

    Exit code 0 if all rows are valid, 1 if some are not, if there are none, or if one of several files is of no known
    format, 2 if a file cannot be read.
    """
    import msgspec

    from curate.engine import validate as checking
    from curate.errors import no_rows
    from curate.io import expand, writer

    keep_inputs(out, files, "--json")
    rows = 0
    unknown: list[str] = []
    codes: Counter[str] = Counter()
    faulty: dict[str, None] = {}
    with ExitStack() as stack:
        where = stack.enter_context(connected(engine, ray_address))
        write = stack.enter_context(writer(out)) if out else None
        for checked in checking.validate(expand(files), format_name, where):
            rows += checked.rows
            unknown += [checked.unknown] if checked.unknown else []
            for problem in checked.problems:
                if sum(codes.values()) < show and not out:
                    click.echo(str(problem))
                codes[problem.code] += 1
                faulty.setdefault(problem.file)
            if write:
                write([msgspec.json.encode(problem) for problem in checked.problems])
    if not rows and not unknown:
        raise no_rows(files)
    invalid = sum(codes.values())
    if invalid > show and not out:
        click.echo(f"... and {invalid - show:,} more; --json OUT lists all")
    _print_notes(codes, [] if format_name else expand(files), faulty, unknown)
    print_note(f"read {counted(rows, 'row')}, {rows - invalid:,} valid, {invalid:,} invalid")
    ctx.exit(1 if invalid or unknown else 0)


def _print_notes(codes: Counter[str], files: list[str], faulty: Container[str], unknown: list[str]) -> None:
    """Print how many rows have which problem, as what fields were taken, mixed files, files passed over."""
    from curate.table.reading import fields_note, mixed_note
    from schemas.problems import CODES

    for code, count in sorted(codes.items()):
        print_note(f"{code} {CODES[code].title}: {count:,}")
    for file in files:
        for note in (*fields_note(file), *(mixed_note(file) if file in faulty else ())):
            print_note(note)
    for why in unknown:
        print_note(f"passed over {why}")
