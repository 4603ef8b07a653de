"""`curate eval`"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from train.commands.options import PRECISION


@click.command(name="eval")
@click.argument("folder", metavar="MODEL")
@click.option("--data", multiple=True, required=True, metavar="FILE", help="Held-out rows; may be given again.")
@click.option("--template", help="How rows become text; what the model was trained with if not given.")
@click.option("--max-length", type=int, help="Longest row, in tokens; what it was trained with if not given.")
@click.option("--no-base", is_flag=True, help="Do not measure the model before training.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures, and the loss of every row, as JSON.")
@click.option("--quiet", is_flag=True, help="No progress.")
@PRECISION
def eval(
    folder: str, data: tuple[str, ...], no_base: bool, as_json: bool, quiet: bool, precision: str, **options: Any
) -> None:
    """Loss and perplexity of MODEL on held-out rows, in all and by category, beside the model before training.

    MODEL is a folder that `curate train` wrote, or any model.  Intervals hold 90% of resamplings of the rows.

    \b
    curate eval tuned --data heldout.jsonl
    curate eval smollm2-135m --data heldout.jsonl --json
    """
    from curate.errors import CurateError
    from curate.progress import progress_bar
    from curate.table import table
    from train.answers import chat, evaluation
    from train.lora import masking, trainer

    rows = table.read(list(data))
    valid = table.valid(rows)
    if not len(valid):
        raise CurateError(f"{', '.join(data)}: no valid row; see `curate validate`", 1)
    pool = table.records(rows, valid)
    tuned = chat.load(folder, precision)
    loaded = tuned.loaded
    encoded = masking.encode(
        pool, loaded.tokenizer, options["template"] or tuned.template, options["max_length"] or tuned.max_length
    )
    examples = encoded.examples
    both = tuned.adapted and not no_base
    with progress_bar(quiet or as_json) as progress:
        of = len(examples) * (1 + both)
        losses, weights = trainer.evaluate(
            loaded.model, loaded, examples, on_batch=lambda n: progress("measuring", n, of)
        )
        base = None
        if both:
            with tuned.off():
                base, _ = trainer.evaluate(
                    loaded.model,
                    loaded,
                    examples,
                    on_batch=lambda n: progress("measuring the base model", n + len(examples), of),
                )
    categories = [pool[example.index].category for example in examples]
    found = evaluation.by_category(losses, weights, base, categories, [example.trained for example in examples])
    if as_json:
        import json

        each = [
            {"position": e.index, "loss": float(x), "weight": float(w)}
            for e, x, w in zip(examples, losses, weights, strict=True)
        ]
        skipped = [asdict(dropped) for dropped in encoded.dropped]
        said = [{**asdict(m), "perplexity": m.perplexity} for m in found]
        click.echo(json.dumps({"measured": said, "rows": each, "skipped": skipped}, ensure_ascii=False))
        return
    _print(found)
    for dropped in encoded.dropped:
        place = rows.slice(int(valid[dropped.index]), 1).select(["file", "row"]).to_pylist()[0]
        click.echo(f"not measured, {place['file']} row {place['row']}: {dropped.reason}", err=True)


def _print(found: list[Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    compared = found[0].base is not None
    out = Table(
        title="held-out loss in nats a learnt token, intervals over rows, perplexity (ppl)",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    out.add_column("", overflow="ellipsis", no_wrap=True, max_width=18)
    for name in ("rows", "loss", "90%", "ppl", *(("base", "gain", "90%") if compared else ())):
        out.add_column(name, justify="right", no_wrap=True)
    for m in found:
        cells = [m.name, f"{m.rows:,}", f"{m.loss:.3f}", f"{m.low:.2f}..{m.high:.2f}"]
        cells.append(f"{m.perplexity:,.2f}")
        if compared:
            cells += [f"{m.base:.3f}", f"{m.gain:+.3f}", f"{m.gain_low:+.2f}..{m.gain_high:+.2f}"]
        out.add_row(*cells)
    console = Console(highlight=False)
    console.print(out, width=max(console.width, 82))
