"""`curate demo`: raw sample_data to a measured curve, with real models, in a few minutes."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

SIZES = [10, 40, 80, 160]
SEEDS = 2
SUBSET = 300
HELDOUT = 56
NEAR = 0.7
OPTIONS: dict[str, Any] = {
    "template": "auto",
    "epochs": 1,
    "batch_size": 4,
    "lr": 2e-3,
    "rank": 8,
    "max_length": 256,
    "seeds": SEEDS,
    "compute": "epochs",
    "amount": None,
    "generate": 0,
    "new_tokens": 128,
    "accuracy": False,
    "forgetting": None,
    "budget": None,
    "processes": None,
    "threads": 1,
    "only_plan": False,
    "yes": True,
    "judge_url": None,
    "as_json": False,
}


@click.command()
@click.option(
    "--out", default="demo-out", show_default=True, type=click.Path(file_okay=False), help="Where it all goes."
)
@click.option(
    "--model",
    default="smollm2-135m",
    show_default=True,
    help="A hub id, a folder, a .gguf file, or the packaged smollm2-135m.",
)
@click.option("--embedder", default="auto", show_default=True, help="auto, minilm, tfidf, or any hub id or folder.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def demo(out: str, model: str, embedder: str, quiet: bool) -> None:
    """The whole way on the sample data: read, deduplicate, select, train at several sizes, draw the curve."""
    from curate.dedup import mark
    from curate.sample_data_folder import sample_data
    from curate.select import selection as select
    from curate.table import ledger, subset, table
    from schemas.registry import FORMATS
    from train.commands import study
    from train.study import arms, heldout

    def say(text: str) -> None:
        if not quiet:
            click.echo(text)

    folder = sample_data()
    files = sorted(
        p for p in folder.iterdir() if p.suffix in (".json", ".jsonl") and p.stem not in ("MANIFEST", "heldout")
    )
    rows = table.read(files)
    say(f"read {rows.num_rows:,} rows of {len(rows['format'].unique().drop_null())} formats from {len(files)} files")
    bad = rows.num_rows - len(table.valid(rows))
    say(
        f"rejected {bad} of them, each with its reason, as: {ledger.fate(rows, rows['record'].to_pylist().index(None))}"
    )
    rows = mark.mark(rows, near_at=NEAR).table
    methods = rows["duplicate_method"].to_pylist()
    say(
        f"set aside {methods.count('exact')} exact and {methods.count('near')} near-duplicates (Jaccard from {NEAR} on)"
    )
    selection = select.choose(rows, size=SUBSET, balance="category", embedder=embedder)
    say(selection.note)
    ranked = ledger.with_rank(rows, selection.order)
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    subset.write(ranked, selection.order, str(target / "subset.jsonl"), FORMATS["sft"])
    table.write(ranked, target / "ledger.parquet")
    shares = ranked["category"].take(selection.order).value_counts().to_pylist()
    said = ", ".join(f"{s['counts']} {s['values'] or 'without one'}" for s in shares)
    say(f"selected {len(selection.order)} rows, balanced by category: {said}")

    measured = table.read([folder / "heldout.jsonl"])
    held = select.order(measured, method="random", size=HELDOUT, balance="category")
    asked = ["random", "selected"]
    given = arms.pools(ranked.take(select.candidates(ranked)), asked)
    found = heldout.apart(given.rows, {"heldout": measured.take(held)})
    given = given.take(found.kept)
    say(f"training {model} on {', '.join(map(str, SIZES))} rows of each arm with {SEEDS} seeds")
    study.run(
        given.rows,
        found,
        arms.orders(given, asked, max(SIZES)),
        SIZES,
        out,
        {**OPTIONS, "model": model, "quiet": quiet},
        shlex.join(["curate", "demo", "--model", model, "--embedder", embedder, "--out", out]),
    )
    say(f"subset: {target / 'subset.jsonl'}\nledger: {target / 'ledger.parquet'}")
