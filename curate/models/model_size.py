"""How large a language model is, and whether it is on this machine, without loading it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

from curate.extras import require
from curate.models import language_model

# By what files a model's weights are known, in a folder and in the cache of the hub.
WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
BYTES = {"bf16": 2, "fp32": 4}


class ModelSize(NamedTuple):
    """The size of a model.

    Attributes:
        parameters: how many; None where its configuration cannot be read.
        longest: tokens that it reads at most; None where it does not say.
        local: whether its weights are on this machine.
        device: `cpu` or `cuda`, where it would be trained.
        precision: `bf16` or `fp32`, of its frozen weights there.
    """

    parameters: int | None
    longest: int | None
    local: bool
    device: str
    precision: str

    @property
    def weights_bytes(self) -> int | None:
        """Bytes of its weights; None where they are not known."""
        return None if self.parameters is None else self.parameters * BYTES[self.precision]


def model_size(name: str) -> ModelSize:
    """The size of the model of this name, see `language_model.load`.

    Raises:
        CurateError: where the extra `train` is not installed, and for a name that is none.
    """
    torch = require("torch", "train", f"the model {name!r}")
    transformers = require("transformers", "train", f"the model {name!r}")
    source = language_model.resolve(name)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    parameters = longest = None
    with contextlib.suppress(OSError, ValueError, ImportError):  # of a model that is not public, or of unknown code
        config = transformers.AutoConfig.from_pretrained(source)
        longest = getattr(config, "max_position_embeddings", None)
        with torch.device("meta"):
            empty = transformers.AutoModelForCausalLM.from_config(config)
        parameters = sum(weight.numel() for weight in empty.parameters())
    return ModelSize(parameters, longest, _is_local(source), device, language_model.best_precision(device))


def _is_local(source: str) -> bool:
    if Path(source).is_dir():
        return any((Path(source) / file).is_file() for file in WEIGHTS)
    from huggingface_hub import try_to_load_from_cache

    return any(isinstance(try_to_load_from_cache(source, file), str) for file in WEIGHTS)
