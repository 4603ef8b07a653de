"""How much data does it take: one model trained on growing parts of a pool, all measured on the same held-out rows."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curate.dedup.exact import normal
from curate.errors import CurateError
from curate.io import atomic
from curate.models import Loaded
from schemas.record import Conversation, dumps
from train.lora import LoraSettings, attach, evaluate, reset, train
from train.masking import Example, encode

Order = Callable[[int], Sequence[int]]
Tell = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Run:
    """One training run: so many rows of an arm, with a seed; size 0 is the base model, measured once."""

    arm: str
    size: int
    seed: int


def overlap(pool: Sequence[Conversation], heldout: Sequence[Conversation]) -> set[int]:
    """Positions in the pool of rows that ask what a held-out row asks, white space and case aside."""
    asked = {normal(conversation.prompt()) for conversation in heldout}
    return {i for i, conversation in enumerate(pool) if normal(conversation.prompt()) in asked}


def run(
    pool: Sequence[Conversation],
    heldout: Sequence[Conversation],
    arms: Mapping[str, Order],
    sizes: Sequence[int],
    seeds: Sequence[int],
    loaded: Loaded,
    out: Path,
    settings: LoraSettings,
    template: str = "auto",
    max_length: int = 512,
    tell: Tell = lambda what, done, of: None,
) -> list[dict[str, Any]]:
    """Train and measure every arm at every size with every seed; gives one result a run.

    arms: for each arm the order of pool positions by seed; size n is its first n, so that sizes are nested.
    out: folder for results.parquet, written anew after each run; runs that it has, made with the same data and
    settings, are not done again.
    Pool rows whose prompt is in the held-out set are taken out of every order first.
    Raises CurateError for an empty held-out set, or a size that the pool does not have.
    """
    barred = overlap(pool, heldout)
    orders = {
        (arm, seed): [i for i in map(int, order(seed)) if i not in barred]
        for arm, order in arms.items()
        for seed in seeds
    }
    tokens = encode(pool, loaded.tokenizer, template, max_length)
    examples = {example.index: example for example in tokens.examples}
    orders = {name: [i for i in order if i in examples] for name, order in orders.items()}
    shortest = min(orders, key=lambda name: len(orders[name]))
    if max(sizes) > len(orders[shortest]):
        raise CurateError(
            f"size {max(sizes):,} is more than the {len(orders[shortest]):,} rows of arm {shortest[0]!r} that can be "
            "trained on and are not held out; give smaller --sizes"
        )
    if not heldout:
        raise CurateError("the held-out set is empty; give --heldout FILE with valid rows")
    measured = encode(heldout, loaded.tokenizer, template, max_length)
    categories = [heldout[example.index].category or "(none)" for example in measured.examples]
    runs = [Run("base", 0, 0)] + [Run(arm, size, seed) for seed in seeds for size in sizes for arm in arms]
    key_of = {
        r: _hash(r, pool, orders, measured.examples, heldout, loaded, settings, template, max_length) for r in runs
    }
    path = out / "results.parquet"
    done = {row["key"]: row for row in read_results(path)} if path.exists() else {}
    results = [done[key_of[r]] for r in runs if key_of[r] in done]
    # Work is counted in rows seen in training; measuring costs about a third of training on as many rows.
    cost = {r: r.size * settings.epochs + len(measured.examples) / 3 for r in runs}
    total, spent = sum(cost.values()), sum(cost[r] for r in runs if key_of[r] in done)
    model = attach(loaded, settings)
    for r in runs:
        if key_of[r] in done:
            continue
        name = "base model" if r.size == 0 else f"{r.arm}, {r.size:,} rows, seed {r.seed}"
        row = [] if r.size == 0 else [examples[i] for i in orders[r.arm, r.seed][: r.size]]
        each = LoraSettings(**{**asdict(settings), "seed": r.seed})

        def on_step(step: int, steps: int, loss: float, r: Run = r, name: str = name, spent: float = spent) -> None:
            tell(f"{name}: loss {loss:.3f}", spent + r.size * settings.epochs * step / steps, total)

        def on_batch(rows: int, r: Run = r, name: str = name, spent: float = spent) -> None:
            tell(f"{name}: measuring, {rows:,} rows", spent + r.size * settings.epochs + rows / 3, total)

        results.append(
            {
                "key": key_of[r],
                **_measure(model, loaded, r, row, measured.examples, categories, each, on_step, on_batch),
            }
        )
        write_results(results, path)
        spent += cost[r]
        tell(f"{name}: held-out loss {results[-1]['heldout_loss']:.4f}", spent, total)
    return results


def _measure(
    model: Any,
    loaded: Loaded,
    r: Run,
    examples: Sequence[Example],
    heldout: Sequence[Example],
    categories: Sequence[str],
    settings: LoraSettings,
    on_step: Callable[[int, int, float], None],
    on_batch: Callable[[int], None],
) -> dict[str, Any]:
    reset(model, r.seed)
    trained = train(model, loaded, examples, settings, on_step) if examples else None
    losses, weights = evaluate(model, loaded, heldout, on_batch=on_batch)
    loss = float(losses.sum() / weights.sum())
    names = np.array(categories)
    by_category = {n: float(losses[names == n].sum() / weights[names == n].sum()) for n in sorted(set(categories))}
    return {
        "arm": r.arm,
        "size": r.size,
        "seed": r.seed,
        "epochs": settings.epochs if trained else 0,
        "steps": trained.steps if trained else 0,
        "trained_tokens": trained.trained_tokens if trained else 0,
        "train_loss": float(np.mean(trained.losses[-5:])) if trained else None,
        "heldout_loss": loss,
        "heldout_perplexity": math.exp(min(loss, 50)),
        "heldout_by_category": json.dumps(by_category, ensure_ascii=False),
        "heldout_rows": losses.tolist(),
        "heldout_weights": weights.tolist(),
        "seconds": trained.seconds if trained else 0.0,
    }


def read_results(path: Path) -> list[dict[str, Any]]:
    """The results of the runs done so far."""
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


def write_results(results: Sequence[dict[str, Any]], path: Path) -> None:
    """Write all results as Parquet, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        pq.write_table(pa.Table.from_pylist(list(results)), file)


def _hash(
    r: Run,
    pool: Sequence[Conversation],
    orders: Mapping[tuple[str, int], Sequence[int]],
    measured: Sequence[Example],
    heldout: Sequence[Conversation],
    loaded: Loaded,
    settings: LoraSettings,
    template: str,
    max_length: int,
) -> str:
    """Names a run by all that its result depends on: rows, model and settings."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((asdict(r), asdict(settings), loaded.name, loaded.precision, template, max_length)).encode())
    for i in orders[r.arm, r.seed][: r.size] if r.size else []:
        digest.update(dumps(pool[i]).encode("utf-8", "surrogatepass"))
    for example in measured:
        digest.update(dumps(heldout[example.index]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
