"""DeepSpeed's ZeRO configurations, with what the trainer knows left to it.

Source: transformers' and DeepSpeed's documentation; Rajbhandari et al. 2020, ZeRO.
"""

from __future__ import annotations

import json
from typing import Any

from curate.export.folder import Folder

STAGES = (2, 3)


def zero(stage: int) -> dict[str, Any]:
    """The configuration of ZeRO `stage`, 2 (optimiser and gradients shared out) or 3 (the weights too).

    "auto" is filled in by the trainer from its own settings, so that the two cannot contradict each other.
    """
    shared: dict[str, Any] = {
        "stage": stage,
        "overlap_comm": True,
        "contiguous_gradients": True,
        "reduce_bucket_size": "auto",
    }
    if stage == 3:
        shared |= {
            "stage3_prefetch_bucket_size": "auto",
            "stage3_param_persistence_threshold": "auto",
            "stage3_gather_16bit_weights_on_model_save": True,
        }
    return {
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": "auto"},
        "fp16": {"enabled": "auto"},
        "zero_optimization": shared,
    }


def name(stage: int) -> str:
    """The file of a configuration."""
    return f"deepspeed_zero{stage}.json"


def add(folder: Folder) -> None:
    """Write the configurations."""
    for stage in STAGES:
        folder.text(name(stage), json.dumps(zero(stage), indent=2) + "\n")
