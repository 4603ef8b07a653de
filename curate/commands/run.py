"""`curate run`"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curate.commands.options import engine_options
from curate.engine.connect import connected

if TYPE_CHECKING:
    from curate.engine.rows import Engine
    from curate.run.plan import Planned
    from curate.run.recipe import Recipe
    from curate.run.runner import Done

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@click.command()
@click.argument("recipe", required=False, metavar="RECIPE.yaml")
@click.option(
    "--input", "inputs", multiple=True, metavar="FILE", help="Inputs in place of the recipe's; more may follow."
)
@click.argument("more", nargs=-1, metavar="")
@click.option("--out", metavar="DIR", help="Folder for the results; named after the recipe if not given.")
@click.option("--size", type=int, help="How many rows; short for --set select.size=N.")
@click.option("--seed", type=int, help="Seed of all random choices; short for --set seed=N.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a key, as select.method=lima.")
@click.option("--cache", metavar="DIR", help="Folder for the results of steps.  [default: .cache in --out]")
@click.option("--from-step", metavar="NAME", help="Do this step and those after it again, whatever is kept.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and which steps are done already.")
@click.option("--push-to-hub", metavar="OWNER/NAME", help="Upload the subset, its card, recipe and manifest.")
@click.option("--private", is_flag=True, help="With --push-to-hub: a data set that only you see.")
@click.option("--keys", is_flag=True, help="List every key that a recipe may have, in Markdown.")
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def run(
    recipe: str | None,
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
    """Carry out a recipe: read, check, remove duplicates, decontaminate, score, select, and say what came of it.

    DIR gets the subset, ledger.parquet (what became of every input row), report.html, README.md (a dataset card),
    recipe.yaml (with every default) and manifest.json.  Steps that are done are not done again: a run that was stopped
    goes on.  RECIPE is a file, or one that comes with curate: lima-1000.yaml.

    \b
    curate run lima-1000.yaml --input raw/*.jsonl --out best
    curate run lima-1000.yaml --input raw/*.jsonl --out best --size 500 --dry-run
    curate run mine.yaml --set select.method=facility_location --from-step select
    curate run mine.yaml --push-to-hub me/best-1000 --dry-run
    """
    from curate.run.recipe_file import load

    if keys:
        from curate.reference.recipes import markdown

        click.echo(markdown())
        return
    if recipe is None:
        raise click.UsageError("name a recipe: curate run RECIPE.yaml, say lima-1000.yaml, which comes with curate")
    short = [f"select.size={size}"] if size is not None else []
    short += [f"seed={seed}"] if seed is not None else []
    given = load(recipe, [*changes, *short])
    if more and not inputs:
        raise click.UsageError(f"{more[0]} is no option; inputs follow --input FILE")
    if inputs:
        import msgspec

        given = msgspec.structs.replace(given, inputs=[*inputs, *more])
    _one_thread(given)
    from curate.run import hub, plan

    folder = Path(out or given.name)
    given = plan.resolved(given, folder)
    plan.check(given)
    if folder.is_file():
        raise click.UsageError(f"{folder} is a file; --out names a folder")
    if push_to_hub:
        hub.check(push_to_hub)
    from curate.run.cache import Cache

    kept = Cache(Path(cache) if cache else folder / ".cache")
    planned = plan.plan(given, kept, from_step)
    if dry_run:
        _dry(planned, given, folder, push_to_hub, as_json)
        return
    if push_to_hub:
        hub.ready(push_to_hub)
    with connected(engine, ray_address) as workplace:
        done, facts = _carry_out(planned, given, kept, folder, quiet or as_json, workplace)
    address = hub.push(push_to_hub, folder, given, private) if push_to_hub else None
    _summary(done, facts, folder, given, address, as_json, quiet)


def _one_thread(given: Recipe) -> None:
    """Sums on several threads round differently; models that score or embed rows may have them all the same."""
    from curate.run.runner import modelled

    if not modelled(given):
        os.environ.update(dict.fromkeys(THREADS, "1"))
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def _carry_out(  # type: ignore[no-untyped-def]
    planned: list[Planned], given: Recipe, kept, folder: Path, quiet: bool, engine: Engine
) -> tuple[list[Done], dict]:
    from curate.errors import CurateError
    from curate.progress import progress_bar
    from curate.run.finish import finish
    from curate.run.runner import carry_out

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CurateError(f"{folder}: cannot make the folder: {error.strerror or error}") from None

    terminal = sys.stderr.isatty()

    def told(done: Done) -> None:
        if not quiet:
            # By way of sys.stderr, which the bar has taken to print above itself.
            print(_line(done, terminal), file=sys.stderr, flush=True)

    with progress_bar(quiet or not terminal) as progress:
        state, done = carry_out(planned, given, kept, progress, told, engine)
    finish(state, given, done, folder)
    return done, state.facts["compare"]


def _line(done: Done, terminal: bool) -> str:
    name, rows = done.entry.funnel[-1]
    what = f"{rows:,} {name}" if done.name not in ("score", "embed", "compare") else ""
    if done.name == "load":
        what = f"{dict(done.entry.funnel)['read']:,} read, {what}"
    how = "as kept" if done.cached else ""
    if not done.cached and terminal:
        how = f"{done.entry.seconds:.1f} s"
    return f"{done.name:14} {what:28} {how}".rstrip()


def _summary(
    done: list[Done], facts: dict, folder: Path, given: Recipe, address: str | None, as_json: bool, quiet: bool
) -> None:
    from curate.run.steps.compare import verdict

    if as_json:
        import msgspec

        summary = {
            "funnel": dict(done[-1].entry.funnel),
            "compared": facts,
            "steps": [{"step": d.name, "cached": d.cached, "seconds": d.entry.seconds} for d in done],
            "notes": {d.name: d.entry.notes for d in done},
            "folder": str(folder),
            "pushed": address,
        }
        click.echo(msgspec.json.encode(summary).decode())
        return
    if quiet:
        return
    for line in next(d.entry.notes for d in done if d.name == "select"):
        click.echo(line, err=True)
    for line in verdict(facts):
        click.echo(line, err=True)
    click.echo(
        f"in {folder}: {given.output.file}, ledger.parquet, manifest.json, README.md; look at report.html", err=True
    )
    if address:
        click.echo(f"uploaded to {address}", err=True)


def _dry(planned: list[Planned], given: Recipe, folder: Path, push_to_hub: str | None, as_json: bool) -> None:
    """What would be done, without doing any of it or asking anybody."""
    lines, known = [], True
    for step, key, entry, out, _ in planned:
        known = known and (out or entry is not None)
        state = "left out" if out else "as kept" if entry else "to do"
        rows = f"{entry.funnel[-1][1]:,} {entry.funnel[-1][0]}" if entry else ""
        lines.append({"step": step.name, "does": step.does, "state": state, "rows": rows, "key": key})
    uploads = _uploads(given, folder, known) if push_to_hub else []
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode({"inputs": given.inputs, "plan": lines, "upload": uploads}).decode())
        return
    click.echo(f"{given.name}: {len(given.inputs):,} input files, {given.select.size:,} rows into {folder}")
    for line in lines:
        click.echo(f"{line['step']:14} {line['state']:9} {line['rows']:18} {line['does']}".rstrip())
    if push_to_hub:
        click.echo(f"would go to the data set {push_to_hub} on the hub:")
        for upload in uploads:
            size = f"{upload['bytes']:,} bytes" if upload["bytes"] is not None else "size known after the run"
            click.echo(f"  {upload['file']:20} {size}")
        click.echo("ledger.parquet and report.html stay here: they show rows that were left out")


def _uploads(given: Recipe, folder: Path, known: bool) -> list[dict]:
    """The files that would be uploaded, with their sizes where what is in the folder is what would be."""
    from curate.run import hub
    from curate.run.recipe_file import dump

    current = folder / "recipe.yaml"
    same = known and current.is_file() and current.read_bytes() == dump(given)
    return [
        {"file": name, "bytes": (folder / name).stat().st_size if same and (folder / name).is_file() else None}
        for name in hub.files(given)
    ]
