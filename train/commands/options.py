"""Options that training commands share, and the settings they make"""

from __future__ import annotations

from collections.abc import Mapping
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
PRECISION = click.option(
    "--precision",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "bf16", "fp32"]),
    help="Of the frozen weights; auto is bf16 where the processor or GPU multiplies in it.",
)
# What a preset sets, by the names of the options; options that are given stand.
PRESETS: dict[str, dict[str, Any]] = {
    # Zhou et al. 2023, section 3: all weights of a 65B model were trained so.
    "lima": {
        "epochs": 15,
        "batch_size": 32,
        "max_length": 2048,
        "lr": 1e-5,
        "min_lr": 1e-6,
        "schedule": "polynomial",
        "warmup": 0.0,
        "optimizer": "adamw",
        "betas": (0.9, 0.95),
        "weight_decay": 0.1,
    },
}


def lora_options(command: Any) -> Any:
    """The options that a training run and an ablation share."""
    return _with(
        command,
        MODEL,
        TEMPLATE,
        click.option("--epochs", default=3, show_default=True, help="Passes over the rows."),
        click.option("--batch-size", default=8, show_default=True, help="Rows in a batch."),
        click.option("--lr", default=1e-3, show_default=True, help="Learning rate at its peak."),
        click.option("--rank", default=8, show_default=True, help="Rank of the adapters."),
        click.option(
            "--max-length", default=512, show_default=True, help="Longest row, in tokens; longer ones are cut."
        ),
        click.option("--quiet", is_flag=True, help="Print errors only."),
    )


def more_lora_options(command: Any) -> Any:
    """Options of a single run: all else that its settings have."""
    from train.lora.optimiser import OPTIMISERS, SCHEDULES

    return _with(
        command,
        click.option("--alpha", type=int, help="Scale of the adapters times their rank; twice --rank if not given."),
        click.option("--dropout", default=0.0, show_default=True, help="Share of the adapters' inputs left out."),
        click.option("--targets", default="all-linear", show_default=True, help="Modules to adapt, as q_proj,v_proj."),
        click.option("--rslora", is_flag=True, help="Scale by alpha / sqrt(rank), for high ranks."),
        click.option("--dora", is_flag=True, help="Learn magnitudes apart from directions; slower."),
        click.option("--qlora", is_flag=True, help="Frozen weights in 4 bits; needs a GPU and bitsandbytes."),
        PRECISION,
        click.option(
            "--optimizer", default="adamw", show_default=True, type=click.Choice(OPTIMISERS), help="The optimiser."
        ),
        click.option(
            "--schedule", default="cosine", show_default=True, type=click.Choice(SCHEDULES), help="Of the rate."
        ),
        click.option("--warmup", default=0.1, show_default=True, help="Share of the steps in which the rate rises."),
        click.option(
            "--min-lr", default=0.0, show_default=True, help="Rate at the end, for schedules that do not end at 0."
        ),
        click.option(
            "--betas", nargs=2, type=float, default=(0.9, 0.999), show_default=True, help="Decay of Adam's moments."
        ),
        click.option("--weight-decay", default=0.0, show_default=True, help="Of the adapters."),
        click.option("--clip", default=1.0, show_default=True, help="Largest norm of the gradient; 0: as it is."),
        click.option("--accumulate", default=1, show_default=True, help="Batches in a step."),
        click.option("--preset", type=click.Choice(sorted(PRESETS)), help="Published settings; options given stand."),
    )


def preset(options: Mapping[str, Any], context: click.Context) -> dict[str, Any]:
    """The options with those of the preset that were not given."""
    chosen = PRESETS.get(options.get("preset") or "", {})
    default = click.core.ParameterSource.DEFAULT
    return {**options, **{n: v for n, v in chosen.items() if context.get_parameter_source(n) == default}}


def settings(options: Mapping[str, Any], seed: int) -> Any:
    """The settings that these options mean; those that a command does not have are as they are by default."""
    from train.lora.settings import LoraSettings

    # option: setting
    names = {
        "rank": "rank",
        "dropout": "dropout",
        "rslora": "rslora",
        "dora": "dora",
        "lr": "learning_rate",
        "min_lr": "final_rate",
        "epochs": "epochs",
        "batch_size": "batch_size",
        "accumulate": "accumulation",
        "warmup": "warmup",
        "schedule": "schedule",
        "optimizer": "optimizer",
        "betas": "betas",
        "clip": "clip",
        "weight_decay": "weight_decay",
    }
    chosen = {setting: options[option] for option, setting in names.items() if option in options}
    targets = options.get("targets", "all-linear")
    return LoraSettings(
        alpha=options.get("alpha") or 2 * options["rank"],
        targets=targets if targets == "all-linear" else tuple(t.strip() for t in targets.split(",")),
        seed=seed,
        **chosen,
    )


def _with(command: Any, *options: Any) -> Any:
    for option in reversed(options):
        command = option(command)
    return command
