"""Training through DeepSpeed: its config is taken as it is, and checked before anything is loaded.

ZeRO takes a model's own forward pass, which it hooks into to gather weights, so rows are padded here and not packed.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from train.lora.distributed import Processes
from train.lora.settings import LoraSettings
from train.lora.trainer import TrainResult, TrainStep, batches

AUTO = "auto"


def check(path: str) -> dict[str, Any]:
    """The config in a file.

    Raises:
        CurateError: where it is not a DeepSpeed config, where deepspeed is missing, or outside `accelerate launch`.
    """
    try:
        config = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise CurateError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise CurateError(f"{path}: not JSON: {error}") from None
    zero = config.get("zero_optimization", {}) if isinstance(config, dict) else None
    if not isinstance(zero, dict):
        raise CurateError(f"{path}: expected a JSON object with zero_optimization; see `curate export --for deepspeed`")
    stage = zero.get("stage", 0)
    if stage not in (0, 1, 2, 3):
        raise CurateError(f"{path}: $.zero_optimization.stage: found {stage!r}, expected 0, 1, 2 or 3")
    for package in ("deepspeed", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise CurateError(f"--deepspeed needs the package {package}: pip install {package}")
    if "WORLD_SIZE" not in os.environ:
        raise CurateError("--deepspeed works in processes that `accelerate launch` starts; start curate with it")
    return config


def fill_config(config: dict[str, Any], settings: LoraSettings, processes: int, precision: str) -> dict[str, Any]:
    """The config with what it leaves out or calls `auto` taken from the settings, as transformers' trainer does.

    Its optimizer and scheduler are left out: those of the settings are used.

    Raises:
        CurateError: where it asks for another number of rows in a step than the settings.
    """
    merged = {name: value for name, value in config.items() if name not in ("optimizer", "scheduler")}
    rows_each = math.ceil(settings.rows / processes)
    required = {
        "train_micro_batch_size_per_gpu": rows_each,
        "gradient_accumulation_steps": 1,
        "train_batch_size": rows_each * processes,
        "gradient_clipping": settings.clip,
    }
    for name, value in required.items():
        configured = merged.get(name, AUTO)
        if configured not in (AUTO, value):
            raise CurateError(
                f"the DeepSpeed config has {name} {configured}, the options make it {value}; write 'auto'"
            )
        merged[name] = value
    for name in ("bf16", "fp16"):
        if isinstance(merged.get(name), dict) and merged[name].get("enabled") == AUTO:
            merged[name] = {**merged[name], "enabled": name == "bf16" and precision == "bf16"}
    zero = merged.get("zero_optimization", {})
    # Sizes of buckets that are left to transformers, which knows the hidden size: DeepSpeed's own do.
    merged["zero_optimization"] = {name: value for name, value in zero.items() if value != AUTO}
    merged["zero_allow_untested_optimizer"] = True
    return {name: value for name, value in merged.items() if value != AUTO}


def train(
    lm: LanguageModel,
    examples: Sequence[TrainingExample],
    settings: LoraSettings,
    config: dict[str, Any],
    processes: Processes,
    progress: Callable[[TrainStep], None],
) -> tuple[TrainResult, dict[str, Any]]:
    """Train the adapters of a model through DeepSpeed.

    Args:
        lm: a model with adapters.
        examples: the rows.
        settings: of the optimiser and its schedule.
        config: DeepSpeed's, from `check`.
        processes: that share the work.
        progress: called after each step.

    Returns:
        The result, and the adapters' weights by name, gathered from all processes.
    """
    import deepspeed

    from train.lora import optimiser
    from train.lora.forward import Forward

    parameters = [p for p in lm.model.parameters() if p.requires_grad]
    optimizer = optimiser.optimiser(parameters, settings)
    steps = settings.steps(len(examples))
    schedule = optimiser.schedule(optimizer, settings, steps)
    full_config = fill_config(config, settings, processes.count, lm.precision)
    engine, *_ = deepspeed.initialize(
        model=lm.model, optimizer=optimizer, model_parameters=parameters, config=full_config
    )
    forward = Forward(replace(lm, model=engine), try_packing=False)
    start, tokens, losses = perf_counter(), 0, []
    engine.train()
    for number, batch in enumerate(batches(len(examples), settings), 1):
        rows = [examples[i] for i in batch]
        weight = sum(float(row.weights.sum()) for row in rows)
        # Every process has to take part, even with a row that counts for nothing; gradients are averaged over them.
        own = rows[processes.rank :: processes.count]
        loss = forward(own or rows[:1]).sum() * (processes.count / weight if own else 0.0)
        engine.backward(loss)
        rate = optimizer.param_groups[0]["lr"]
        engine.step()
        schedule.step()
        mean = processes.add([], float(loss.detach()) / processes.count)
        if not math.isfinite(mean):
            raise CurateError(f"step {number}: the loss is {mean}; lower --lr (now {settings.learning_rate:g})")
        norm = float(engine.get_global_grad_norm() or 0.0)
        trained = sum(row.trained for row in rows)
        tokens += trained
        losses.append(mean)
        progress(TrainStep(number, steps, mean, rate, norm, trained, sum(map(len, rows)), perf_counter() - start))
    engine.eval()
    with deepspeed.zero.GatheredParameters(parameters):
        weights = {n: p.detach().cpu().clone() for n, p in lm.model.named_parameters() if p.requires_grad}
    return TrainResult(losses, tokens, perf_counter() - start), weights
