"""`curate run`"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curate.commands.options import engine_options, json_option, print_json, print_note, quiet_option
from curate.engine.connect import connected
from curate.text.counted import counted

if TYPE_CHECKING:
    from curate.engine.rows import Engine
    from curate.run.cache import Cache
    from curate.run.plan import PlannedStep
    from curate.run.recipe import Recipe
    from curate.run.runner import FinishedStep

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@click.command()
@click.argument("recipe_name", required=False, metavar="RECIPE.yaml")
@click.option(
    "--input", "inputs", multiple=True, metavar="FILE", help="Inputs in place of the recipe's; more may follow."
)
@click.argument("more", nargs=-1, metavar="")
@click.option("--out", metavar="DIR", help="The folder for the results; named after the recipe if not given.")
@click.option("--size", type=int, help="How many rows; short for --set select.size=N.")
@click.option("--seed", type=int, help="Seed of all random choices; short for --set seed=N.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a key, as select.method=lima.")
@click.option("--cache", metavar="DIR", help="The folder for the results of steps.  [default: .cache in --out]")
@click.option("--from-step", metavar="NAME", help="Run this step and those after it again, cached or not.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and which steps are cached.")
@click.option("--push-to-hub", metavar="OWNER/NAME", help="Upload the subset, its card, recipe and manifest.")
@click.option("--private", is_flag=True, help="With --push-to-hub: a data set that only you see.")
@click.option("--keys", is_flag=True, help="List every key that a recipe may have, in Markdown.")
@engine_options
@json_option
@quiet_option
def run(
    recipe_name: str | None,
    inputs: tuple[str, ...],
    more: tuple[str, ...],
    out: str | None,
    size: int | None,
    seed: int | None,
    changes: tuple[str, ...],
    cache: str | None,
    from_step: str | None,
    dry_run: bool,
    push_to_hub: str | None,
    private: bool,
    keys: bool,
    engine: str,
    ray_address: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Carry out a recipe: read, check, remove duplicates, decontaminate, score, select, and report.

    DIR gets the subset, ledger.parquet (what became of every input row), report.html, README.md (a dataset card),
    recipe.yaml (with every default) and manifest.json.  The results of steps are cached: a run that was stopped goes
    on where it was.  RECIPE is a file, or one that comes with curate: lima-1000.yaml.

    \b
    curate run lima-1000.yaml --input raw/*.jsonl --out best
    curate run lima-1000.yaml --input raw/*.jsonl --out best --size 500 --dry-run
    curate run mine.yaml --set select.method=facility_location --from-step select
    curate run mine.yaml --push-to-hub me/best-1000 --dry-run
    """
    if keys:
        from curate.reference.recipes import markdown

        click.echo(markdown())
        return
    if recipe_name is None:
        raise click.UsageError("name a recipe: curate run RECIPE.yaml, say lima-1000.yaml, which comes with curate")
    if more and not inputs:
        raise click.UsageError(f"{more[0]} is no option; inputs follow --input FILE")
    recipe = _recipe(recipe_name, [*changes, *_short("select.size", size), *_short("seed", seed)], [*inputs, *more])
    folder = Path(out or recipe.name)
    recipe, results = _checked(recipe, folder, cache, push_to_hub)
    from curate.run import hub, plan

    planned = plan.plan(recipe, results, from_step)
    if dry_run:
        _print_plan(planned, recipe, folder, push_to_hub, as_json)
        return
    if push_to_hub:
        hub.ready(push_to_hub)
    with connected(engine, ray_address) as workplace:
        steps, facts = _carry_out(planned, recipe, results, folder, quiet or as_json, workplace)
    address = hub.push(push_to_hub, folder, recipe, private) if push_to_hub else None
    if as_json:
        print_json(_summary(steps, facts, folder, address))
    elif not quiet:
        _print(steps, facts, folder, recipe, address)


def _short(key: str, value: int | None) -> list[str]:
    return [] if value is None else [f"{key}={value}"]


def _recipe(name: str, changes: Sequence[str], inputs: Sequence[str]) -> Recipe:
    """The recipe as the command line changes it; sets the number of threads before any library is loaded that asks."""
    import msgspec

    from curate.run.recipe_file import load

    recipe = load(name, changes)
    if inputs:
        recipe = msgspec.structs.replace(recipe, inputs=[*inputs])
    _one_thread(recipe)
    return recipe


def _checked(recipe: Recipe, folder: Path, cache: str | None, push_to_hub: str | None) -> tuple[Recipe, Cache]:
    """The recipe with its inputs as files, and the cache, once all that can be checked before the work is checked."""
    from curate.run import hub, plan
    from curate.run.cache import Cache

    recipe = plan.resolved(recipe, folder)
    plan.check(recipe)
    if folder.is_file():
        raise click.UsageError(f"{folder} is a file; --out names a folder")
    if push_to_hub:
        hub.check(push_to_hub)
    return recipe, Cache(Path(cache) if cache else folder / ".cache")


