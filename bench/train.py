"""Time LoRA training against TRL's SFTTrainer and transformers' Trainer, in the same run.

    python bench/train.py [FILE] [--rows 64] [--rounds 3] [--model smollm2-135m] [--threads 1 2] [--profile]

FILE: rows in any format that curate reads; without one, those of sample_data.  All ways train the same adapters from
the same beginning on the same tokens for one epoch, take turns, and are then measured on the same other rows.  The
peers get their rows as tokens, with their loss mask, and their best settings here: rows of like length together,
bf16 autocast where the processor multiplies in it, threads that wait without spinning.  TRL's packing is measured as
well; without flash-attention its packed rows see one another, so that its loss is another one.
Beside the time, what it took of the processor's time is compared: other work on the machine does not stretch that.
--profile prints where the time of curate and of TRL goes instead.

    python bench/train.py --device cuda [--shape qwen2-0.5b] [--rows 1024] [--batch 32] [--rounds 3] [--length 1024]

On a GPU a model with random weights is trained by curate and by TRL with liger-kernel; see bench/train_gpu.py.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

# Threads that wait without spinning: otherwise the peers would lose still more on a machine that does other work.
if os.environ.get("OMP_WAIT_POLICY") != "PASSIVE":
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"})

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
warnings.filterwarnings("ignore")

import torch  # noqa: E402

from curate.models import language_model, masking  # noqa: E402
from curate.models.language_model import LanguageModel  # noqa: E402
from curate.models.masking import TrainingExample  # noqa: E402
from curate.table import table  # noqa: E402
from train.lora import trainer  # noqa: E402

BATCH, HELDOUT = 8, 32
SETTINGS = trainer.LoraSettings(epochs=1, batch_size=BATCH, schedule="cosine", learning_rate=1e-3)


def examples(path: str | None, lm: LanguageModel, rows: int, length: int) -> list[TrainingExample]:
    """So many random rows, and those to measure on after them."""
    from curate.select import selection as select
    from curate.select.options import plain

    files = [path] if path else [ROOT / "sample_data" / name for name in ("alpaca.json", "sft.jsonl", "dolly.jsonl")]
    pool = table.read(files)
    order = select.order(pool, plain(method="random", size=rows + HELDOUT))
    return masking.encode(table.records(pool, order), lm.tokenizer, "auto", length).examples


def curate(lm: LanguageModel, rows: list[TrainingExample]) -> None:
    trainer.train(lm, rows, SETTINGS)


def dataset(rows: list[TrainingExample]) -> Any:
    from datasets import Dataset

    marks = [(row.weights > 0).astype(int).tolist() for row in rows]
    return Dataset.from_dict({"input_ids": [row.ids.tolist() for row in rows], "completion_mask": marks})


def arguments(kind: Any, precision: str, folder: str, batch: int = BATCH, **more: Any) -> Any:
    return kind(
        output_dir=folder,
        per_device_train_batch_size=batch,
        num_train_epochs=1,
        learning_rate=SETTINGS.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=SETTINGS.warmup,
        max_grad_norm=SETTINGS.clip,
        bf16=precision == "bf16",
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=False,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        **more,
    )


def trl(packing: bool) -> Callable[..., None]:
    def run(lm: LanguageModel, rows: list[TrainingExample]) -> None:
        from trl import SFTConfig, SFTTrainer

        # A pack of 1024 tokens has about as many as a batch.
        more = {"packing": True, "batch": 1} if packing else {"train_sampling_strategy": "group_by_length"}
        with tempfile.TemporaryDirectory() as folder:
            chosen = arguments(SFTConfig, lm.precision, folder, max_length=1024, completion_only_loss=True, **more)
            SFTTrainer(model=lm.model, args=chosen, train_dataset=dataset(rows), processing_class=lm.tokenizer).train()

    return run


def transformers(lm: LanguageModel, rows: list[TrainingExample]) -> None:
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    data = dataset(rows)
    data = data.map(lambda r: {"labels": [i if m else -100 for i, m in zip(*r.values(), strict=True)]})
    with tempfile.TemporaryDirectory() as folder:
        Trainer(
            model=lm.model,
            args=arguments(TrainingArguments, lm.precision, folder),
            train_dataset=data.remove_columns("completion_mask"),
            data_collator=DataCollatorForSeq2Seq(lm.tokenizer),
        ).train()


def measure_run(
    way: Callable[..., None], lm: LanguageModel, rows: list[TrainingExample], held: list[TrainingExample]
) -> tuple[float, float, float]:
    """Seconds that a way takes on fresh adapters, those of the processor, and the held-out loss after it."""
    # Peers get a model of their own, untouched by our faster forms of its modules.
    fresh = trainer.attach(language_model.load(lm.name, lm.precision), SETTINGS)
    quiet = io.StringIO()
    began, used = perf_counter(), process_time()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        way(fresh, rows)
    seconds, busy = perf_counter() - began, process_time() - used
    losses, weights = trainer.evaluate(fresh, held)
    return seconds, busy, float(losses.sum() / weights.sum())


def profile_run(way: Callable[..., None], lm: LanguageModel, rows: list[TrainingExample]) -> str:
    from torch.profiler import ProfilerActivity, profile

    fresh = trainer.attach(language_model.load(lm.name, lm.precision), SETTINGS)
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()), profile(activities=[ProfilerActivity.CPU]) as found:
        way(fresh, rows)
    return found.key_averages().table(sort_by="self_cpu_time_total", row_limit=14, max_name_column_width=48)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--precision", default="auto", choices=language_model.PRECISIONS)
    parser.add_argument("--threads", type=int, nargs="*", help="of the peers; all if not given")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--shape", default="qwen2-0.5b", help="of the model on a GPU; see bench/train_gpu.py")
    parser.add_argument("--batch", type=int, default=32, help="rows in a batch on a GPU")
    arguments = parser.parse_args()
    if arguments.device == "cuda":
        from bench import train_gpu

        train_gpu.compare(arguments)
        return
    lm = language_model.load(arguments.model, arguments.precision)
    found = examples(arguments.file, lm, arguments.rows, arguments.length)
    rows, heldout_rows = found[: arguments.rows], found[arguments.rows :]
    trained, tokens, cores = sum(row.trained for row in rows), sum(map(len, rows)), torch.get_num_threads()
    print(f"{len(rows)} rows, {tokens:,} tokens, {trained:,} trained, {lm.precision}, {cores} threads", flush=True)
    if arguments.profile:
        for name, way in {"curate": curate, "trl": trl(False)}.items():
            print(f"\n{name}, one thread\n{profile_run(way, lm, rows[:8])}", flush=True)
        return
    ways: dict[str, tuple[Callable[..., None], int]] = {"curate": (curate, cores)}
    for threads in arguments.threads or [cores]:
        ways[f"trl, {threads} threads"] = (trl(False), threads)
        ways[f"trl packing, {threads} threads"] = (trl(True), threads)
        ways[f"transformers, {threads} threads"] = (transformers, threads)
    base, weights = trainer.evaluate(lm, heldout_rows)
    print(f"held-out loss of the base model {base.sum() / weights.sum():.3f}", flush=True)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    losses = dict.fromkeys(ways, 0.0)
    for _ in range(arguments.rounds):
        for name, (way, threads) in ways.items():
            torch.set_num_threads(threads)
            took, used, losses[name] = measure_run(way, lm, rows, heldout_rows)
            seconds[name].append(took)
            busy[name].append(used)
            print(f"  {name}: {took:.1f} s", file=sys.stderr, flush=True)
    print(f"\n{'way':24}{'trained/s':>10}{'tokens/s':>10}{'x time':>8}{'x processor':>12}{'held-out loss':>15}")
    for name, times in seconds.items():
        middle = statistics.median(times)
        ratio, work = (
            statistics.median(t / c for t, c in zip(found[name], found["curate"], strict=True))
            for found in (seconds, busy)
        )
        speeds = f"{trained / middle:10.1f}{tokens / middle:10.0f}"
        print(f"{name:24}{speeds}{ratio:8.2f}{work:12.2f}{losses[name]:15.3f}", flush=True)


if __name__ == "__main__":
    main()
