"""DeepSpeed configs: checked before anything is loaded."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

from curate.errors import CurateError


def check(path: str) -> dict[str, Any]:
    """The config in a file.

    Raises CurateError where it is no DeepSpeed config, where deepspeed is missing, or outside `accelerate launch`.
    """
    try:
        config = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise CurateError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise CurateError(f"{path}: no JSON: {error}") from None
    zero = config.get("zero_optimization", {}) if isinstance(config, dict) else None
    if not isinstance(zero, dict):
        raise CurateError(f"{path}: found no JSON object with zero_optimization; see `curate export --for deepspeed`")
    stage = zero.get("stage", 0)
    if stage not in (0, 1, 2, 3):
        raise CurateError(f"{path}: $.zero_optimization.stage: found {stage!r}, expected 0, 1, 2 or 3")
    if importlib.util.find_spec("deepspeed") is None:
        raise CurateError("--deepspeed needs the package deepspeed: pip install deepspeed (and a compiler)")
    if int(os.environ.get("WORLD_SIZE", "0")) == 0:
        raise CurateError("--deepspeed works in processes that `accelerate launch` starts; start curate with it")
    return config
