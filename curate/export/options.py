"""The options of an export."""

from __future__ import annotations

from typing import Annotated

from curate.options import Reasoning, StepOptions, option

TOOLS = ("llamafactory", "axolotl", "unsloth", "trl", "deepspeed", "ms-swift", "xtuner", "verl", "openai")
DEFAULT_MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
OWN_MODELS = {"openai": "gpt-4.1-mini-2025-04-14"}  # of services that tune no others


class ExportOptions(StepOptions, frozen=True):
    """What an export is made for."""

    model: Annotated[
        str | None,
        option(
            f"The model to tune: a hub id or a folder, {DEFAULT_MODEL} if not given; for openai one of its own, "
            f"{OWN_MODELS['openai']} if not given."
        ),
    ] = None
    template: Annotated[
        str,
        option(
            "How a conversation becomes text: auto, the model's own chat template; or a name of `curate render --list`."
        ),
    ] = "auto"
    name: Annotated[str | None, option("The data set's name for the tool; that of the first file if not given.")] = None
    reasoning: Reasoning = "keep"
    max_length: Annotated[int, option("Longest row, in tokens; the tool truncates longer ones.")] = 2048
    force: Annotated[bool, option("Replace files in DIR that are not of an earlier export, or were changed since.")] = (
        False
    )
