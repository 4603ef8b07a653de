"""`curate score`"""

from __future__ import annotations

import importlib.util
import math
from typing import TYPE_CHECKING

import click
import msgspec

from curate.commands.kept_rows import print_invalid, read_rows
from curate.commands.options import (
    embedder_option,
    engine_options,
    format_option_by_fields,
    json_option,
    print_json,
    print_note,
    quiet_option,
    step_options,
    to_option,
)
from curate.commands.outputs import is_among, keep_inputs
from curate.commands.pictures import Pictures, picture_options
from curate.engine.connect import check, connected
from curate.errors import CurateError
from curate.score.options import Score

if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

    from curate.engine.rows import Engine, Rows
    from curate.progress import Progress
    from curate.score.estimate import Prices


class ScoreCommand(msgspec.Struct, frozen=True):
    """What `curate score` takes besides the options of the step.

    Attributes:
        row: the row to explain; None to score all rows and write them.
        prices: of tokens, for the estimate.
        estimate: whether to print what a judge would be asked, and stop.
        no_cache: whether models and judges are asked again for what they have answered before.
        embedder: what embeds texts.
        format_name: the format of the input rows.
        to: the format to write.
        as_json: whether the summary is JSON.
        quiet: whether only errors are printed.
    """

    row: str | None
    prices: Prices | None
    estimate: bool
    no_cache: bool
    embedder: str
    format_name: str | None
    to: str | None
    as_json: bool
    quiet: bool


@click.command()
@click.argument("paths", nargs=-1, metavar="IN... OUT")
@step_options(Score)
@click.option("--list", "listing", is_flag=True, help="List the scores: unit, which way is better, source.")
@click.option("--explain", "row", metavar="ROW", help="Explain the scores of one row (12, or file.jsonl:12).")
@click.option("--price", default="", metavar="IN,OUT", help="Price of a million tokens in and out, for the estimate.")
@click.option("--estimate", is_flag=True, help="Print what the judge would be asked and cost, and stop.")
@click.option("--no-cache", is_flag=True, help="Ask models and judges again for what they have answered before.")
@embedder_option
@picture_options
@format_option_by_fields
@to_option
@engine_options
@json_option
@quiet_option
def score(
    paths: tuple[str, ...],
    options: Score,
    pictures: Pictures,
    engine: str,
    ray_address: str | None,
    listing: bool,
    **values: Any,
) -> None:
    """Score the rows of IN... and write them to OUT with their scores.

    OUT in .parquet is the table itself with a column for each score, every row in it, which select reads.  Any other
    OUT holds the valid rows in their format with an additional field `scores`; OUT.ledger.parquet has the
    table.

    \b
    curate score raw.jsonl scored.parquet
    curate score raw.jsonl scored.jsonl --with length,ifd
    curate score raw.jsonl scored.parquet --with lexical,ifd --combine rank:ifd,lexical_diversity
    curate score raw.jsonl scored.parquet --with complexity,judge_quality --combine deita \\
        --judge-url http://localhost:8000/v1 --judge-model qwen --price 0.15,0.60 --estimate
    curate score scored.parquet --explain raw.jsonl:12
    """
    from curate.score.score import check as check_scores

    if listing:
        _list()
        return
    options = _installed(options)
    command = ScoreCommand(prices=_prices(values.pop("price")), **values)
    sources, out = _paths(paths, command)
    keep_inputs(pictures.report, sources, "--report")
    check_scores(options)
    check(engine, ray_address)
    # A single row, or an estimate, is found here at once.
    with connected("local" if out is None else engine, None if out is None else ray_address) as workers:
        if out is None:
            _show(workers, sources, options, command)
        else:
            _score(workers, sources, out, options, command, pictures)


def _paths(paths: tuple[str, ...], command: ScoreCommand) -> tuple[list[str], str | None]:
    """The inputs and the output; None where nothing is written.

    Raises:
        CurateError: if either is missing, and for an input that would be overwritten with less than it has.
    """
    from curate.table.table import is_table

    if command.row or command.estimate:
        sources, out = [*paths], None
    else:
        sources, out = [*paths[:-1]], paths[-1] if paths else None
    if not sources:
        raise CurateError(
            "score needs at least one input and an output: curate score IN... OUT, or IN... --explain ROW"
        )
    if out and is_among(out, sources) and not (len(sources) == 1 and out.endswith(".parquet") and is_table(out)):
        raise CurateError(
            f"{out}: is an input and the output, and score would overwrite it; name another file as the output, which "
            "is the last name (only a table of ours, alone, may be given further scores in its place)"
        )
    return sources, out


def _installed(options: Score) -> Score:
    """The options; without `quality` where it is the default and what it needs is not installed."""
    if _is_set("with_") or importlib.util.find_spec("sklearn"):
        return options
    print_note("quality is not measured, since scikit-learn is not installed: pip install 'curate-sft[embed]'")
    return msgspec.structs.replace(options, with_=[name for name in options.with_ if name != "quality"])


