"""The GPU part of bench/train.py: curate against TRL's SFTTrainer with liger-kernel, padded and packed.

The model has the shape of a public one and random weights, which take as long as trained ones.  All ways train the
same adapters from the same beginning on the same rows with the same optimiser, take turns, and are measured on the
same other rows after it.  Making models and trainers is not timed; every way runs once before it is timed,
since kernels are compiled for shapes that they meet first.
TRL has what it can have without the flash-attention package: torch's SDPA, rows of like length together or best-fit
packing (packs of --length tokens, as many in a batch as give the tokens of curate's batches).
"""

from __future__ import annotations

import contextlib
import gc
import io
import statistics
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch

from curate.models import language_model
from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from train.lora import trainer

COMMON = {"vocab_size": 151_936, "tie_word_embeddings": True, "max_position_embeddings": 4096}
SHAPES: dict[str, tuple[str, dict[str, int]]] = {
    "tiny": ("Qwen2", {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
                       "num_key_value_heads": 2}),
    "qwen2-0.5b": ("Qwen2", {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
                             "num_attention_heads": 14, "num_key_value_heads": 2}),
    "qwen2-1.5b": ("Qwen2", {"hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28,
                             "num_attention_heads": 12, "num_key_value_heads": 2}),
    "qwen3-0.6b": ("Qwen3", {"hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28,
                             "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128}),
}  # fmt: skip
Rows = list[TrainingExample]
Way = Callable[[LanguageModel, Rows], Callable[[], Any]]


def fresh_model(shape: str, tokenizer: Any, settings: trainer.LoraSettings) -> LanguageModel:
    """A model of this shape with random weights and fresh adapters, the same every time."""
    import transformers

    family, sizes = SHAPES[shape]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    with torch.device(device):
        config = getattr(transformers, f"{family}Config")(**COMMON, **sizes)
        model = getattr(transformers, f"{family}ForCausalLM")(config).to(torch.bfloat16).eval()
    return trainer.attach(LanguageModel(model, tokenizer, shape, device, "bf16"), settings)


def by_curate(settings: trainer.LoraSettings) -> Way:
    return lambda lm, rows: lambda: trainer.train(lm, rows, settings)


def by_trl(settings: trainer.LoraSettings, length: int, packing: bool) -> Way:
    def prepare(lm: LanguageModel, rows: Rows) -> Callable[[], Any]:
        from trl import SFTConfig, SFTTrainer

        from bench.train import dataset

        batch, on_gpu = settings.batch_size, torch.cuda.is_available()
        if packing:
            batch = max(1, round(batch * sum(map(len, rows)) / len(rows) / length))
        arguments = SFTConfig(
            output_dir=tempfile.mkdtemp(),
            per_device_train_batch_size=batch,
            num_train_epochs=settings.epochs,
            learning_rate=settings.learning_rate,
            lr_scheduler_type=settings.schedule,
            warmup_steps=settings.warmup,
            max_grad_norm=settings.clip,
            bf16=True,
            use_cpu=not on_gpu,
            use_liger_kernel=on_gpu,
            gradient_checkpointing=False,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            max_length=length,
            completion_only_loss=True,
            **({"packing": True} if packing else {"train_sampling_strategy": "group_by_length"}),
        )
        made = SFTTrainer(model=lm.model, args=arguments, train_dataset=dataset(rows), processing_class=lm.tokenizer)
        return made.train

    return prepare


def timed(way: Way, lm: LanguageModel, rows: Rows) -> tuple[float, float]:
    """Seconds of a run, and GiB of GPU memory at its peak."""
    on_gpu = torch.cuda.is_available()
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        run = way(lm, rows)
        if on_gpu:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
        began = perf_counter()
        run()
        if on_gpu:
            torch.cuda.synchronize()
    return perf_counter() - began, torch.cuda.max_memory_allocated() / 2**30 if on_gpu else 0.0


def compare(options: Any) -> None:
    """Run the ways in turns and print the table."""
    from bench.train import HELDOUT, examples

    settings = trainer.LoraSettings(
        epochs=1, batch_size=options.batch, rank=16, alpha=32, schedule="constant", warmup=0.0, learning_rate=2e-4
    )
    tokenizer = language_model.load_tokenizer(options.model)
    sample = examples(options.file, LanguageModel(None, tokenizer, "", "cpu", "bf16"), options.rows, options.length)
    held, pool = sample[:HELDOUT], sample[HELDOUT:]
    rows = [pool[i % len(pool)] for i in range(options.rows)]
    trained, tokens = sum(row.trained for row in rows), sum(map(len, rows))
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    print(f"{card}, torch {torch.__version__}, {options.shape}, {len(rows)} rows in batches of {options.batch}, "
          f"{tokens:,} tokens, {trained:,} trained", flush=True)  # fmt: skip
    ways = {"curate": by_curate(settings)}
    ways |= {f"trl, {name}": by_trl(settings, options.length, name == "packing") for name in ("padded", "packing")}
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    losses: dict[str, float] = {}
    for turn in range(options.rounds + 1):
        for name, way in ways.items():
            lm = fresh_model(options.shape, tokenizer, settings)
            result = timed(way, lm, rows)
            if turn:
                results[name].append(result)
                each, weights = trainer.evaluate(lm, held)
                losses[name] = float(each.sum() / weights.sum())
            print(f"  {name}: {result[0]:.2f} s, {result[1]:.2f} GiB", file=sys.stderr, flush=True)
            del lm
            gc.collect()
            torch.cuda.empty_cache()
    _print(results, losses, trained, tokens)


def _print(results: dict[str, list[tuple[float, float]]], losses: dict[str, float], trained: int, tokens: int) -> None:
    print(f"{'way':16}{'trained/s':>11}{'tokens/s':>10}{'x time':>8}{'GiB':>7}{'held-out loss':>15}")
    for name, runs in results.items():
        seconds = statistics.median(run[0] for run in runs)
        ratio = statistics.median(run[0] / own[0] for run, own in zip(runs, results["curate"], strict=True))
        memory = max(run[1] for run in runs)
        print(
            f"{name:16}{trained / seconds:11,.0f}{tokens / seconds:10,.0f}{ratio:8.2f}{memory:7.2f}{losses[name]:15.3f}"
        )
