"""DeepSpeed: the export for TRL, with ZeRO-2 and ZeRO-3 and how `accelerate` starts them.

Source: accelerate's guide to DeepSpeed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.export import deepspeed_config, trl
from curate.export.folder import Folder
from curate.export.job import ExportRow, Job, Outcome

TITLE = "DeepSpeed"


def export(rows: Sequence[ExportRow], job: Job, folder: Folder) -> Outcome:
    """Write what the export for TRL has, and the configurations."""
    outcome = trl.export(rows, job, folder)
    deepspeed_config.add(folder)
    for stage in deepspeed_config.STAGES:
        folder.yaml(f"accelerate_zero{stage}.yaml", accelerate(stage))
    outcome.command = f"accelerate launch --config_file accelerate_zero2.yaml --num_processes 2 {trl.SCRIPT}"
    outcome.notes.append("ZeRO-3 shares out the weights too: accelerate_zero3.yaml, for models too large for one GPU.")
    return outcome


def accelerate(stage: int) -> dict[str, Any]:
    """A configuration of `accelerate launch`, run in the folder of the export; precision is DeepSpeed's to say."""
    return {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "DEEPSPEED",
        "deepspeed_config": {
            "deepspeed_config_file": deepspeed_config.name(stage),
            "zero3_init_flag": stage == 3,
        },
        "machine_rank": 0,
        "main_training_function": "main",
        "num_machines": 1,
        "num_processes": 2,
    }