def _score(
    engine: Engine, sources: list[str], out: str, options: Score, command: ScoreCommand, pictures: Pictures
) -> None:
    from curate.progress import part, progress_bar
    from curate.score.estimate import estimate, judged
    from curate.score.score import score

    with progress_bar(command.quiet) as progress:
        rows = read_rows(engine, sources, command.format_name, part(progress, 0, 0.2))
        if judged(options) and not command.quiet:
            print_note(estimate(rows.table(), options, not command.no_cache, command.prices))
        rows = score(rows, options, command.embedder, not command.no_cache, part(progress, 0.2, 0.9)).rows
        _write(rows, out, command.to, part(progress, 0.9, 1))
    if pictures:
        from curate.score.pictures.scored import draw_scores

        pictures.write(draw_scores(rows.table(), pictures.map_method, command.embedder))
    _summary(rows.thin, out, command)


def _write(rows: Rows, out: str, to: str | None, progress: Progress) -> None:
    from curate.engine.write import write_ledger, write_subset
    from curate.score.rows_field import score_fields
    from curate.table import subset
    from curate.table.table import valid

    if out.endswith(".parquet"):
        write_ledger(rows, out)
        return
    write_subset(rows, valid(rows.thin), out, subset.target(rows.thin, to), score_fields, progress)
    if out != "-":
        write_ledger(rows, subset.ledger_path(out))


def _show(engine: Engine, sources: list[str], options: Score, command: ScoreCommand) -> None:
    """Print what a judge would be asked, or the scores of one row."""
    from curate.progress import progress_bar
    from curate.score.column import of_table
    from curate.score.combine import with_combined
    from curate.score.estimate import estimate, judged
    from curate.score.score import add_scores

    rows = engine.read(sources, command.format_name)
    if command.estimate:
        if judged(options):
            click.echo(estimate(rows.table(), options, not command.no_cache, command.prices))
        return
    known = of_table(rows.thin)
    # A row of a scored table is explained by the scores that it has.
    if not known or _is_set("with_"):
        if judged(options) and not command.quiet:
            print_note(estimate(rows.table(), options, not command.no_cache, command.prices))
        with progress_bar(command.quiet) as progress:
            rows = add_scores(rows, options, command.embedder, not command.no_cache, progress)
    table = rows.table()
    if "score" not in known or _is_set("combine"):
        table, _ = with_combined(table, options.combine, options.by)
    assert command.row is not None
    _explain(table, command.row)


def _prices(price: str) -> Prices | None:
    from curate.score.estimate import Prices

    if not price:
        return None
    try:
        tokens_in, tokens_out = map(float, price.split(","))
    except ValueError:
        raise CurateError(f"--price {price!r} is not two numbers; write 0.15,0.60") from None
    if not (0 <= tokens_in < math.inf and 0 <= tokens_out < math.inf):
        raise CurateError(f"--price {price!r}: prices are finite and not below 0; write 0.15,0.60")
    return Prices(tokens_in, tokens_out)


def _is_set(argument: str) -> bool:
    """Whether the user set this option."""
    source = click.get_current_context().get_parameter_source(argument)
    return source is not click.core.ParameterSource.DEFAULT


def _explain(scored: pa.Table, row: str) -> None:
    from curate.score.explain import explain
    from curate.table.ledger import find

    name, _, digits = row.rpartition(":")
    if not digits.isdigit():
        raise CurateError(f"{row!r} is no row; write a number, or file.jsonl:12")
    position = find(scored, int(digits), name or None)
    file, number, problem = (scored[name][position].as_py() for name in ("file", "row", "problem"))
    click.echo(f"{file} row {number}" + (f": invalid ({problem}), not scored" if problem else ""))
    if not problem:
        for line in explain(scored, position):
            click.echo(f"  {line}")


def _summary(scored: pa.Table, out: str, command: ScoreCommand) -> None:
    from curate.score.summary import summary
    from curate.table.invalid import invalid_rows

    counts = summary(scored)
    if command.as_json:
        print_json({**counts, "invalid": [problem.plain() for problem in invalid_rows(scored)]}, out)
        return
    if command.quiet:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("score", "median", "5%", "95%", "better", "faults", "not measured"):
        table.add_column(title, justify="left" if title in ("score", "better") else "right")
    for line in counts["scores"]:
        table.add_row(
            line["name"],
            str(line.get("median", line.get("commonest", ""))),
            str(line.get("p5", "")),
            str(line.get("p95", "")),
            {"none": ""}.get(line["direction"], line["direction"]),
            f"{line['faults']:,}" if line["faults"] is not None else "",
            f"{line['not_measured']:,}" if line["not_measured"] else "",
        )
    Console(stderr=True).print(table)
    print_invalid(scored)
    print_note(f"read {counts['rows']:,}, scored {counts['valid']:,}")
    if out != "-" and not out.endswith(".parquet"):
        from curate.table.subset import ledger_path

        print_note(f"ledger: {ledger_path(out)}")


def _list() -> None:
    from curate.score.registry import GROUPS, SCORES, column

    for name in SCORES:
        c = column(name)
        better = "" if c.direction == "none" else f"; {c.direction} is better"
        fault = "" if c.limit is None else f"; a fault above {c.limit:g}"
        click.echo(f"{click.style(name, bold=True)}: {c.meaning} [{c.unit}{better}{fault}]\n    {c.source}")
    click.echo()
    for group, members in GROUPS.items():
        click.echo(f"{click.style(group, bold=True)} = {', '.join(members)}")
