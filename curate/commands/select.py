"""`curate select`"""

from __future__ import annotations

import click

from curate.commands.options import engine_options
from curate.engine.connect import connected

METHODS = "facility_location, random, top_score, score_first, k_center, novelsum, clustered, lima"


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option("--size", default=1000, show_default=True, help="How many rows.")
@click.option("--method", default="facility_location", show_default=True, metavar="NAME", help=f"{METHODS}.")
@click.option(
    "--balance",
    metavar="COLUMN,...",
    help="Share the size among the values of a column or field, say category; several are crossed. language, turns and "
    "cluster (of embeddings) always work.",
)
@click.option(
    "--shares",
    type=click.Choice(["equal", "square-root", "proportional", "lima"]),
    help="How --balance shares: equally (the default), or by the number of rows, its square root or cube root (lima).",
)
@click.option("--quota", "quotas", multiple=True, metavar="NAME=N", help="Take exactly N of this value of --balance.")
@click.option("--min", "least", multiple=True, metavar="[NAME=]N", help="At least N of this value, or of each.")
@click.option("--max", "most", multiple=True, metavar="[NAME=]N", help="At most N of this value, or of each.")
@click.option(
    "--quality",
    metavar="COLUMN",
    help="A score of the ledger or field of the rows, higher is better (-COLUMN: lower). By default the column score, "
    "which `curate score` makes, else quality; without either all rows count alike.",
)
@click.option("--floor", type=float, metavar="SHARE", help="Leave out this share of the rows, those of least quality.")
@click.option(
    "--trade-off",
    default=0.5,
    show_default=True,
    help="Weight of quality in facility_location: 0 coverage alone, 1 coverage times quality.",
)
@click.option("--threshold", default=0.9, show_default=True, help="Similarity at which score_first passes a row over.")
@click.option("--clusters", type=int, help="How many clusters, for `cluster` and clustered; by the size of the pool.")
@click.option("--assign-categories", is_flag=True, help="Give rows without a category one of Dolly's seven.")
@click.option("--seed", default=0, show_default=True, help="Seed of random choices.")
@click.option(
    "--embedder", default="auto", show_default=True, help="auto, static, minilm, tfidf, or any hub id or folder."
)
@click.option("--format", "name", help="The format of the input rows; found out if not given, `mixed` for any.")
@click.option("--to", help="The format to write; that of the input if not given.")
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON (on standard error if OUT is -).")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def select(
    paths: tuple[str, ...],
    size: int,
    method: str,
    balance: str | None,
    shares: str | None,
    quotas: tuple[str, ...],
    least: tuple[str, ...],
    most: tuple[str, ...],
    quality: str | None,
    floor: float | None,
    trade_off: float,
    threshold: float,
    clusters: int | None,
    assign_categories: bool,
    seed: int,
    embedder: str,
    name: str | None,
    to: str | None,
    engine: str,
    ray_address: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write the best --size rows of IN..., in order, to OUT, and why each row was chosen or not to OUT.ledger.parquet.

    The first n rows of OUT are the selection of size n.  Exact duplicates are set aside first.

    \b
    curate select raw/*.json best.jsonl --size 1000 --balance category
    curate select pool.jsonl best.jsonl --balance category --quota "Closed QA=150" --min 50
    curate select pool.jsonl best.jsonl --balance category,language --shares square-root
    curate select scored.jsonl.ledger.parquet best.jsonl --method lima
    """
    from curate.dedup import exact
    from curate.errors import CurateError
    from curate.progress import part, progress_bar
    from curate.select.selection import Settings, choose
    from curate.table import ledger, subset, table

    *sources, out = paths
    if not sources:
        raise CurateError("select needs at least one input and an output: curate select IN... OUT")
    for option, asked in (("--quota", quotas), ("--min", least), ("--max", most)):
        if asked and not balance and method != "lima":
            raise CurateError(f"{option} needs --balance, the column that its names are values of")
    with connected(engine, ray_address) as workers, progress_bar(quiet or as_json) as progress:
        pool = exact.mark(workers.read(sources, name, progress=part(progress, 0, 0.4)).table())
        selection = choose(
            pool,
            method=method,
            size=size,
            balance=balance,
            quotas=_numbers(quotas, "--quota"),
            seed=seed,
            embedder=embedder,
            shares=shares,
            least=_numbers(least, "--min"),
            most=_numbers(most, "--max"),
            quality=quality,
            floor=floor,
            settings=Settings(seed, trade_off, threshold, clusters, workers),
            assign_categories=assign_categories,
            progress=part(progress, 0.4, 0.9),
        )
        progress("writing", 0.9, 1)
    ranked = selection.ledger(pool)
    subset.write(ranked, selection.order, out, subset.target(ranked, to))
    if out != "-":
        table.write(ranked, subset.ledger_path(out))
    if quiet:
        return
    if as_json:
        _print_json(selection, ledger.funnel(ranked), out == "-")
        return
    for line in selection.note.splitlines():
        click.echo(line, err=True)
    for group, (wanted, got) in selection.shortfalls.items():
        click.echo(f"{group}: {wanted:,} wanted, {got:,} there; the rest came from the other groups", err=True)
    if selection.below:
        click.echo(f"{selection.below:,} rows are below the floor of quality", err=True)
    if len(selection.order) < size:
        why = "the maxima allow no more" if most else "fewer rows are there to choose from"
        click.echo(f"{len(selection.order):,} rows, not the {size:,} asked for: {why}", err=True)
    for step, rows in ledger.funnel(ranked):
        click.echo(f"{step} {rows:,}", err=True)
    if out != "-":
        click.echo(f"ledger: {subset.ledger_path(out)}", err=True)


def _numbers(given: tuple[str, ...], option: str) -> dict[str, int]:
    """Numbers by name; a bare number, which --min and --max allow, has no name."""
    numbers = {}
    for text in given:
        name, _, number = text.rpartition("=")
        if not number.strip().isdigit() or (not name and option == "--quota"):
            raise click.BadParameter(
                f"{text!r} is not NAME=N" + (", nor N" if option != "--quota" else ""), param_hint=option
            )
        if name.strip() in numbers:
            raise click.BadParameter(f"{name.strip() or 'a bare number'} is given twice", param_hint=option)
        numbers[name.strip()] = int(number)
    return numbers


def _print_json(selection, funnel, err: bool) -> None:  # type: ignore[no-untyped-def]
    import msgspec

    shortfalls = {name: {"wanted": wanted, "got": got} for name, (wanted, got) in selection.shortfalls.items()}
    summary = {
        "selected": len(selection.order),
        "funnel": dict(funnel),
        "shortfalls": shortfalls,
        "below_floor": selection.below,
        "notes": selection.note.splitlines(),
    }
    click.echo(msgspec.json.encode(summary).decode(), err=err)