def _one_thread(recipe: Recipe) -> None:
    """Sums on several threads round differently; models that score or embed rows may have them all the same."""
    from curate.run.runner import modelled

    if not modelled(recipe):
        os.environ.update(dict.fromkeys(THREADS, "1"))
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def _carry_out(
    planned: list[PlannedStep], recipe: Recipe, cache: Cache, folder: Path, quiet: bool, engine: Engine
) -> tuple[list[FinishedStep], dict[str, Any]]:
    from curate.errors import CurateError
    from curate.progress import progress_bar
    from curate.run.finish import finish
    from curate.run.runner import carry_out

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CurateError(f"{folder}: cannot make the folder: {error.strerror or error}") from None

    terminal = sys.stderr.isatty()

    def report(step: FinishedStep) -> None:
        if not quiet:
            # By way of sys.stderr, which the bar has taken to print above itself.
            print(_line(step, terminal), file=sys.stderr, flush=True)

    with progress_bar(quiet or not terminal) as progress:
        state, steps = carry_out(planned, recipe, cache, progress, report, engine)
    finish(state, recipe, steps, folder)
    return steps, state.facts["compare"]


def _line(step: FinishedStep, terminal: bool) -> str:
    name, rows = step.entry.funnel[-1]
    what = f"{rows:,} {name}" if step.name not in ("score", "embed", "compare") else ""
    if step.name == "load":
        what = f"{dict(step.entry.funnel)['read']:,} read, {what}"
    how = "cached" if step.cached else ""
    if not step.cached and terminal:
        how = f"{step.entry.seconds:.1f} s"
    return f"{step.name:14} {what:28} {how}".rstrip()


def _print(steps: list[FinishedStep], facts: dict[str, Any], folder: Path, recipe: Recipe, address: str | None) -> None:
    from curate.run.verdict import verdict

    notes = [note for step in steps if step.name in ("load", "where", "select") for note in step.entry.notes]
    for line in [*notes, *verdict(facts)]:
        print_note(line)
    print_note(f"in {folder}: {recipe.output.file}, ledger.parquet, manifest.json, README.md; look at report.html")
    if address:
        print_note(f"uploaded to {address}")


def _summary(steps: list[FinishedStep], facts: dict[str, Any], folder: Path, address: str | None) -> dict[str, object]:
    return {
        "funnel": dict(steps[-1].entry.funnel),
        "compared": facts,
        "steps": [{"step": s.name, "cached": s.cached, "seconds": s.entry.seconds} for s in steps],
        "notes": {s.name: s.entry.notes for s in steps},
        "folder": str(folder),
        "pushed": address,
    }


def _print_plan(
    planned: list[PlannedStep], recipe: Recipe, folder: Path, push_to_hub: str | None, as_json: bool
) -> None:
    """What would be done, without doing any of it or asking anybody."""
    lines, known = [], True
    for step, key, entry, out, _ in planned:
        known = known and (out or entry is not None)
        state = "left out" if out else "cached" if entry else "to do"
        rows = f"{entry.funnel[-1][1]:,} {entry.funnel[-1][0]}" if entry else ""
        lines.append({"step": step.name, "does": step.does, "state": state, "rows": rows, "key": key})
    uploads = _uploads(recipe, folder, known) if push_to_hub else []
    if as_json:
        print_json({"inputs": recipe.inputs, "plan": lines, "upload": uploads})
        return
    click.echo(
        f"{recipe.name}: {counted(len(recipe.inputs), 'input file')}, "
        f"{counted(recipe.select.size, 'row')} into {folder}"
    )
    for line in lines:
        click.echo(f"{line['step']:14} {line['state']:9} {line['rows']:18} {line['does']}".rstrip())
    if push_to_hub:
        click.echo(f"would be uploaded to the data set {push_to_hub} on the hub:")
        for upload in uploads:
            size = f"{upload['bytes']:,} bytes" if upload["bytes"] is not None else "size known after the run"
            click.echo(f"  {upload['file']:20} {size}")
        click.echo("ledger.parquet and report.html stay here: they show rows outside the subset")


def _uploads(recipe: Recipe, folder: Path, known: bool) -> list[dict[str, Any]]:
    """The files that would be uploaded, with their sizes where those in the folder are of this very run."""
    from curate.run import hub
    from curate.run.recipe_file import dump

    current = folder / "recipe.yaml"
    same = known and current.is_file() and current.read_bytes() == dump(recipe)
    return [
        {"file": name, "bytes": (folder / name).stat().st_size if same and (folder / name).is_file() else None}
        for name in hub.files(recipe)
    ]
