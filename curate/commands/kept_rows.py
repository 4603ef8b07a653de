"""What commands that keep some of the rows write and say: the rows kept, the ledger, and what was invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curate.commands.options import print_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from curate.engine.rows import Engine, Rows
    from curate.progress import Progress


def read_rows(engine: Engine, sources: Sequence[str], format_name: str | None, progress: Progress) -> Rows:
    """The rows of files, of which at least one is valid.

    Args:
        engine: where they are read.
        sources: files, folders, patterns or hub ids.
        format_name: the format of the rows; detected if None.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for a file that cannot be read, and with code 1 where there are no rows or all are invalid.
    """
    from curate.table.invalid import check_any_valid

    rows = engine.read(sources, format_name, progress=progress)
    check_any_valid(rows.thin, sources)
    return rows


def write_kept(rows: Rows, out: str, to: str | None, progress: Progress) -> None:
    """Write the rows kept, and the ledger of all rows unless `out` is standard output.

    Args:
        rows: marked by a step.
        out: the file, or `-`.
        to: the format to write; that of the input if None.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for an unknown format, and for a row that does not fit it.
    """
    from curate.engine.write import write_ledger, write_subset
    from curate.table import subset
    from curate.table.counting import rows_that_count

    write_subset(rows, rows_that_count(rows.thin, "unique"), out, subset.target(rows.thin, to), progress=progress)
    if out != "-":
        write_ledger(rows, subset.ledger_path(out))


def print_funnel(table: pa.Table, out: str) -> None:
    """Print which rows are invalid, how many rows each step kept, and where the ledger is."""
    from curate.table import ledger, subset

    print_invalid(table)
    for step, count in ledger.funnel(table):
        print_note(f"{step} {count:,}")
    if out != "-":
        print_note(f"ledger: {subset.ledger_path(out)}")


def print_invalid(table: pa.Table) -> None:
    """Print how many rows are invalid and why, with the first of each problem, and which fields were taken as what.

    Of pairs it says which answer counts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from curate.table.invalid import invalid_rows
    from curate.table.reading import fields_note
    from curate.text.counted import counted
    from schemas.registry import PAIR_FORMATS

    files = table.filter(pc.equal(table["format"], "question-answer"))["file"].unique().to_pylist()
    for note in (note for file in files for note in fields_note(file)):
        print_note(note)
    pairs = pc.sum(pc.is_in(table["format"], pa.array(PAIR_FORMATS))).as_py()
    if pairs:
        print_note(f"{counted(pairs, 'row is a pair', 'rows are pairs')} of answers; the chosen one counts")
    for problem in invalid_rows(table):
        print_note(str(problem))


def funnel_values(table: pa.Table) -> dict[str, object]:
    """How many rows each step kept, and which are invalid, for a summary in JSON."""
    from curate.table import ledger
    from curate.table.invalid import invalid_rows

    return {**dict(ledger.funnel(table)), "invalid": [problem.plain() for problem in invalid_rows(table)]}
