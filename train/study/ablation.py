"""How much data does it take: one model trained on growing parts of a pool, all measured on the same held-out rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from curate.models.masking import EncodedRows, TrainingExample, encode
from curate.progress import Progress, silent
from curate.text.counted import counted
from curate.text.normal import normal
from schemas.record import Conversation, dumps
from train.analysis.arm_names import FULL
from train.lora.settings import LoraSettings
from train.study import results as files
from train.study.arms import Order
from train.study.compute import Compute, amount
from train.study.extra_metrics import ExtraMetrics, check
from train.study.measuring import FORWARD, HeldOut, Run, RunResult, Setup
from train.study.plain_text import forgetting_set
from train.study.processes import Resources, work


@dataclass(frozen=True)
class Design:
    """What an ablation varies and what it keeps the same.

    Attributes:
        arms: for each the order of pool positions by seed; size n is its first n, so that sizes are nested. The arm
            `full` has one size, all that it orders.
        sizes: numbers of rows.
        seeds: of orders and adapters.
        settings: of training.
        template: how a conversation becomes text.
        max_length: longest row, in tokens.
        compute: what is the same in every run, see `train.study.compute`.
        amount: how much of it; what the epochs give the largest size if None.
        extras: measures beyond the loss.
        forgetting: path of a text that the pool is not about; None without.
    """

    arms: Mapping[str, Order]
    sizes: Sequence[int]
    seeds: Sequence[int]
    settings: LoraSettings
    template: str = "auto"
    max_length: int = 512
    compute: str = "epochs"
    amount: int | None = None
    extras: ExtraMetrics = field(default_factory=ExtraMetrics)
    forgetting: str | None = None


@dataclass(frozen=True)
class Study:
    """An ablation that is ready to run.

    Attributes:
        runs: in the order of the design, the base model first.
        setup: what they share.
        keys: for each run the name that all its inputs give it.
    """

    runs: list[Run]
    setup: Setup
    keys: dict[Run, str]

    def remaining(self, finished_keys: Collection[str]) -> list[Run]:
        """Runs that are still to be done.

        Args:
            finished_keys: keys of the others.
        """
        return [r for r in self.runs if self.keys[r] not in finished_keys]

    def cost(self, r: Run) -> float:
        """Work of a run in tokens of training."""
        train_tokens, measure_tokens = self.setup.work(r)
        return train_tokens + measure_tokens * FORWARD

    def trained_positions(self) -> list[int]:
        """Positions in the pool of the rows that any run trains on, in order."""
        return sorted({i for r in self.runs for i in self.setup.positions(r)})


def overlap(pool: Sequence[Conversation], heldout: Sequence[Conversation]) -> set[int]:
    """Positions in the pool of rows with the prompt of a held-out row, white space and case aside."""
    prompts = {normal(conversation.prompt()) for conversation in heldout}
    return {i for i, conversation in enumerate(pool) if normal(conversation.prompt()) in prompts}


def prepare(
    pool: Sequence[Conversation],
    heldout: Mapping[str, Sequence[Conversation]],
    design: Design,
    lm: LanguageModel,
) -> Study:
    """Tokenise everything once and lay out the runs: every arm at every size with every seed, and the base model.

    Pool rows whose prompt is in a held-out set are taken out of every order, and those that the template cannot write.

    Args:
        pool: the rows that the arms order.
        heldout: sets by name.
        design: arms, sizes, seeds and settings.
        lm: whose tokenizer is used; its name and precision are part of the keys.

    Raises:
        CurateError: for an empty held-out set, or a size that an arm does not have.
    """
    check(design.extras)
    if not heldout or not all(heldout.values()):
        raise CurateError("the held-out set is empty; give --heldout FILE with valid rows")
    barred = set().union(*(overlap(pool, rows) for rows in heldout.values()))
    orders = {
        (arm, seed): [i for i in map(int, order(seed)) if i not in barred]
        for arm, order in design.arms.items()
        for seed in design.seeds
    }

    def encoded(rows: Sequence[Conversation]) -> EncodedRows:
        return encode(rows, lm.tokenizer, design.template, design.max_length)

    needed = {name: len(order) if name[0] == FULL else max(design.sizes) for name, order in orders.items()}
    examples = _examples(pool, orders, needed, encoded)
    orders = {name: [i for i in order if i in examples] for name, order in orders.items()}
    runs = list(_runs(design, orders))
    _check_sizes(runs, orders)
    sets = [_heldout_set(name, rows, encoded(rows)) for name, rows in heldout.items()]
    if design.forgetting:
        sets.append(forgetting_set(design.forgetting, lm.tokenizer, design.template, design.max_length))
    largest = max(runs, key=lambda r: r.size)
    rows = [examples[i] for i in orders[largest.arm, largest.seed][: largest.size]]
    quantity = amount(design.compute, rows, design.settings) if design.amount is None else design.amount
    compute = Compute(design.compute, quantity)
    setup = Setup(examples, orders, sets, design.settings, compute, design.extras, design.template)
    return Study(runs, setup, _keys(runs, pool, setup, (lm.name, lm.precision), design.max_length))


def run(
    study: Study,
    lm: LanguageModel,
    out: Path,
    progress: Progress = silent,
    resources: Resources | None = None,
) -> list[dict[str, Any]]:
    """Do the runs that are not done, and give the results of all, run by run and held-out set by held-out set.

    Args:
        study: the runs.
        lm: the model with adapters.
        out: folder for results.parquet, written anew after each run, whole or not at all; runs that it has are not done
            again.
        progress: called with what is going on.
        resources: processes and threads; one of each if None. The results are the same for any number of processes,
            since every run is computed by as many threads.
    """
    resources = resources or Resources()
    path = out / files.NAME
    out.mkdir(parents=True, exist_ok=True)
    results_by_key: dict[str, list[dict[str, Any]]] = {}
    for row in files.read(path) if path.exists() else []:
        results_by_key.setdefault(row["key"], []).append(row)
    remaining = study.remaining(results_by_key)
    total = sum(map(study.cost, study.runs))
    work_done = work_shown = total - sum(map(study.cost, remaining))

    def on_result(r: Run, result: RunResult) -> None:
        nonlocal work_done
        results_by_key[study.keys[r]] = result.rows
        files.write(_all_rows(study, results_by_key), path)
        files.append_time(out / files.TIMES, _times(study, r, result, resources))
        work_done += study.cost(r)
        progress(f"{r.name}: held-out loss {result.rows[0]['heldout_loss']:.4f}", max(work_shown, work_done), total)

    def on_work(what: str, extra: float) -> None:
        nonlocal work_shown
        # A run that has just ended may still be among those under way.
        work_shown = min(max(work_shown, work_done + extra), total)
        progress(what, work_shown, total)

    work(study, remaining, lm, resources, on_result, on_work)
    results = _all_rows(study, results_by_key)
    if remaining or not path.exists():
        files.write(results, path)
    return results


def _times(study: Study, r: Run, result: RunResult, resources: Resources) -> dict[str, Any]:
    train_tokens, measure_tokens = study.setup.work(r)
    return {
        "key": study.keys[r],
        **asdict(r),
        "train_tokens": train_tokens,
        "measure_tokens": measure_tokens,
        "threads": resources.threads,
        "processes": resources.processes,
        "train_seconds": result.train_seconds,
        "measure_seconds": result.measure_seconds,
    }


def _runs(design: Design, orders: Mapping[tuple[str, int], Sequence[int]]) -> Iterator[Run]:
    yield Run("base", 0, 0)
    for seed in design.seeds:
        for size in design.sizes:
            yield from (Run(arm, size, seed) for arm in design.arms if arm != FULL)
        if FULL in design.arms:
            yield Run(FULL, len(orders[FULL, seed]), seed)


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
    encoded_positions: set[int] = set()
    counts = dict(needed)
    failure: CurateError | None = None
    while True:
        positions = sorted({i for name, order in orders.items() for i in order[: counts[name]]} - encoded_positions)
        encoded_positions.update(positions)
        try:
            new_examples = encoded([pool[i] for i in positions]).examples
        except CurateError as error:  # none of these; there may be others
            new_examples, failure = [], error
        examples |= {positions[e.index]: replace(e, index=positions[e.index]) for e in new_examples}
        incomplete = [
            name
            for name, order in orders.items()
            if counts[name] < len(order) and sum(i in examples for i in order[: counts[name]]) < needed[name]
        ]
        if not incomplete and not examples and failure:
            raise failure
        if not incomplete:
            return examples
        counts |= {name: 2 * counts[name] for name in incomplete}


def _all_rows(study: Study, results_by_key: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The results in the order of the design, each with every column, whether new or read."""
    names = files.schema().names
    return [{n: row.get(n) for n in names} for r in study.runs for row in results_by_key.get(study.keys[r], [])]


