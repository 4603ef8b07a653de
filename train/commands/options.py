"""Options that several training commands share."""

from __future__ import annotations

import click

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
    help="Of the frozen weights; auto is bf16 where the processor or GPU multiplies in it.",
)


def set_by_user(context: click.Context) -> set[str]:
    """Names of the command's parameters whose values are not the defaults' own."""
    default = click.core.ParameterSource.DEFAULT
    return {name for name in context.params if context.get_parameter_source(name) != default}
