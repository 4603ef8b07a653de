"""How much data does it take: one model trained on growing parts of a pool, all measured on the same held-out rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from curate.progress import Progress, silent
from curate.text.normal import normal
from schemas.record import Conversation, dumps
from train.analysis.paired import FULL
from train.lora.masking import EncodedRows, TrainingExample, encode
from train.lora.trainer import LoraSettings
from train.study import results as files
from train.study.arms import Order
from train.study.compute import Compute, amount
from train.study.extras import ExtraMetrics, check
from train.study.measuring import FORWARD, HeldOut, RunResult, Run, Setup
from train.study.plain_text import forgetting_set


@dataclass(frozen=True)
class Study:
    """An ablation that is ready to run.

    Attributes:
        keys: for each run the name that all its inputs give it.
    """

    runs: list[Run]
    setup: Setup
    keys: dict[Run, str]

    def left(self, done: Mapping[str, Any]) -> list[Run]:
        """Runs that are still to be done.

        Args:
            done: by key.
        """
        return [r for r in self.runs if self.keys[r] not in done]

    def cost(self, r: Run) -> float:
        """Work of a run in tokens of training."""
        trained, measured = self.setup.work(r)
        return trained + measured * FORWARD


def overlap(pool: Sequence[Conversation], heldout: Sequence[Conversation]) -> set[int]:
    """Positions in the pool of rows that ask what a held-out row asks, white space and case aside."""
    asked = {normal(conversation.prompt()) for conversation in heldout}
    return {i for i, conversation in enumerate(pool) if normal(conversation.prompt()) in asked}


def prepare(
    pool: Sequence[Conversation],
    heldout: Mapping[str, Sequence[Conversation]],
    arms: Mapping[str, Order],
    sizes: Sequence[int],
    seeds: Sequence[int],
    tokenizer: Any,
    model: tuple[str, str],
    settings: LoraSettings,
    template: str = "auto",
    max_length: int = 512,
    compute: str = "epochs",
    of: int | None = None,
    extras: ExtraMetrics | None = None,
    forgetting: str | None = None,
) -> Study:
    """Tokenise everything once and lay out the runs: every arm at every size with every seed, and the base model.

    Pool rows whose prompt is in a held-out set are taken out of every order, and those that the template cannot write.

    Args:
        heldout: sets by name.
        arms: for each the order of pool positions by seed; size n is its first n, so that sizes are nested. The arm
            `full` has one size, all that it orders.
        model: its name and precision.
        compute: what is fixed and how much of it, see `train.study.compute`; by the epochs on the largest size if None.
        of: see `compute`.
        forgetting: a file of text that the pool is not about.

    Raises:
        CurateError: for an empty held-out set, or a size that an arm does not have.
    """
    extras = extras or ExtraMetrics()
    check(extras)
    if not heldout or not all(heldout.values()):
        raise CurateError("the held-out set is empty; give --heldout FILE with valid rows")
    barred = set().union(*(overlap(pool, rows) for rows in heldout.values()))
    orders = {
        (arm, seed): [i for i in map(int, order(seed)) if i not in barred]
        for arm, order in arms.items()
        for seed in seeds
    }
    needed = {name: len(order) if name[0] == FULL else max(sizes) for name, order in orders.items()}
    examples = _examples(pool, orders, needed, lambda rows: encode(rows, tokenizer, template, max_length))
    orders = {name: [i for i in order if i in examples] for name, order in orders.items()}
    runs = [Run("base", 0, 0)]
    for seed in seeds:
        for size in sizes:
            runs += [Run(arm, size, seed) for arm in arms if arm != FULL]
        if FULL in arms:
            runs.append(Run(FULL, len(orders[FULL, seed]), seed))
    _fits(runs, orders)
    measured = [_heldout(name, rows, tokenizer, template, max_length) for name, rows in heldout.items()]
    if forgetting:
        measured.append(forgetting_set(forgetting, tokenizer, template, max_length))
    largest = max(runs, key=lambda r: r.size)
    rows = [examples[i] for i in orders[largest.arm, largest.seed][: largest.size]]
    chosen = Compute(compute, amount(compute, rows, settings) if of is None else of)
    setup = Setup(examples, orders, measured, settings, chosen, extras, template)
    return Study(runs, setup, _keys(runs, pool, setup, model, max_length))


def run(
    study: Study,
    loaded: LanguageModel,
    out: Path,
    progress: Progress = silent,
    processes: int = 1,
    threads: int = 1,
    load: Callable[[], LanguageModel] | None = None,
    adapted: Any = None,
) -> list[dict[str, Any]]:
    """Do the runs that are not done, and give the results of all, run by run and held-out set by held-out set.

    Args:
        out: folder for results.parquet, written anew after each run, whole or not at all; runs that it has are not done
            again. The results are the same for any number of processes, since every run is computed by `threads`
            threads.
        load: gives each of several processes its model; it must be possible to pickle it.
        adapted: the model with its adapters, where `lora.attach` was called already; it must not be called twice.
    """
    from train.study.processes import work

    path = out / files.NAME
    out.mkdir(parents=True, exist_ok=True)
    done: dict[str, list[dict[str, Any]]] = {}
    for row in files.read(path) if path.exists() else []:
        done.setdefault(row["key"], []).append(row)
    left = study.left(done)
    total = sum(map(study.cost, study.runs))
    spent = shown = total - sum(map(study.cost, left))

    def finished(r: Run, measured: RunResult) -> None:
        nonlocal spent
        done[study.keys[r]] = measured.rows
        files.write(_all(study, done), path)
        trained, tested = study.setup.work(r)
        times: dict[str, float] = {
            "train_tokens": trained,
            "measure_tokens": tested,
            "threads": threads,
            "processes": processes,
        }
        times |= {"train_seconds": measured.train_seconds, "measure_seconds": measured.measure_seconds}
        files.note_time(out / files.TIMES, {"key": study.keys[r], **asdict(r), **times})
        spent += study.cost(r)
        progress(f"{r.name}: held-out loss {measured.rows[0]['heldout_loss']:.4f}", max(shown, spent), total)

    def going(what: str, extra: float) -> None:
        nonlocal shown
        # A run that has just ended may still be among those under way.
        shown = min(max(shown, spent + extra), total)
        progress(what, shown, total)

    work(study, left, loaded, adapted, processes, threads, load, finished, going)
    results = _all(study, done)
    if left or not path.exists():
        files.write(results, path)
    return results


def _examples(
    pool: Sequence[Conversation],
    orders: Mapping[tuple[str, int], Sequence[int]],
    needed: Mapping[tuple[str, int], int],
    encoded: Callable[[Sequence[Conversation]], EncodedRows],
) -> dict[int, TrainingExample]:
    """Tokens of the rows that runs train on, by position in the pool.

    A large pool is not tokenised for a few hundred rows of it: the first rows of each order are, and more where some of
    them cannot be trained on.
    """
    examples: dict[int, TrainingExample] = {}
    seen: set[int] = set()
    reach = dict(needed)
    none: CurateError | None = None
    while True:
        wanted = sorted({i for name, order in orders.items() for i in order[: reach[name]]} - seen)
        seen.update(wanted)
        try:
            found = encoded([pool[i] for i in wanted]).examples
        except CurateError as error:  # none of these; there may be others
            found, none = [], error
        examples |= {wanted[e.index]: replace(e, index=wanted[e.index]) for e in found}
        short = [
            name
            for name, order in orders.items()
            if reach[name] < len(order) and sum(i in examples for i in order[: reach[name]]) < needed[name]
        ]
        if not short and not examples and none:
            raise none
        if not short:
            return examples
        reach |= {name: 2 * reach[name] for name in short}


def _all(study: Study, done: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The results in the order of the design, each with every column, whether just made or read."""
    names = files.schema().names
    return [{n: row.get(n) for n in names} for r in study.runs for row in done.get(study.keys[r], [])]


