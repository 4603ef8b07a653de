"""Options that training commands share, and the settings they make"""

from __future__ import annotations

from typing import Any

import click

MODEL = click.option(
    "--model",
    default="smollm2-135m",
    show_default=True,
    help="A hub id, a folder, a .gguf file, or the packaged smollm2-135m.",
)
TEMPLATE = click.option(
    "--template",
    default="auto",
    show_default=True,
    help="How a conversation becomes text: auto, the model's own chat template; or a name of `curate render --list`.",
)


def lora_options(command: Any) -> Any:
    """The options that a training run and an ablation share."""
    options = [
        MODEL,
        TEMPLATE,
        click.option("--epochs", default=3, show_default=True, help="Passes over the rows."),
        click.option("--batch-size", default=8, show_default=True, help="Rows in a step."),
        click.option("--lr", default=1e-3, show_default=True, help="Learning rate at its peak."),
        click.option("--rank", default=8, show_default=True, help="Rank of the adapters."),
        click.option(
            "--max-length", default=512, show_default=True, help="Longest row, in tokens; longer ones are cut."
        ),
        click.option("--quiet", is_flag=True, help="Print errors only."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def settings(options: Any, seed: int) -> Any:
    from train.lora import LoraSettings

    return LoraSettings(
        rank=options["rank"],
        alpha=2 * options["rank"],
        learning_rate=options["lr"],
        epochs=options["epochs"],
        batch_size=options["batch_size"],
        seed=seed,
    )
