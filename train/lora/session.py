"""One training run from files to a folder: what `curate train` does."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from curate.errors import CurateError
from curate.models import language_model
from curate.table import table
from train.commands.options import settings as settings_of
from train.lora import cache, card, checkpoint, deepspeed, masking, metrics, trainer
from train.lora.distributed import Processes, launched
from train.lora.settings import LoraSettings
from train.lora.view import view


def run(data: list[str], out: str, options: dict[str, Any]) -> None:
    """Train on the rows of files and write the adapters, the card, the metrics and the picture to `out`.

    Args:
        options: as `curate train` has them.

    Raises:
        CurateError: for data, a model or settings that cannot be trained with.
    """
    chosen = settings_of(options, options["seed"])
    chosen.check()
    if options["merge"] and options["qlora"]:
        raise CurateError("weights in 4 bits cannot be merged without loss; train without --qlora, or without --merge")
    for name in ("heldout", "merge", "qlora") if options["deepspeed"] else ():
        if options[name]:
            raise CurateError(f"--deepspeed goes without --{name.replace('heldout', 'eval')}; use it on the adapters")
    if options["patience"] and not options["heldout"]:
        raise CurateError("--patience needs rows to measure on: name them with --eval")
    config = deepspeed.check(options["deepspeed"]) if options["deepspeed"] else None
    processes = launched()
    say = _say(options["quiet"] or not processes.first)
    target = Path(out)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CurateError(f"{out}: cannot write here: {error.strerror}") from None
    pool, titles = _records(data)
    heldout = _records([options["heldout"]])[0] if options["heldout"] else []
    loaded = language_model.load(options["model"], options["precision"], four_bit=options["qlora"])
    _check_length(loaded, options["max_length"])
    encoded = cache.encode(pool, loaded.tokenizer, options["template"], options["max_length"])
    held = []
    if heldout:
        held = masking.encode(heldout, loaded.tokenizer, options["template"], options["max_length"]).examples
    for dropped in encoded.dropped:
        say(f"not trained on, {titles[dropped.index]}: {dropped.reason}")
    say(f"{len(encoded.examples):,} rows, {len(encoded.dropped):,} not trained on, {encoded.cut:,} cut")
    model = trainer.attach(loaded, chosen)
    made_with = _made_with(chosen, encoded.examples, held, loaded, options)
    keeper = checkpoint.CheckpointStore(target, options["checkpoint_every"], made_with, processes.first)
    if options["fresh"]:
        keeper.forget()
    elif keeper.path.exists():
        say(f"going on with the run that {keeper.path} has")
    base = _mean(model, loaded, held) if held else None
    if base is not None:
        say(f"held-out loss of the base model {base:.4f} on {len(held):,} rows")
    steps = chosen.steps(len(encoded.examples))
    watch = (
        trainer.HeldoutEvaluation(held, options["eval_every"] or -(-steps // chosen.epochs), options["patience"]) if held else None
    )
    written = metrics.Metrics(target, options["tensorboard"]) if processes.first else None
    try:
        with view(options["quiet"] or not processes.first) as show:

            def progress(step: trainer.TrainStep) -> None:
                if written:
                    written(step)
                show(step)

            result, weights = _train(
                model, loaded, encoded.examples, chosen, config, watch, progress, keeper, processes
            )
    finally:
        if written:
            written.close()
    if not processes.first:
        processes.wait()
        return
    _write(target, model, loaded, options, weights)
    metrics.plot(metrics.read(target / metrics.FILE), target / metrics.PICTURE, base)
    card.write(
        target,
        {
            "model": options["model"],
            "template": options["template"],
            "max_length": options["max_length"],
            "precision": loaded.precision,
            "processes": processes.count,
            "settings": asdict(chosen),
            "data": card.sources(data),
            "heldout_data": card.sources([options["heldout"]]) if options["heldout"] else [],
            "rows": len(encoded.examples),
            "digest": made_with["rows"],
            "base_heldout": base,
            "result": {**asdict(result), "steps": result.steps, "best_kept": bool(options["patience"])},
            "versions": card.versions(),
        },
    )
    keeper.forget()
    _report(result, base, options, say)
    say(f"adapters: {target}" + (f"\nmerged model: {target / 'merged'}" if options["merge"] else ""))
    processes.wait()


def _report(result: trainer.TrainResult, base: float | None, options: dict[str, Any], say: Any) -> None:
    say(f"{result.steps:,} steps, {result.trained_tokens / result.seconds:,.0f} learnt tokens/s")
    say(f"loss {result.losses[0]:.3f} at the first step, {result.losses[-1]:.3f} at the last")
    if result.heldout:
        best = min(loss for _, loss in result.heldout)
        loss = best if options["patience"] else result.heldout[-1][1]
        say(f"held-out loss {loss:.4f}, of the base model {base:.4f}")
        if result.stopped:
            say(f"stopped early: it did not fall {options['patience']} times; the adapters are the best ones")


def _train(
    model: Any, loaded: language_model.LanguageModel, rows: list[Any], chosen: LoraSettings, config: dict[str, Any] | None,
    watch: Any, progress: Any, keeper: Any, processes: Processes,
) -> tuple[trainer.TrainResult, dict[str, Any] | None]:  # fmt: skip
    """The result, and the weights where the model itself no longer has them whole."""
    if config is None:
        result = trainer.train(
            model, loaded, rows, chosen, watch=watch, progress=progress, keeper=keeper, processes=processes
        )
        return result, None
    return deepspeed.train(model, loaded, rows, chosen, config, processes, progress)


def _write(
    target: Path, model: Any, loaded: language_model.LanguageModel, options: dict[str, Any], weights: dict[str, Any] | None
) -> None:
    model.save_pretrained(target, state_dict=weights)
    loaded.tokenizer.save_pretrained(target)
    if options["merge"]:
        merged = model.merge_and_unload()
        merged.save_pretrained(target / "merged")
        loaded.tokenizer.save_pretrained(target / "merged")


def _records(paths: list[str]) -> tuple[list[Any], list[str]]:
    """The valid rows of files, and where each is."""
    rows = table.read(paths)
    valid = table.valid(rows)
    if not len(valid):
        why = "is empty" if not rows.num_rows else f"has no valid row among {rows.num_rows:,}; see `curate validate`"
        raise CurateError(f"{', '.join(paths)} {why}", 1)
    files, numbers = rows["file"].to_pylist(), rows["row"].to_pylist()
    return table.records(rows, valid), [f"{files[i]} row {numbers[i]}" for i in valid]


def _check_length(loaded: language_model.LanguageModel, length: int) -> None:
    limit = getattr(loaded.model.config, "max_position_embeddings", None)
    if length < 2:
        raise CurateError(f"--max-length is {length}; rows need 2 tokens at least")
    if limit and length > limit:
        raise CurateError(f"--max-length is {length:,}, but {loaded.name} reads at most {limit:,} tokens; lower it")


def _made_with(
    chosen: LoraSettings, rows: list[Any], held: list[Any], loaded: language_model.LanguageModel, options: dict[str, Any]
) -> dict[str, str]:
    """All that a run's numbers depend on, by name."""
    made = {name: repr(value) for name, value in asdict(chosen).items()}
    made |= {"rows": checkpoint.digest(rows), "held-out rows": checkpoint.digest(held)}
    made |= {"model": loaded.name, "precision": loaded.precision, "patience": str(options["patience"])}
    return made | {"eval_every": str(options["eval_every"])}


def _mean(model: Any, loaded: language_model.LanguageModel, held: list[Any]) -> float:
    losses, weights = trainer.evaluate(model, loaded, held)
    return float(losses.sum() / weights.sum())


def _say(quiet: bool) -> Any:
    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)
            sys.stderr.flush()

    return say
