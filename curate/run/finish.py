"""The files that a run leaves: the subset and all that explains it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from curate.errors import CurateError
from curate.io import atomic
from curate.io.digest import digest
from curate.run.card import card, selected_rows
from curate.run.manifest import manifest
from curate.run.recipe import Recipe
from curate.run.recipe_file import dump
from curate.run.runner import FinishedStep
from curate.run.state import RunState
from curate.table import subset, table


def finish(state: RunState, recipe: Recipe, steps: Sequence[FinishedStep], folder: Path) -> None:
    """Write all files of a run into a folder.

    They are made in a hidden folder in it and moved when all of them are whole, the manifest last: so a killed run
    leaves the old files, and those that a manifest's digests do not fit are of a run killed between two moves.

    Args:
        state: after the last step.
        recipe: of the run.
        steps: those of the run, in order.
        folder: that the recipe's results are for.

    Raises:
        CurateError: if the rows do not fit the format or the container, or the folder cannot be written.
    """
    scratch = folder / ".outputs"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        scratch.mkdir(parents=True)
        for name in _write_all(state, recipe, steps, scratch):
            os.replace(scratch / name, folder / name)
    except OSError as error:
        raise CurateError(f"{folder}: cannot write here: {error.strerror or error}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_all(state: RunState, recipe: Recipe, steps: Sequence[FinishedStep], scratch: Path) -> list[str]:
    """Write all files into `scratch`; returns their names, the manifest's last."""
    from threadpoolctl import threadpool_limits

    from curate.run import page as run_page

    inputs = {file: digest(file) for file in recipe.inputs}
    chosen = selected_rows(state.table)
    to = subset.target(chosen if chosen.num_rows else state.table, recipe.output.format)
    subset.write(chosen, range(chosen.num_rows), str(scratch / recipe.output.file), to)
    table.write(state.table, scratch / "ledger.parquet")
    _write(scratch / "recipe.yaml", dump(recipe))
    with threadpool_limits(1):
        _write(scratch / "report.html", run_page.html(state, recipe, steps, inputs, to.name))
    _write(scratch / "README.md", card(state, recipe, steps, to.name))
    names = [recipe.output.file, "ledger.parquet", "recipe.yaml", "report.html", "README.md"]
    outputs = {name: scratch / name for name in names}
    _write(scratch / "manifest.json", manifest(state, recipe, steps, inputs, outputs))
    return [*names, "manifest.json"]


def _write(path: Path, data: bytes) -> None:
    with atomic(path) as file:
        file.write(data)
