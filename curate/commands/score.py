"""`curate score`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curate.commands.options import engine_options
from curate.engine.connect import check, connected

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.engine.rows import Rows


@click.command()
@click.argument("paths", nargs=-1, metavar="IN... OUT")
@click.option("--with", "wanted", default="lexical", show_default=True, help="Scores or groups of them, by commas.")
@click.option("--list", "listed", is_flag=True, help="List the scores: unit, which way is better, source.")
@click.option(
    "--combine",
    default="rank",
    show_default=True,
    help="How `score` is made of them: rank, rank:NAME,-NAME, product:NAME,NAME, deita, or none.",
)
@click.option("--by", default="category", show_default=True, help="Rank among rows of the same value of this column.")
@click.option("--explain", "row", metavar="ROW", help="Say what the scores of one row mean (12, or file.jsonl:12).")
@click.option("--model", default="smollm2-135m", show_default=True, help="Language model for ifd and perplexity.")
@click.option("--tokenizer", default="", help="Tokenizer for `tokens`; that of --model if not given.")
@click.option("--max-length", default=1024, show_default=True, help="Tokens of prompt and response that are read.")
@click.option("--embedder", default="auto", show_default=True, help="Embedder for relevance, as in select.")
@click.option("--reward", default="", metavar="MODEL", help="A classification or reward model: folder or hub id.")
@click.option("--words", default="", metavar="FILE", help="The words that `profanity` counts, one a line.")
@click.option("--judge-url", default="", metavar="URL", help="An OpenAI-compatible API, up to /v1.")
@click.option("--judge-model", default="", metavar="NAME", help="The model to ask there.")
@click.option(
    "--judge-key-from", default="OPENAI_API_KEY", show_default=True, help="Environment variable with the key."
)
@click.option("--concurrency", default=8, show_default=True, help="Requests to the judge at a time.")
@click.option("--per-minute", default=0, help="Most requests to the judge in a minute; 0 for no limit.")
@click.option("--price", default="", metavar="IN,OUT", help="Price of a million tokens in and out, for the estimate.")
@click.option("--estimate", is_flag=True, help="Say what the judge would be asked and cost, and stop.")
@click.option("--no-cache", is_flag=True, help="Ask models and judges again for what they have answered before.")
@click.option("--report", metavar="FILE.html", help="Write a page with histograms, categories and a map of the rows.")
@click.option("--map", default="pca", show_default=True, help="How the map is laid out: pca, or umap.")
@click.option("--png", metavar="FOLDER", help="Write the same pictures as PNG files.")
@click.option("--format", "name", help="The format of the input rows; found out if not given, `mixed` for any.")
@click.option("--to", help="The format to write; that of the input if not given.")
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def score(paths: tuple[str, ...], **given: object) -> None:
    """Score the rows of IN... and write them to OUT with their scores.

    OUT in .parquet is the table itself with a column for each score, every row in it, which select reads.  Any other
    OUT holds the valid rows in their format with the field `scores` beside the others; OUT.ledger.parquet has the
    table.

    \b
    curate score raw.jsonl scored.parquet
    curate score raw.jsonl scored.jsonl --with length,ifd
    curate score raw.jsonl scored.parquet --with lexical,ifd --combine rank:ifd,lexical_diversity
    curate score raw.jsonl scored.parquet --with complexity,quality --combine deita \\
        --judge-url http://localhost:8000/v1 --judge-model qwen --price 0.15,0.60 --estimate
    curate score scored.parquet --explain raw.jsonl:12
    """
    from curate.errors import CurateError

    if given["listed"]:
        _list()
        return
    explained, estimated = given["row"], given["estimate"]
    *sources, out = (*paths, None) if explained or estimated else paths or (None,)
    if not sources:
        raise CurateError(
            "score needs at least one input and an output: curate score IN... OUT, or IN... --explain ROW"
        )
    # What is said of a single row, or of what it would cost, is found here at once.
    if given["engine"] == "local" or explained or estimated:
        check(given["engine"], given["ray_address"])  # type: ignore[arg-type]
        _run(sources, out, given)  # type: ignore[arg-type]
        return
    with connected("ray", given["ray_address"]):  # type: ignore[arg-type]
        _run_on_ray(sources, out, given)  # type: ignore[arg-type]


def _run(sources: list[str], out: str | None, given: dict) -> None:
    from curate.progress import progress_bar
    from curate.score import score as scores
    from curate.score.combine import with_combined
    from curate.table import table

    pool = table.read(sources, given["name"])
    wanted = scores.names(given["wanted"])
    held = scores.of_table(pool)
    with progress_bar(given["quiet"]) as say:
        options = _options(given, say)
        judged = [name for name in wanted if scores.column(name).needs == "judge"]
        if judged and (given["estimate"] or not given["quiet"]):
            from curate.score import judge

            click.echo(judge.estimate(pool, wanted, options), err=not given["estimate"])
        if given["estimate"]:
            return
        # A row of a scored table is explained by the scores that it has.
        scored = pool if given["row"] and held and not _chosen("wanted") else scores.score(pool, wanted, options)
    if not (given["row"] and "score" in held and not _chosen("combine")):
        scored, _ = with_combined(scored, given["combine"], given["by"])
    if given["row"]:
        _explain(scored, given["row"])
        return
    assert out is not None
    _write(scored, out, given["to"])
    if given["report"] or given["png"]:
        _pictures(scored, given)
    _summary(scored, out, given)


def _run_on_ray(sources: list[str], out: str, given: dict) -> None:
    """As `_run`, with the texts on the cluster."""
    from curate.engine import write
    from curate.engine.ray_read import read
    from curate.progress import part, progress_bar
    from curate.score import on_ray
    from curate.score import score as scores
    from curate.score.beside import fields_of
    from curate.score.combine import with_combined
    from curate.table import subset
    from curate.table.table import valid

    wanted = scores.names(given["wanted"])
    with progress_bar(given["quiet"]) as say:
        rows: Rows = read(sources, given["name"], progress=part(say, 0, 0.4))
        options = _options(given, part(say, 0.4, 0.8))
        if any(scores.column(name).needs == "judge" for name in wanted) and not given["quiet"]:
            from curate.score import judge

            click.echo(judge.estimate(rows.table(), wanted, options), err=True)
        rows = on_ray.score(rows, wanted, options)
        rows = rows.with_thin(with_combined(rows.thin, given["combine"], given["by"])[0])
        if out.endswith(".parquet"):
            write.write_ledger(rows, out)
        else:
            to = subset.target(rows.thin, given["to"])
            write.write_subset(rows, valid(rows.thin), out, to, fields_of, part(say, 0.8, 1))
            if out != "-":
                write.write_ledger(rows, subset.ledger_path(out))
    if given["report"] or given["png"]:
        _pictures(rows.table(), given)
    _summary(rows.thin, out, given)


def _options(given: dict, say: object):  # type: ignore[no-untyped-def]
    import os

    from curate.errors import CurateError
    from curate.score.options import Judge, Options

    try:
        price_in, price_out = map(float, given["price"].split(",")) if given["price"] else (0.0, 0.0)
    except ValueError:
        raise CurateError(f"--price {given['price']!r} is not two numbers; write 0.15,0.60") from None
    judge = Judge(
        url=given["judge_url"],
        model=given["judge_model"],
        key=os.environ.get(given["judge_key_from"], ""),
        concurrency=given["concurrency"],
        per_minute=given["per_minute"],
        price_in=price_in,
        price_out=price_out,
    )
    return Options(
        model=given["model"],
        tokenizer=given["tokenizer"],
        max_length=given["max_length"],
        embedder=given["embedder"],
        reward=given["reward"],
        words=given["words"],
        judge=judge,
        cache=not given["no_cache"],
        progress=say,  # type: ignore[arg-type]
    )


def _chosen(option: str) -> bool:
    """Whether the user gave this option."""
    source = click.get_current_context().get_parameter_source(option)
    return source is not click.core.ParameterSource.DEFAULT


def _explain(scored: pa.Table, row: str) -> None:
    from curate.errors import CurateError
    from curate.score.explain import explain
    from curate.table.ledger import find

    name, _, digits = row.rpartition(":")
    if not digits.isdigit():
        raise CurateError(f"{row!r} is no row; write a number, or file.jsonl:12")
    at = find(scored, int(digits), name or None)
    file, number, problem = (scored[name][at].as_py() for name in ("file", "row", "problem"))
    click.echo(f"{file} row {number}" + (f": invalid ({problem}), not scored" if problem else ""))
    if not problem:
        for line in explain(scored, at):
            click.echo(f"  {line}")


def _write(scored: pa.Table, out: str, to: str | None) -> None:
    from curate.score.beside import beside
    from curate.table import subset, table

    if out.endswith(".parquet"):
        table.write(scored, out)
        return
    subset.write(scored, table.valid(scored), out, subset.target(scored, to), beside(scored))
    if out != "-":
        table.write(scored, subset.ledger_path(out))


def _pictures(scored: pa.Table, given: dict) -> None:
    from curate.score import pictures

    drawn = pictures.of_table(scored, given["map"], given["embedder"])
    if given["report"]:
        from curate.score.page import write

        write(drawn, given["report"])
    if given["png"]:
        from curate.score.png import write as write_png

        write_png(drawn, given["png"])


def _summary(scored: pa.Table, out: str, given: dict) -> None:
    from curate.score.summary import summary

    found = summary(scored)
    if given["as_json"]:
        import msgspec

        click.echo(msgspec.json.encode(found).decode(), err=out == "-")
        return
    if given["quiet"]:
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("score", "median", "5%", "95%", "better", "faults", "not measured"):
        shown.add_column(title, justify="left" if title in ("score", "better") else "right")
    for line in found["scores"]:
        middle = line.get("median", line.get("commonest", ""))
        shown.add_row(
            line["name"],
            str(middle),
            str(line.get("p5", "")),
            str(line.get("p95", "")),
            {"none": ""}.get(line["direction"], line["direction"]),
            f"{line['faults']:,}" if line["faults"] is not None else "",
            f"{line['not_measured']:,}" if line["not_measured"] else "",
        )
    console = Console(stderr=True)
    console.print(shown)
    click.echo(f"read {found['rows']:,}, scored {found['valid']:,}", err=True)
    if out != "-" and not out.endswith(".parquet"):
        from curate.table.subset import ledger_path

        click.echo(f"ledger: {ledger_path(out)}", err=True)


def _list() -> None:
    from curate.score.score import GROUPS, SCORES, column

    for name in SCORES:
        c = column(name)
        better = "" if c.direction == "none" else f"; {c.direction} is better"
        fault = "" if c.limit is None else f"; a fault above {c.limit:g}"
        click.echo(f"{click.style(name, bold=True)}: {c.says} [{c.unit}{better}{fault}]\n    {c.source}")
    click.echo()
    for group, members in GROUPS.items():
        click.echo(f"{click.style(group, bold=True)} = {', '.join(members)}")
