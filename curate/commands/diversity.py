"""`curate diversity`"""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", nargs=-1, metavar="IN...")
@click.option("--against", multiple=True, metavar="FILE", help="Another set, to compare; may be given several times.")
@click.option("--reference", multiple=True, metavar="FILE", help="The pool that density and coverage are of.")
@click.option("--with", "wanted", metavar="NAMES", help="Measures, by commas; all that can be had if not given.")
@click.option("--list", "listed", is_flag=True, help="List the measures: unit, which way is more diverse, source.")
@click.option(
    "--of",
    type=click.Choice(["both", "prompt", "response"]),
    default="both",
    show_default=True,
    help="The text that is looked at.",
)
@click.option("--embedder", default="auto", show_default=True, help="auto, minilm, tfidf, or any hub id or folder.")
@click.option("--halves", default=20, show_default=True, help="Random halves that the intervals are from; 0 for none.")
@click.option("--seed", default=0, show_default=True, help="Seed of random choices.")
@click.option("--report", metavar="FILE.html", help="Write a page with the measures, categories and a map of the rows.")
@click.option("--map", default="pca", show_default=True, help="How the map is laid out: pca, or umap.")
@click.option("--png", metavar="FOLDER", help="Write the pictures as PNG files.")
@click.option("--format", "name", help="The format of the rows; found out if not given, `mixed` for any.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--quiet", is_flag=True, help="Print no notes.")
def diversity(paths: tuple[str, ...], against: tuple[str, ...], reference: tuple[str, ...], **given: object) -> None:
    """Say how diverse the rows of IN... are, by several measures with 95% intervals.

    \b
    curate diversity best.jsonl --reference pool.jsonl
    curate diversity best.jsonl --against random.jsonl --reference pool.jsonl
    curate diversity zh.jsonl --with vendi,distinct_2 --of response
    """
    from curate.errors import CurateError

    if given["listed"]:
        _list()
    elif not paths:
        raise CurateError("diversity needs at least one input: curate diversity IN... [--against FILE]")
    else:
        _run(paths, against, reference, given)


def _run(paths: tuple[str, ...], against: tuple[str, ...], reference: tuple[str, ...], given: dict) -> None:
    from curate.progress import progress_bar
    from curate.score.diversity import names
    from curate.score.diversity.measure import compare, measure
    from curate.score.diversity.prepare import prepare
    from curate.table import table

    chosen = names(given["wanted"])
    tables = [table.read(files, given["name"]) for files in (paths, against) if files]
    pool = table.read(reference, given["name"]) if reference else None
    samples, notes = prepare(tables, chosen, pool, given["embedder"], given["of"], given["seed"])
    with progress_bar(given["quiet"]) as say:
        if against:
            found = compare(samples[0], samples[1], chosen, given["halves"], given["seed"], say)
        else:
            found = measure(samples[0], chosen, given["halves"], given["seed"], say)  # type: ignore[assignment]
    called = _called(paths), _called(against) if against else ""
    if given["as_json"]:
        _json(found, called, notes)
    else:
        (_print_two if against else _print_one)(found, called)  # type: ignore[operator]
        if not given["quiet"]:
            for note in notes:
                click.echo(note, err=True)
    if given["report"] or given["png"]:
        _pictures(tables, samples, found, called, notes, given)


def _called(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def _json(found: list, called: tuple[str, str], notes: list[str]) -> None:
    import msgspec

    from curate.score.diversity.measure import Compared, verdict

    said: dict = {"set": called[0], "measures": found, "notes": notes}
    if found and isinstance(found[0], Compared):
        said |= {"against": called[1], "verdict": verdict(found, *called)}
    click.echo(msgspec.json.format(msgspec.json.encode(said)).decode())


def _print_one(found: list, called: tuple[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    from curate.score.diversity import metric

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("measure", "value", "95% interval", "more diverse", "rows", "unit"):
        shown.add_column(title, justify="right" if title in ("value", "rows") else "left", no_wrap=title != "unit")
    for m in found:
        if m.value is not None:
            rows = f"{m.rows:,}" + (f" of {m.of:,}" if m.of != m.rows else "")
            shown.add_row(m.name, _number(m.value), _interval(m), metric(m.name).direction, rows, metric(m.name).unit)
    Console().print(shown)


def _print_two(found: list, called: tuple[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    from curate.score.diversity import metric
    from curate.score.diversity.measure import verdict

    console = Console()
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("measure", "a", "95%", "b", "95%", "more diverse"):
        shown.add_column(title, justify="right" if title in ("a", "b") else "left")
    for c in found:
        if c.a.value is not None and c.b.value is not None:
            more = {"a": "a", "b": "b"}.get(c.more, "?")
            shown.add_row(
                c.a.name,
                _number(c.a.value),
                _interval(c.a),
                _number(c.b.value),
                _interval(c.b),
                f"{more} ({metric(c.a.name).direction})",
            )
    console.print(f"a: {called[0]}\nb: {called[1]}", highlight=False, soft_wrap=True)
    if found:
        console.print(f"both measured on {found[0].a.of:,} rows", highlight=False)
    console.print(shown)
    for line in verdict(found, *called):
        console.print(line, highlight=False, soft_wrap=True)


def _number(value: float) -> str:
    return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.1f}"


def _interval(m) -> str:  # type: ignore[no-untyped-def]
    return "" if m.low is None else f"{_number(m.low)} to {_number(m.high)}"


def _pictures(tables: list, samples: list, found: list, called: tuple[str, str], notes: list[str], given: dict) -> None:
    from curate.score import pictures

    drawn = pictures.of_sets(samples, found, called, notes, given["map"])
    if given["report"]:
        from curate.score.page import write

        write(drawn, given["report"])
    if given["png"]:
        from curate.score.png import write as write_png

        write_png(drawn, given["png"])


def _list() -> None:
    from curate.score.diversity import METRICS, metric

    for name in METRICS:
        m = metric(name)
        most = f"; on {m.most:,} rows at most" if m.most else ""
        click.echo(
            f"{click.style(name, bold=True)}: {m.says} [{m.unit}; {m.direction} is more diverse{most}]\n    {m.source}"
        )
