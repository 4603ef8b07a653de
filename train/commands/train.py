"""`curate train` (train): Train a LoRA on the assistant turns of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from curate.commands.options import format_option, print_note, quiet_option, step_options
from train.commands.options import require_training, set_by_user
from train.lora.options import PRESETS, TrainOptions, with_preset

if TYPE_CHECKING:
    from curate.models.masking import TrainingExample
    from curate.tokens.cost import WarmUp


@click.command()
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option(
    "--out", type=click.Path(file_okay=False), help="The folder for the adapters; required except with --show-masks."
)
@step_options(TrainOptions)
@click.option("--preset", type=click.Choice(sorted(PRESETS)), help="Published settings; options that you give stand.")
@click.option("--show-masks", is_flag=True, help="Print rows token by token with their loss mask, and stop.")
@click.option("--rows", "mask_rows", default=3, show_default=True, help="How many rows --show-masks prints.")
@format_option
@quiet_option
@click.pass_context
def train(
    context: click.Context,
    data: tuple[str, ...],
    out: str | None,
    options: TrainOptions,
    format_name: str | None,
    preset: str | None,
    show_masks: bool,
    mask_rows: int,
    quiet: bool,
) -> None:
    """Train a LoRA on all valid rows of DATA, on assistant turns only, and save the adapters in peft's form.

    A run that was stopped goes on where it was when the same command is given again.  OUT holds the adapters,
    README.md (a model card), run.json, metrics.jsonl and loss.png.

    \b
    curate train best.jsonl --eval heldout.jsonl --out tuned
    curate train best.jsonl --show-masks
    curate train best.jsonl --preset lima --lr 2e-4 --out tuned
    accelerate launch --num_processes 2 -m curate.cli train best.jsonl --out tuned
    """
    if preset:
        lora = with_preset(options.lora, preset, set_by_user(context))
        options = msgspec.structs.replace(options, lora=lora)
    options = msgspec.structs.replace(options, format_name=format_name)
    if not show_masks and not out:
        raise click.UsageError("name the folder for the adapters with --out")
    require_training("train")
    if show_masks:
        _print_masks(data, options, mask_rows)
        return
    assert out
    from train.lora.session import run

    run(list(data), out, options, None if quiet else print_note)


def _print_masks(data: tuple[str, ...], given: TrainOptions, count: int) -> None:
    from rich.console import Console

    from curate.models import language_model, masking
    from curate.table import table
    from train.lora import masks

    options = given.lora
    rows = table.read(data, given.format_name)
    positions = table.valid(rows)[:count]
    tokenizer = language_model.load_tokenizer(options.model)
    pool = table.records(rows, positions, options.reasoning)
    encoded = masking.encode(pool, tokenizer, options.template, options.max_length)
    files, numbers = rows["file"].to_pylist(), rows["row"].to_pylist()
    titles = [f"{files[i]} row {numbers[i]}" for i in positions]
    console = Console(highlight=False, soft_wrap=True)
    console.print(masks.page(encoded, tokenizer, titles, coloured=console.is_terminal))


def warm_up(model: str, usual: Sequence[TrainingExample], longest: Sequence[TrainingExample]) -> WarmUp:
    """What a few steps of training show; `curate stats --model` calls it, see `train.lora.warm_up.warm_up`."""
    require_training("train")
    from train.lora.warm_up import warm_up as measured

    return measured(model, usual, longest)