def _fits(runs: Sequence[Run], orders: Mapping[tuple[str, int], Sequence[int]]) -> None:
    for r in runs:
        if r.size and r.size > len(orders[r.arm, r.seed]):
            raise CurateError(
                f"size {r.size:,} is more than the {len(orders[r.arm, r.seed]):,} rows of arm {r.arm!r} that can be "
                "trained on and are not held out; give smaller --sizes"
            )


def _heldout(name: str, rows: Sequence[Conversation], tokenizer: Any, template: str, max_length: int) -> HeldOut:
    encoded = encode(rows, tokenizer, template, max_length)
    return HeldOut(name, "heldout", encoded.examples, [rows[e.index] for e in encoded.examples])


def _keys(
    runs: Sequence[Run], pool: Sequence[Conversation], setup: Setup, model: tuple[str, str], max_length: int
) -> dict[Run, str]:
    """Names runs by all that their results depend on: rows, model and settings."""
    common = hashlib.blake2b(digest_size=16)
    common.update(repr((asdict(setup.settings), setup.extras, setup.template, max_length, model)).encode())
    for held in setup.heldout:
        common.update(repr((held.name, held.kind)).encode())
        for example in held.examples:
            common.update(example.ids.tobytes() + example.weights.tobytes())
        for conversation in held.conversations:
            common.update(dumps(conversation).encode("utf-8", "surrogatepass"))
    digests: dict[int, bytes] = {}
    out = {}
    for r in runs:
        own = common.copy()
        # The base model is the same whatever the runs are given.
        own.update(repr((r, setup.compute if r.size else None)).encode())
        for i in setup.orders[r.arm, r.seed][: r.size] if r.size else []:
            if i not in digests:
                digests[i] = hashlib.blake2b(dumps(pool[i]).encode("utf-8", "surrogatepass"), digest_size=16).digest()
            own.update(digests[i])
        out[r] = own.hexdigest()
    return out
