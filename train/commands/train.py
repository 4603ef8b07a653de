"""`curate train`"""

from __future__ import annotations

from typing import Any

import click

from train.commands.options import lora_options, more_lora_options, preset


@click.command()
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option(
    "--out", type=click.Path(file_okay=False), help="The folder for the adapters; needed but for --show-masks."
)
@lora_options
@more_lora_options
@click.option("--seed", default=0, show_default=True, help="Of the adapters' beginning, the order of rows, dropout.")
@click.option("--eval", "heldout", metavar="FILE", help="Rows to measure on, before, on the way and at the end.")
@click.option("--eval-every", type=int, help="Steps between; every epoch if not given.")
@click.option("--patience", default=0, help="Stop when the held-out loss has not fallen so many times; keep the best.")
@click.option("--checkpoint-every", default=20, show_default=True, help="Steps between; 0: none is kept.")
@click.option("--fresh", is_flag=True, help="Start anew, even if --out holds a run that was stopped.")
@click.option("--merge", is_flag=True, help="Write the model with the adapters merged as well, to OUT/merged.")
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard's events, to OUT/tensorboard.")
@click.option("--deepspeed", metavar="FILE", help="A DeepSpeed config, for `accelerate launch`; needs deepspeed.")
@click.option("--show-masks", is_flag=True, help="Print rows token by token, with what is learnt, and stop.")
@click.option("--rows", "shown", default=3, show_default=True, help="How many rows --show-masks prints.")
@click.pass_context
def train(context: click.Context, data: tuple[str, ...], out: str | None, shown: int, **options: Any) -> None:
    """Train a LoRA on all valid rows of DATA, on assistant turns only, and save the adapters in peft's form.

    A run that was stopped goes on where it was when the same command is given again.  OUT holds the adapters,
    README.md (a model card), run.json, metrics.jsonl and loss.png.

    \b
    curate train best.jsonl --eval heldout.jsonl --out tuned
    curate train best.jsonl --show-masks
    curate train best.jsonl --preset lima --lr 2e-4 --out tuned
    accelerate launch --num_processes 2 -m curate.cli train best.jsonl --out tuned
    """
    chosen = preset(options, context)
    if chosen["show_masks"]:
        _masks(data, chosen, shown)
        return
    if not out:
        raise click.UsageError("name the folder for the adapters with --out")
    from train.lora.session import run

    run(list(data), out, chosen)


def _masks(data: tuple[str, ...], options: dict[str, Any], count: int) -> None:
    from rich.console import Console

    from curate.models import language_model
    from curate.table import table
    from train.lora import masking, masks

    rows = table.read(data)
    positions = table.valid(rows)[:count]
    tokenizer = language_model.load_tokenizer(options["model"])
    encoded = masking.encode(table.records(rows, positions), tokenizer, options["template"], options["max_length"])
    files, numbers = rows["file"].to_pylist(), rows["row"].to_pylist()
    titles = [f"{files[i]} row {numbers[i]}" for i in positions]
    console = Console(highlight=False, soft_wrap=True)
    console.print(masks.page(encoded, tokenizer, titles, coloured=console.is_terminal))
