"""What `curate dedup` and `curate decontaminate` write: the rows kept, and the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curate.commands.options import print_note

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.engine.rows import Rows
    from curate.progress import Progress


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
    """Print how many rows each step kept, and where the ledger is."""
    from curate.table import ledger, subset

    for step, count in ledger.funnel(table):
        print_note(f"{step} {count:,}")
    if out != "-":
        print_note(f"ledger: {subset.ledger_path(out)}")
