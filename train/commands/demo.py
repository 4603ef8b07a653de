"""`curate demo` (train): Go the whole way on the sample data, to a measured curve."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from curate.commands.options import embedder_option, quiet_option
from curate.text.counted import counted
from train.commands.options import model_option, require_training
from train.commands.study import Dialogue, run
from train.lora.options import LoraOptions
from train.study.options import StudyOptions

SUBSET = 300
HELDOUT = 56
NEAR = 0.7


def study_options(model: str) -> StudyOptions:
    """The options of the demo's ablation, which takes a few minutes."""
    lora = LoraOptions(model=model, epochs=1, batch_size=4, lr=2e-3, max_length=256)
    return StudyOptions(sizes="10,40,80,160", arms="random,selected", seeds=2, lora=lora)


@click.command()
@click.option(
    "--out", default="demo-out", show_default=True, type=click.Path(file_okay=False), help="The folder for the results."
)
@model_option
@embedder_option
@quiet_option
def demo(out: str, model: str, embedder: str, quiet: bool) -> None:
    """The whole way on the sample data: read, deduplicate, select, train at several sizes, draw the curve."""
    require_training("demo")
    from curate.dedup.mark import mark
    from curate.dedup.options import Dedup
    from curate.sample_data_folder import sample_data
    from curate.score.faults.counts import count_faults
    from curate.select import selection as select
    from curate.select.options import plain
    from curate.table import ledger, subset, table
    from curate.table.counting import rows_that_count
    from schemas.registry import FORMATS
    from train.study.data import separated_data

    def report(text: str) -> None:
        if not quiet:
            click.echo(text)

    options = study_options(model)

    folder = sample_data()
    files = sorted(
        p for p in folder.iterdir() if p.suffix in (".json", ".jsonl") and p.stem not in ("MANIFEST", "heldout")
    )
    rows = table.read(files)
    report(
        f"read {counted(rows.num_rows, 'row')} of {len(rows['format'].unique().drop_null())} formats "
        f"from {counted(len(files), 'file')}"
    )
    bad = rows.num_rows - len(table.valid(rows))
    report(
        f"rejected {bad} of them, each with its reason, as: {ledger.fate(rows, rows['record'].to_pylist().index(None))}"
    )
    rows = mark(rows, Dedup(near=NEAR), count_faults=count_faults).table
    methods = rows["duplicate_method"].to_pylist()
    report(
        f"dropped {methods.count('exact')} exact and {methods.count('near')} near-duplicates (Jaccard from {NEAR} on)"
    )
    selection = select.choose(rows, plain(size=SUBSET, balance="category"), embedder=embedder)
    report("\n".join(selection.notes))
    ranked = ledger.with_rank(rows, selection.order)
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    subset.write(ranked, selection.order, str(target / "subset.jsonl"), FORMATS["sft"])
    table.write(ranked, target / "ledger.parquet")
    categories = ranked["category"].take(selection.order).value_counts().to_pylist()
    counts = ", ".join(f"{c['counts']} {c['values'] or 'without one'}" for c in categories)
    report(f"selected {counted(len(selection.order), 'row')}, balanced by category: {counts}")

    heldout_rows = table.read([folder / "heldout.jsonl"])
    positions = select.order(heldout_rows, plain(method="random", size=HELDOUT, balance="category"))
    data = separated_data(
        ranked.take(rows_that_count(ranked, "unique")), {"heldout": heldout_rows.take(positions)}, options
    )
    sizes = options.sizes.replace(",", ", ")
    report(f"training {model} on {sizes} rows of each arm with {options.seeds} seeds")
    command = shlex.join(["curate", "demo", "--model", model, "--embedder", embedder, "--out", out])
    run(data, out, options, command, Dialogue(quiet=quiet, yes=True))
    report(f"subset: {target / 'subset.jsonl'}\nledger: {target / 'ledger.parquet'}")
