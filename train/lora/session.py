"""One training run from files to a folder: what `curate train` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.models import language_model, masking
from curate.models.language_model import LanguageModel
from curate.models.masking import EncodedRows, TrainingExample
from curate.table import table
from curate.text.counted import counted
from schemas.reasoning import teaches_thoughts
from schemas.record import Conversation
from train.lora import cache, card, checkpoint, deepspeed, metrics, trainer
from train.lora.distributed import Processes, launched_processes
from train.lora.options import TrainOptions, lora_settings
from train.lora.settings import LoraSettings
from train.lora.view import view

Report = Callable[[str], None]


@dataclass(frozen=True)
class _Session:
    """All that a run is made of.

    Attributes:
        folder: that it writes to.
        options: as the user gave them.
        settings: of the trainer, which they mean.
        lm: the model with its adapters.
        encoded: the rows to train on.
        heldout: the rows to measure on; empty without.
        thinks: whether most rows teach to think before the answer.
        processes: that share the work.
        report: called with each line for the user; None is silent.
    """

    folder: Path
    options: TrainOptions
    settings: LoraSettings
    lm: LanguageModel
    encoded: EncodedRows
    heldout: list[TrainingExample]
    thinks: bool
    processes: Processes
    report: Report | None

    def print(self, text: str) -> None:
        """Show a line to the user."""
        if self.report:
            self.report(text)


def run(data: list[str], out: str, options: TrainOptions, report: Report | None = None) -> None:
    """Train on the rows of files and write the adapters, the card, the metrics and the picture to a folder.

    Args:
        data: paths of the rows to train on.
        out: path of the folder.
        options: of the run.
        report: called with each line for the user, in the first process; None shows no progress either.

    Raises:
        CurateError: for data, a model or settings that cannot be trained with.
    """
    settings = lora_settings(options.lora, options.seed)
    settings.check()
    _check_combination(options)
    config = deepspeed.check(options.deepspeed) if options.deepspeed else None
    session = _open(data, _make_folder(out), options, settings, report)
    fingerprint = _fingerprint(session)
    is_first = session.processes.is_first
    store = checkpoint.CheckpointStore(session.folder, options.checkpoint_every, fingerprint, is_first)
    if options.fresh:
        store.remove()
    elif store.path.exists():
        session.print(f"going on with the run that {store.path} has")
    base = _mean_loss(session) if session.heldout else None
    if base is not None:
        session.print(f"held-out loss of the base model {base:.4f} on {counted(len(session.heldout), 'row')}")
    result, weights = _train(session, config, store)
    if is_first:
        _write_model(session, weights)
        steps = metrics.read(session.folder / metrics.FILE)
        metrics.plot(steps, session.folder / metrics.PICTURE, base)
        card.write(session.folder, _card_facts(session, data, fingerprint["rows"], base, result))
        store.remove()
        _print_result(session, base, result)
    session.processes.wait()


def _check_combination(options: TrainOptions) -> None:
    if options.merge and options.qlora:
        raise CurateError("weights in 4 bits cannot be merged without loss; train without --qlora, or without --merge")
    excluded = {"--eval": options.heldout, "--merge": options.merge, "--qlora": options.qlora}
    for flag, value in excluded.items() if options.deepspeed else ():
        if value:
            raise CurateError(f"--deepspeed does not work with {flag}; use it on the adapters")
    if options.patience and not options.heldout:
        raise CurateError("--patience needs rows to measure on: name them with --eval")


def _make_folder(out: str) -> Path:
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CurateError(f"{out}: cannot write here: {error.strerror}") from None
    return folder


def _open(
    data: list[str], folder: Path, options: TrainOptions, settings: LoraSettings, report: Report | None
) -> _Session:
    """Read the rows and the model, tokenise, and attach the adapters."""
    processes = launched_processes()
    lora = options.lora
    pool, titles = _read_rows(data, options)
    heldout = _read_rows([options.heldout], options)[0] if options.heldout else []
    lm = language_model.load(lora.model, options.precision, four_bit=options.qlora)
    _check_length(lm, lora.max_length)
    encoded = cache.encode(pool, lm.tokenizer, lora.template, lora.max_length)
    examples: list[TrainingExample] = []
    if heldout:
        examples = masking.encode(heldout, lm.tokenizer, lora.template, lora.max_length).examples
    report = report if processes.is_first else None
    adapted = trainer.attach(lm, settings)
    thinks = 2 * sum(map(teaches_thoughts, pool)) > len(pool)
    session = _Session(folder, options, settings, adapted, encoded, examples, thinks, processes, report)
    for dropped in encoded.dropped:
        session.print(f"not trained on, {titles[dropped.index]}: {dropped.reason}")
    session.print(
        f"{counted(len(encoded.examples), 'row')}, {len(encoded.dropped):,} not trained on, "
        f"{encoded.truncated_rows:,} cut"
    )
    return session


def _read_rows(paths: list[str], options: TrainOptions) -> tuple[list[Conversation], list[str]]:
    """The valid rows of files, their thoughts as asked for, and where each is."""
    rows = table.read(paths, options.format_name)
    valid = table.valid(rows)
    if not len(valid):
        why = "is empty" if not rows.num_rows else f"has no valid row among {rows.num_rows:,}; see `curate validate`"
        raise CurateError(f"{', '.join(paths)} {why}", 1)
    files, numbers = rows["file"].to_pylist(), rows["row"].to_pylist()
    return table.records(rows, valid, options.lora.reasoning), [f"{files[i]} row {numbers[i]}" for i in valid]


def _check_length(lm: LanguageModel, length: int) -> None:
    limit = getattr(lm.model.config, "max_position_embeddings", None)
    if limit and length > limit:
        raise CurateError(f"--max-length is {length:,}, but {lm.name} reads at most {limit:,} tokens; lower it")


def _fingerprint(session: _Session) -> dict[str, str]:
    """All that a run's numbers depend on, by name."""
    facts = {name: repr(value) for name, value in asdict(session.settings).items()}
    rows, heldout = checkpoint.digest(session.encoded.examples), checkpoint.digest(session.heldout)
    facts |= {"rows": rows, "held-out rows": heldout, "model": session.lm.name, "precision": session.lm.precision}
    options = session.options
    return facts | {"patience": str(options.patience), "eval_every": str(options.eval_every)}


