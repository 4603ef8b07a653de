"""The files that a run leaves: the subset and all that explains it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from curate import subset, table
from curate.digest import digest
from curate.errors import CurateError
from curate.io import atomic
from curate.recipe import Recipe
from curate.recipe_file import dump
from curate.run.card import card, selected
from curate.run.manifest import manifest
from curate.run.runner import Done
from curate.run.state import State


def finish(state: State, recipe: Recipe, done: Sequence[Done], folder: Path) -> dict[str, Path]:
    """Write all files into `folder`; gives them by name.

    They are made in a hidden folder in it and moved when all of them are whole, the manifest last: so a killed run
    leaves the old files, and those that a manifest's digests do not fit are of a run killed between two moves.
    Raises CurateError if the rows do not fit the format or the container.
    """
    from threadpoolctl import threadpool_limits

    from curate.report import run_page

    scratch = folder / ".outputs"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    inputs = {file: digest(file) for file in recipe.inputs}
    chosen = selected(state.table)
    to = subset.target(chosen if chosen.num_rows else state.table, recipe.output.format)
    data = recipe.output.file
    subset.write(chosen, range(chosen.num_rows), str(scratch / data), to)
    table.write(state.table, scratch / "ledger.parquet")
    _write(scratch / "recipe.yaml", dump(recipe))
    with threadpool_limits(1):
        _write(scratch / "report.html", run_page.html(state, recipe, done, inputs, to.name))
    _write(scratch / "README.md", card(state, recipe, done, to.name))
    names = [data, "ledger.parquet", "recipe.yaml", "report.html", "README.md"]
    outputs = {name: scratch / name for name in names}
    _write(scratch / "manifest.json", manifest(state, recipe, done, inputs, outputs))
    try:
        for name in [*names, "manifest.json"]:
            os.replace(scratch / name, folder / name)
    except OSError as error:
        raise CurateError(f"{folder}: cannot write here: {error.strerror or error}") from None
    shutil.rmtree(scratch, ignore_errors=True)
    return {name: folder / name for name in [*names, "manifest.json"]}


def _write(path: Path, data: bytes) -> None:
    with atomic(path) as file:
        file.write(data)
