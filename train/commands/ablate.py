"""`curate ablate`"""

from __future__ import annotations

from typing import Any

import click

from train.options import lora_options, settings


@click.command()
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@click.option("--sizes", default="32,128,512", show_default=True, help="Numbers of rows to train on.")
@click.option(
    "--arms",
    default="random,selected",
    show_default=True,
    help="Ways to order the pool: random; selected (the rank column of a ledger, else facility_location); a method.",
)
@click.option("--seeds", default=3, show_default=True, help="How many seeds for every arm and size.")
@click.option("--heldout", metavar="FILE", help="Rows to measure on; a share of POOL if not given.")
@click.option("--heldout-share", default=0.1, show_default=True, help="That share, drawn at random first.")
@click.option("--balance", metavar="COLUMN", help="Balance the selection by this column, say category.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="The folder for results, curve and report."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@lora_options
def ablate(
    pool: tuple[str, ...],
    sizes: str,
    arms: str,
    seeds: int,
    heldout: str | None,
    heldout_share: float,
    balance: str | None,
    out: str,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Measure how much data is needed: train on growing parts of POOL and measure each on the same held-out rows.

    Every arm is trained at every size with every seed; smaller sizes are the beginnings of larger ones.  A run that
    is done is not done again, so that a stopped ablation goes on where it was.  Writes results.parquet and curve.png.

    \b
    curate ablate pool.jsonl --sizes 32,128,512 --arms random,selected --seeds 3 --model smollm2-135m --out study
    """
    import numpy as np

    from curate import select, table

    numbers = _numbers(sizes)
    rows = table.read(pool)
    if heldout:
        measured = table.read([heldout])
        positions = select.candidates(rows)
    else:
        positions, measured = _held_out(rows, heldout_share)
    # Orders are made over the rows that may be trained on; `position` leads back to them.
    usable = rows.take(positions)
    makers = {arm: _order(usable, arm, max(numbers), balance) for arm in dict.fromkeys(arms.split(","))}
    _run(
        table.records(usable, np.arange(usable.num_rows)),
        table.records(measured, table.valid(measured)),
        makers,
        numbers,
        seeds,
        out,
        options,
        quiet,
        as_json,
    )


def _run(
    pool: Any, heldout: Any, arms: Any, sizes: list[int], seeds: int, out: str, options: Any, quiet: bool, as_json: bool
) -> str:
    """Run the ablation, print what it says and where it is; gives the sentence."""
    from pathlib import Path

    from curate import models
    from curate.progress import progress
    from train import ablation, curve, picture, screen, wording

    with progress(quiet) as tell:
        tell("loading the model", 0, 1)
        loaded = models.load(options["model"])
        results = ablation.run(
            pool,
            heldout,
            arms,
            sizes,
            range(seeds),
            loaded,
            Path(out),
            settings(options, 0),
            options["template"],
            options["max_length"],
            tell,
        )
    analysis = curve.analyse(results)
    picture.write(analysis, Path(out))
    said = "\n".join(wording.sentences(analysis))
    if as_json:
        import json

        print(json.dumps({"results": results, "sentence": said}, ensure_ascii=False))
    elif not quiet:
        from rich.console import Console

        console = Console()
        console.print(screen.table(analysis))
        console.print(f"\n{said}\n", highlight=False)
        console.print(f"results: {Path(out) / 'results.parquet'}\ncurve: {Path(out) / 'curve.png'}", highlight=False)
    return said


def _numbers(text: str) -> list[int]:
    try:
        numbers = sorted({int(part) for part in text.split(",")})
    except ValueError:
        numbers = []
    if not numbers or numbers[0] < 1:
        raise click.BadParameter(f"{text!r} is not a list of numbers, as 32,128,512", param_hint="--sizes")
    return numbers


def _held_out(rows: Any, share: float) -> tuple[Any, Any]:
    """(positions to train on, table of the rows to measure on): a random share of the candidates."""
    from curate import select
    from curate.errors import CurateError

    if not 0 < share < 1:
        raise CurateError(f"the held-out share is {share}; it must lie between 0 and 1")
    order = select.order(rows, method="random", size=rows.num_rows, seed=0)
    count = max(1, round(share * len(order)))
    return sorted(order[count:].tolist()), rows.take(order[:count])


def _order(usable: Any, arm: str, size: int, balance: str | None) -> Any:
    """For an arm, the function from a seed to an order of the usable rows."""
    import numpy as np

    from curate import select

    if arm == "random":
        return lambda seed: select.order(usable, method="random", size=usable.num_rows, seed=seed)
    if arm == "selected" and "rank" in usable.column_names:
        rank = usable["rank"].to_pylist()
        ranked = sorted((r, i) for i, r in enumerate(rank) if r is not None)
        return lambda seed: np.array([i for _, i in ranked], np.int64)
    method = "facility_location" if arm == "selected" else arm
    # Rows that turn out to be held out, or too long, are passed over: so the order goes further than the size.
    order = select.order(usable, method=method, size=min(usable.num_rows, 2 * size + 100), balance=balance)
    return lambda seed: order
