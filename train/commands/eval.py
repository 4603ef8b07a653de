"""`curate eval` (train): Measure loss and perplexity of a model on held-out rows."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from curate.commands.options import format_option, json_option, print_note, quiet_option
from train.commands.options import precision_option, require_training

if TYPE_CHECKING:
    from curate.models.masking import DroppedRow
    from train.answers.evaluation import CategoryLoss


@click.command(name="eval")
@click.argument("folder", metavar="MODEL")
@click.option("--data", multiple=True, required=True, metavar="FILE", help="Held-out rows; may be given several times.")
@click.option("--template", help="How rows become text; what the model was trained with if not given.")
@click.option("--max-length", type=int, help="Longest row, in tokens; what it was trained with if not given.")
@click.option("--no-base", is_flag=True, help="Do not measure the model before training.")
@format_option
@json_option
@quiet_option
@precision_option
def evaluate(
    folder: str,
    data: tuple[str, ...],
    template: str | None,
    max_length: int | None,
    no_base: bool,
    format_name: str | None,
    as_json: bool,
    quiet: bool,
    precision: str,
) -> None:
    """Loss and perplexity of MODEL on held-out rows, in all and by category, beside the model before training.

    MODEL is a folder that `curate train` wrote, or any model.  Intervals hold 90% of resamplings of the rows.

    \b
    curate eval tuned --data heldout.jsonl
    curate eval smollm2-135m --data heldout.jsonl --json
    """
    require_training("eval")
    from curate.errors import CurateError
    from curate.models import masking
    from curate.progress import progress_bar
    from curate.table import table
    from train.answers import chat, evaluation
    from train.lora import trainer

    rows = table.read(list(data), format_name)
    valid = table.valid(rows)
    if not len(valid):
        raise CurateError(f"{', '.join(data)}: no valid row; see `curate validate`", 1)
    tuned = chat.load(folder, precision)
    lm = tuned.lm
    pool = table.records(rows, valid, tuned.reasoning)
    encoded = masking.encode(pool, lm.tokenizer, template or tuned.template, max_length or tuned.max_length)
    examples, base = encoded.examples, None
    with_base = tuned.adapted and not no_base
    total = len(examples) * (1 + with_base)
    with progress_bar(quiet or as_json) as progress:
        losses, weights = trainer.evaluate(lm, examples, on_batch=lambda n: progress("measuring", n, total))
        if with_base:
            with tuned.base_model():
                base, _ = trainer.evaluate(
                    lm, examples, on_batch=lambda n: progress("measuring the base model", n + len(examples), total)
                )
    categories = [pool[example.index].category for example in examples]
    category_losses = evaluation.by_category(
        losses, weights, base, categories, [example.trained for example in examples]
    )
    if as_json:
        row_losses = [
            {"position": e.index, "loss": float(x), "weight": float(w)}
            for e, x, w in zip(examples, losses, weights, strict=True)
        ]
        _print_json(category_losses, row_losses, encoded.dropped)
        return
    _print(category_losses)
    for dropped in encoded.dropped:
        place = rows.slice(int(valid[dropped.index]), 1).select(["file", "row"]).to_pylist()[0]
        print_note(f"not measured, {place['file']} row {place['row']}: {dropped.reason}")


def _print_json(
    category_losses: list[CategoryLoss], row_losses: list[dict[str, Any]], dropped: list[DroppedRow]
) -> None:
    figures = [{**asdict(m), "perplexity": m.perplexity} for m in category_losses]
    skipped = [asdict(row) for row in dropped]
    click.echo(json.dumps({"measured": figures, "rows": row_losses, "skipped": skipped}, ensure_ascii=False))


def _print(category_losses: list[CategoryLoss]) -> None:
    from rich.console import Console
    from rich.table import Table

    compared = category_losses[0].base is not None
    out = Table(
        title="held-out loss in nats a trained token, intervals over rows, perplexity (ppl)",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    out.add_column("", overflow="ellipsis", no_wrap=True, max_width=18)
    for name in ("rows", "loss", "90%", "ppl", *(("base", "gain", "90%") if compared else ())):
        out.add_column(name, justify="right", no_wrap=True)
    for m in category_losses:
        cells = [m.name, f"{m.rows:,}", f"{m.loss:.3f}", f"{m.low:.2f}..{m.high:.2f}"]
        cells.append(f"{m.perplexity:,.2f}")
        if compared:
            cells += [f"{m.base:.3f}", f"{m.gain:+.3f}", f"{m.gain_low:+.2f}..{m.gain_high:+.2f}"]
        out.add_row(*cells)
    console = Console(highlight=False)
    console.print(out, width=max(console.width, 82))