def _mean_loss(session: _Session) -> float:
    """Loss on the held-out rows, in nats a token."""
    losses, weights = trainer.evaluate(session.lm, session.heldout)
    return float(losses.sum() / weights.sum())


def _train(
    session: _Session, config: dict[str, Any] | None, store: checkpoint.CheckpointStore
) -> tuple[trainer.TrainResult, dict[str, Any] | None]:
    """The result, and the weights where the model itself no longer has them whole (DeepSpeed)."""
    options, processes = session.options, session.processes
    examples, settings = session.encoded.examples, session.settings
    every = options.eval_every or -(-settings.steps(len(examples)) // settings.epochs)
    heldout = trainer.HeldoutEvaluation(session.heldout, every, options.patience) if session.heldout else None
    writer = metrics.Metrics(session.folder, options.tensorboard) if processes.is_first else None
    try:
        with view(quiet=session.report is None) as show_step:

            def progress(step: trainer.TrainStep) -> None:
                if writer:
                    writer(step)
                show_step(step)

            if config is not None:
                return deepspeed.train(session.lm, examples, settings, config, processes, progress)
            result = trainer.train(
                session.lm, examples, settings, heldout=heldout, progress=progress, store=store, processes=processes
            )
            return result, None
    finally:
        if writer:
            writer.close()


def _write_model(session: _Session, weights: dict[str, Any] | None) -> None:
    lm, folder = session.lm, session.folder
    lm.model.save_pretrained(folder, state_dict=weights)
    lm.tokenizer.save_pretrained(folder)
    if session.options.merge:
        merged = lm.model.merge_and_unload()
        merged.save_pretrained(folder / "merged")
        lm.tokenizer.save_pretrained(folder / "merged")


def _card_facts(
    session: _Session, data: list[str], digest: str, base: float | None, result: trainer.TrainResult
) -> dict[str, Any]:
    """What run.json and the model card hold."""
    options = session.options
    return {
        "model": options.lora.model,
        "template": options.lora.template,
        "max_length": options.lora.max_length,
        "reasoning": options.lora.reasoning,
        "thinks": session.thinks,
        "precision": session.lm.precision,
        "processes": session.processes.count,
        "settings": asdict(session.settings),
        "data": card.sources(data),
        "heldout_data": card.sources([options.heldout]) if options.heldout else [],
        "rows": len(session.encoded.examples),
        "digest": digest,
        "base_heldout": base,
        "result": {**asdict(result), "steps": result.steps, "best_kept": bool(options.patience)},
        "versions": card.versions(),
    }


def _print_result(session: _Session, base: float | None, result: trainer.TrainResult) -> None:
    patience, folder = session.options.patience, session.folder
    session.print(f"{counted(result.steps, 'step')}, {result.trained_tokens / result.seconds:,.0f} trained tokens/s")
    session.print(f"loss {result.losses[0]:.3f} at the first step, {result.losses[-1]:.3f} at the last")
    if result.heldout:
        best = min(loss for _, loss in result.heldout)
        loss = best if patience else result.heldout[-1][1]
        session.print(f"held-out loss {loss:.4f}, of the base model {base:.4f}")
        if result.stopped:
            session.print(f"stopped early: it did not fall {patience} times; the adapters are the best ones")
    merged = f"\nmerged model: {folder / 'merged'}" if session.options.merge else ""
    session.print(f"adapters: {folder}{merged}")
