"""`curate diversity`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from curate.commands.options import format_option_by_fields, print_note, step_options
from curate.commands.outputs import keep_inputs
from curate.commands.pictures import Pictures, picture_options
from curate.errors import CurateError
from curate.score.diversity.options import Diversity
from curate.text.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curate.score.diversity.measure import MetricComparison, MetricValue


class DiversityCommand(msgspec.Struct, frozen=True):
    """What `curate diversity` takes besides the options of the step.

    Attributes:
        paths: the files of the set.
        against: the files of another set; none to measure one set alone.
        reference: the files of the pool.
        format_name: the format of the rows.
        as_json: whether the measures are JSON.
        quiet: whether notes are left out.
    """

    paths: tuple[str, ...]
    against: tuple[str, ...]
    reference: tuple[str, ...]
    format_name: str | None
    as_json: bool
    quiet: bool

    @property
    def labels(self) -> tuple[str, str]:
        """What the sets are called; the second is empty where there is one."""
        return _label(self.paths), _label(self.against) if self.against else ""


@click.command()
@click.argument("paths", nargs=-1, metavar="IN...")
@click.option("--against", multiple=True, metavar="FILE", help="Another set, to compare; may be given several times.")
@click.option("--reference", multiple=True, metavar="FILE", help="The pool that density and coverage are of.")
@step_options(Diversity)
@click.option("--list", "listing", is_flag=True, help="List the measures: unit, which way is more diverse, source.")
@picture_options
@format_option_by_fields
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON on standard output.")
@click.option("--quiet", is_flag=True, help="Print no notes.")
def diversity(paths: tuple[str, ...], options: Diversity, pictures: Pictures, listing: bool, **values: object) -> None:
    """Measure how diverse the rows of IN... are, by several measures with 95% intervals.

    \b
    curate diversity best.jsonl --reference pool.jsonl
    curate diversity best.jsonl --against random.jsonl --reference pool.jsonl
    curate diversity zh.jsonl --with vendi,distinct_2 --of response
    """
    if listing:
        _list()
    elif not paths:
        raise CurateError("diversity needs at least one input: curate diversity IN... [--against FILE]")
    else:
        _diversity(options, DiversityCommand(paths, **values), pictures)  # type: ignore[arg-type]


def _diversity(options: Diversity, command: DiversityCommand, pictures: Pictures) -> None:
    from curate.progress import progress_bar
    from curate.score.diversity.measure import compare, measure
    from curate.score.diversity.prepare import prepare
    from curate.score.diversity.registry import names
    from curate.table import table

    keep_inputs(pictures.report, [*command.paths, *command.against, *command.reference], "--report")
    measures = names(options.with_)
    tables = [table.read(files, command.format_name) for files in (command.paths, command.against) if files]
    pool = table.read(command.reference, command.format_name) if command.reference else None
    samples, notes = prepare(tables, measures, pool, options.embedder, options.of, options.seed)
    with progress_bar(command.quiet) as progress:
        results: list[MetricValue] | list[MetricComparison]
        if command.against:
            results = compare(samples[0], samples[1], measures, options.halves, options.seed, progress)
        else:
            results = measure(samples[0], measures, options.halves, options.seed, progress)
    _print(results, command, notes)
    if pictures:
        from curate.score.pictures.sets import draw_sets

        pictures.write(draw_sets(samples, results, command.labels, notes, pictures.map_method))


def _label(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def _print(results: list[MetricValue] | list[MetricComparison], command: DiversityCommand, notes: list[str]) -> None:
    if command.as_json:
        _print_json(results, command.labels, notes)
        return
    if command.against:
        _print_two(results, command.labels)  # type: ignore[arg-type]
    else:
        _print_one(results)  # type: ignore[arg-type]
    if not command.quiet:
        for note in notes:
            print_note(note)


def _print_json(results: Sequence[MetricValue | MetricComparison], labels: tuple[str, str], notes: list[str]) -> None:
    from curate.score.diversity.measure import MetricComparison, verdict

    summary: dict = {"set": labels[0], "measures": results, "notes": notes}
    compared = [result for result in results if isinstance(result, MetricComparison)]
    if compared:
        summary |= {"against": labels[1], "verdict": verdict(compared, *labels)}
    click.echo(msgspec.json.format(msgspec.json.encode(summary)).decode())


def _print_one(results: list[MetricValue]) -> None:
    from rich.console import Console
    from rich.table import Table

    from curate.score.diversity.registry import metric

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("measure", "value", "95% interval", "more diverse", "rows", "unit"):
        table.add_column(title, justify="right" if title in ("value", "rows") else "left", no_wrap=title != "unit")
    for m in results:
        if m.value is not None:
            rows = f"{m.rows:,}" + (f" of {m.of:,}" if m.of != m.rows else "")
            described = metric(m.name)
            table.add_row(m.name, _number(m.value), _interval(m), described.direction, rows, described.unit)
    Console().print(table)


def _print_two(results: list[MetricComparison], labels: tuple[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    from curate.score.diversity.measure import verdict
    from curate.score.diversity.registry import metric

    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("measure", "a", "95%", "b", "95%", "more diverse"):
        table.add_column(title, justify="right" if title in ("a", "b") else "left")
    for c in results:
        if c.a.value is not None and c.b.value is not None:
            more = f"{c.more or '?'} ({metric(c.a.name).direction})"
            table.add_row(c.a.name, _number(c.a.value), _interval(c.a), _number(c.b.value), _interval(c.b), more)
    console.print(f"a: {labels[0]}\nb: {labels[1]}", highlight=False, soft_wrap=True)
    if results:
        console.print(f"both measured on {counted(results[0].a.of, 'row')}", highlight=False)
    console.print(table)
    for line in verdict(results, *labels):
        console.print(line, highlight=False, soft_wrap=True)


def _number(value: float) -> str:
    return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.1f}"


def _interval(measured: MetricValue) -> str:
    if measured.low is None or measured.high is None:
        return ""
    return f"{_number(measured.low)} to {_number(measured.high)}"


def _list() -> None:
    from curate.score.diversity.registry import METRICS, metric

    for name in METRICS:
        m = metric(name)
        most = f"; on {counted(m.most, 'row')} at most" if m.most else ""
        bold = click.style(name, bold=True)
        click.echo(f"{bold}: {m.meaning} [{m.unit}; {m.direction} is more diverse{most}]\n    {m.source}")
