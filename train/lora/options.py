"""The options of training: those that make the adapters, which a study shares, and those of a single run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from curate.options import FormatName, Reasoning, StepOptions, option
from train.lora.settings import OPTIMISERS, SCHEDULES, LoraSettings

PRECISIONS = ("auto", "bf16", "fp32")
ALL_LINEAR = "all-linear"


class LoraOptions(StepOptions, frozen=True):
    """The model that is trained, how its rows are written, and how its adapters are made."""

    model: Annotated[str, option("A hub id, a folder, a .gguf file, or the packaged smollm2-135m.")] = "smollm2-135m"
    template: Annotated[
        str,
        option(
            "How a conversation becomes text: auto, the model's own chat template; or a name of `curate render --list`."
        ),
    ] = "auto"
    reasoning: Reasoning = "keep"
    epochs: Annotated[int, option("Passes over the rows.", ge=1)] = 3
    batch_size: Annotated[int, option("Rows in a batch.", ge=1)] = 8
    lr: Annotated[float, option("Learning rate at its peak.", gt=0)] = 1e-3
    rank: Annotated[int, option("Rank of the adapters.", ge=1)] = 8
    max_length: Annotated[int, option("Longest row, in tokens; longer ones are cut.", ge=2)] = 512
    alpha: Annotated[int | None, option("Scale of the adapters times their rank; twice --rank if not given.", ge=1)] = (
        None
    )
    dropout: Annotated[float, option("Share of the adapters' inputs left out.", ge=0, lt=1)] = 0.0
    targets: Annotated[str, option("Modules to adapt, as q_proj,v_proj.")] = ALL_LINEAR
    rslora: Annotated[bool, option("Scale by alpha / sqrt(rank), for high ranks.")] = False
    dora: Annotated[bool, option("Train magnitudes and directions separately (DoRA); slower.")] = False
    optimizer: Annotated[str, option("The optimiser.", choices=OPTIMISERS)] = "adamw"
    schedule: Annotated[str, option("Schedule of the learning rate.", choices=SCHEDULES)] = "cosine"
    warmup: Annotated[float, option("Share of the steps in which the learning rate rises.", ge=0, lt=1)] = 0.1
    min_lr: Annotated[float, option("Learning rate at the end, for schedules that do not end at 0.", ge=0)] = 0.0
    betas: Annotated[tuple[float, float], option("Decay of Adam's two moments.")] = (0.9, 0.999)
    weight_decay: Annotated[float, option("Weight decay of the adapters.", ge=0)] = 0.0
    clip: Annotated[float, option("Largest norm of the gradient; 0 does not limit it.", ge=0)] = 1.0
    accumulate: Annotated[int, option("Batches in a step.", ge=1)] = 1


class TrainOptions(StepOptions, frozen=True):
    """The options of a single training run."""

    lora: LoraOptions = LoraOptions()
    qlora: Annotated[bool, option("Frozen weights in 4 bits; needs a GPU and bitsandbytes.")] = False
    precision: Annotated[
        str,
        option(
            "Precision of the frozen weights; auto is bf16 where the processor or GPU multiplies in it.",
            choices=PRECISIONS,
        ),
    ] = "auto"
    seed: Annotated[int, option("Seed of the adapters' initial weights, the order of rows, and dropout.")] = 0
    heldout: Annotated[
        str | None,
        option("Held-out rows to measure on: before, during and after training.", flag="--eval", metavar="FILE"),
    ] = None
    format_name: FormatName = None
    eval_every: Annotated[int | None, option("Steps between measurements; one epoch if not given.", ge=1)] = None
    patience: Annotated[
        int, option("Stop when the held-out loss has not fallen so many times; keep the best.", ge=0)
    ] = 0
    checkpoint_every: Annotated[int, option("Steps between checkpoints; 0 writes none on the way.", ge=0)] = 20
    fresh: Annotated[bool, option("Start anew, even if --out holds a run that was stopped.")] = False
    merge: Annotated[bool, option("Write the model with the adapters merged as well, to OUT/merged.")] = False
    tensorboard: Annotated[bool, option("Write TensorBoard's events, to OUT/tensorboard.")] = False
    deepspeed: Annotated[
        str | None, option("A DeepSpeed config, for `accelerate launch`; needs deepspeed.", metavar="FILE")
    ] = None


# What a preset sets, by field of LoraOptions.
PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
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
)


def with_preset(options: LoraOptions, preset: str, explicit: Collection[str]) -> LoraOptions:
    """The options with the values of a preset.

    Args:
        options: as they are without it.
        preset: a key of PRESETS.
        explicit: fields that the user set; the preset leaves them as they are.
    """
    values = {name: value for name, value in PRESETS[preset].items() if name not in explicit}
    return msgspec.structs.replace(options, **values)


def lora_settings(options: LoraOptions, seed: int) -> LoraSettings:
    """The settings of the trainer that these options mean.

    Args:
        options: of the adapters and their training.
        seed: see LoraSettings.
    """
    modules = tuple(name.strip() for name in options.targets.split(","))
    return LoraSettings(
        rank=options.rank,
        alpha=options.alpha or 2 * options.rank,
        dropout=options.dropout,
        targets=ALL_LINEAR if options.targets == ALL_LINEAR else modules,
        rslora=options.rslora,
        dora=options.dora,
        learning_rate=options.lr,
        final_rate=options.min_lr,
        epochs=options.epochs,
        batch_size=options.batch_size,
        accumulation=options.accumulate,
        warmup=options.warmup,
        schedule=options.schedule,
        optimizer=options.optimizer,
        betas=options.betas,
        clip=options.clip,
        weight_decay=options.weight_decay,
        seed=seed,
    )
