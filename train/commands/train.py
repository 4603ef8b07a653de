"""`curate train`"""

from __future__ import annotations

from typing import Any

import click

from train.options import lora_options, settings


@click.command()
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="The folder for the adapters.")
@click.option("--seed", default=0, show_default=True, help="Seed of the adapters' beginning and of the order of rows.")
@lora_options
def train(data: tuple[str, ...], out: str, seed: int, quiet: bool, **options: Any) -> None:
    """Train a LoRA on all valid rows of DATA and save the adapters, in peft's form, to --out."""
    from curate import models, table
    from curate.progress import progress
    from train import lora, masking

    rows = table.read(data)
    pool = table.records(rows, table.valid(rows))
    loaded = models.load(options["model"])
    encoded = masking.encode(pool, loaded.tokenizer, options["template"], options["max_length"])
    chosen = settings(options, seed)
    model = lora.attach(loaded, chosen)
    with progress(quiet) as tell:
        result = lora.train(
            model, loaded, encoded.examples, chosen, lambda step, of, loss: tell(f"loss {loss:.3f}", step, of)
        )
    model.save_pretrained(out)
    loaded.tokenizer.save_pretrained(out)
    if quiet:
        return
    for dropped in encoded.dropped:
        click.echo(f"not trained on, valid row {dropped.index + 1}: {dropped.reason}", err=True)
    speed = result.trained_tokens / result.seconds
    click.echo(
        f"{len(encoded.examples):,} rows, {len(encoded.dropped):,} not trained on, {encoded.cut:,} cut", err=True
    )
    click.echo(f"{result.steps:,} steps, {speed:,.0f} trained tokens/s", err=True)
    click.echo(f"loss {result.losses[0]:.3f} at the first step, {result.losses[-1]:.3f} at the last", err=True)
    click.echo(f"adapters: {out}", err=True)
