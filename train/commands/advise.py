"""`curate advise` (train): Say how many rows a model of this size is commonly given."""

from __future__ import annotations

import click

from curate.commands.options import format_option, json_option


@click.command()
@click.option("--model-params", required=True, metavar="N", help="Parameters of the model, as 135M, 7B or 70B.")
@click.option("--data", multiple=True, metavar="FILE", help="The rows at hand; may be given several times.")
@click.option("--study", metavar="DIR", help="The folder of a `curate ablate`, whose curve is compared.")
@format_option
@json_option
def advise(model_params: str, data: tuple[str, ...], study: str | None, format_name: str | None, as_json: bool) -> None:
    """Say how many rows a model of this size is commonly given, by whom that was found, and what your own curve says.

    \b
    curate advise --model-params 7B
    curate advise --model-params 135M --data pool.jsonl --study study
    """
    from train.study import advice

    size = advice.parameters(model_params)
    rows = None
    if data:
        from curate.dedup import exact
        from curate.table import table
        from curate.table.counting import rows_that_count

        rows = len(rows_that_count(exact.mark(table.read(data, format_name)), "unique"))
    result = advice.advise(size, rows, advice.read_study(study) if study else None)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(result)).decode())
        return
    for line in result.sentences:
        click.echo(line)
    click.echo("\nWhat is published, the nearest sizes first:")
    for source in result.sources:
        sizes = advice.size_text(source.smallest)
        if source.largest != source.smallest:
            sizes += f" to {advice.size_text(source.largest)}"
        click.echo(f"  {click.style(source.name, bold=True)}, {sizes}: {source.finding} ({source.reference})")
