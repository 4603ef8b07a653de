"""Remove exact duplicates, before anything is measured: which of the same texts is kept needs no judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult, no_files

if TYPE_CHECKING:
    import pyarrow as pa


def options(_recipe: Recipe) -> dict[str, Any]:
    """Exact duplicates depend on the texts alone; what `dedup.normalise` folds is left to the step `dedup`."""
    return {}


def run(state: RunState, _recipe: Recipe, _progress: Progress, _engine: Engine) -> StepResult:
    """The table with all but one of the rows of the same text marked; see `curate.dedup.exact`."""
    from curate.dedup.exact import mark

    return StepResult(mark(_without_duplicates(state.table)).combine_chunks())


def _without_duplicates(table: pa.Table) -> pa.Table:
    """The table without the marks of duplicates that an earlier run left in a ledger; contaminated rows keep theirs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from curate.table.ledger import CONTAMINATED
    from curate.table.table import with_columns

    if not {"duplicate_of", "duplicate_method", "contaminated_by"} <= set(table.column_names):
        return table.drop_columns([n for n in ("duplicate_of", "duplicate_method") if n in table.column_names])
    method = table["duplicate_method"]
    copies = pc.and_(pc.equal(method, "exact"), pc.is_valid(table["contaminated_by"]))
    remains = pc.fill_null(pc.or_(pc.equal(method, CONTAMINATED), copies), False)
    null = pa.scalar(None, pa.int64()), pa.scalar(None, pa.string())
    return with_columns(
        table,
        duplicate_of=pc.if_else(remains, table["duplicate_of"], null[0]),
        duplicate_method=pc.if_else(remains, method, null[1]),
    )


STEP = RecipeStep("exact", "remove exact duplicates", options, no_files, run)