def _check_sizes(runs: Sequence[Run], orders: Mapping[tuple[str, int], Sequence[int]]) -> None:
    for r in runs:
        if r.size and r.size > len(orders[r.arm, r.seed]):
            raise CurateError(
                f"size {r.size:,} is more than the {counted(len(orders[r.arm, r.seed]), 'row')} of arm "
                f"{r.arm!r} that can "
                "be trained on and are not held out; give smaller --sizes"
            )


def _heldout_set(name: str, rows: Sequence[Conversation], encoded: EncodedRows) -> HeldOut:
    return HeldOut(name, "heldout", encoded.examples, [rows[e.index] for e in encoded.examples])


def _keys(
    runs: Sequence[Run], pool: Sequence[Conversation], setup: Setup, model: tuple[str, str], max_length: int
) -> dict[Run, str]:
    """Names of runs by all that their results depend on: rows, model and settings."""
    common = hashlib.blake2b(digest_size=16)
    extras = setup.extras
    # Written out, so that the keys of earlier studies hold whatever classes are called.
    metrics = f"Extras(generate={extras.generate}, new_tokens={extras.new_tokens}, accuracy={extras.accuracy})"
    common.update(f"({asdict(setup.settings)!r}, {metrics}, {setup.template!r}, {max_length!r}, {model!r})".encode())
    for heldout_set in setup.heldout:
        common.update(repr((heldout_set.name, heldout_set.kind)).encode())
        for example in heldout_set.examples:
            common.update(example.ids.tobytes() + example.weights.tobytes())
        for conversation in heldout_set.conversations:
            common.update(dumps(conversation).encode("utf-8", "surrogatepass"))
    digests: dict[int, bytes] = {}
    keys = {}
    for r in runs:
        key = common.copy()
        # The base model is the same whatever the runs are trained with.
        key.update(repr((r, setup.compute if r.size else None)).encode())
        for i in setup.positions(r):
            if i not in digests:
                digests[i] = hashlib.blake2b(dumps(pool[i]).encode("utf-8", "surrogatepass"), digest_size=16).digest()
            key.update(digests[i])
        keys[r] = key.hexdigest()
    return keys
