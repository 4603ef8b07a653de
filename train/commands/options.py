"""Options that several training commands share."""

from __future__ import annotations

import click

from curate.extras import require
from train.lora.options import PRECISIONS

model_option = click.option(
    "--model",
    default="smollm2-135m",
    show_default=True,
    help="A hub id, a folder, a .gguf file, or the packaged smollm2-135m.",
)
precision_option = click.option(
    "--precision",
    default="auto",
    show_default=True,
    type=click.Choice(PRECISIONS),
    help="Precision of the frozen weights; auto is bf16 where the processor or GPU multiplies in it.",
)


def set_by_user(context: click.Context) -> set[str]:
    """Names of the command's parameters whose values are not the defaults' own."""
    default = click.core.ParameterSource.DEFAULT
    return {name for name in context.params if context.get_parameter_source(name) != default}


def require_training(command: str) -> None:
    """Check that what every training command imports is installed.

    Args:
        command: its name, for the message.

    Raises:
        CurateError: naming the extra, if it is not.
    """
    for module in ("torch", "transformers", "peft"):
        require(module, "train", f"curate {command}")
