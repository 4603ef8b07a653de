"""`curate conflicts`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curate.commands.options import format_option, json_option, print_json
from curate.commands.outputs import keep_inputs
from curate.text.counted import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.dedup.conflicts import Conflict

CHARACTERS = 100
PLACES = 5


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN...")
@click.option("--limit", default=20, show_default=True, help="How many prompts to list; 0 for all.")
@click.option(
    "--ledger", metavar="FILE", help="Write all rows with the columns conflict and conflict_answers (.parquet)."
)
@format_option
@json_option
def conflicts(paths: tuple[str, ...], limit: int, ledger: str | None, format_name: str | None, as_json: bool) -> None:
    """List the prompts of IN... that rows answer differently, those of most rows first, with the rows of each answer.

    A prompt is the system prompt and all turns of the user; case, width and white space do not count, nor does
    punctuation in answers.  Of a ledger only rows that were not dropped are looked at.  Different answers may all be
    right, to "Tell me a joke" say: look before you drop any.

    \b
    curate conflicts raw/*.json
    curate conflicts scored.parquet --limit 0 --json
    curate conflicts raw.jsonl --ledger marked.parquet
    curate filter marked.parquet agreed.jsonl --where "conflict is null"
    """
    from curate.dedup import conflicts as found
    from curate.errors import CurateError
    from curate.table import table
    from curate.table.invalid import check_any_valid

    if ledger and not ledger.endswith(".parquet"):
        raise CurateError(f"--ledger {ledger}: a ledger is Parquet; let its name end with .parquet")
    keep_inputs(ledger, paths, "--ledger")
    rows = table.read(paths, format_name)
    check_any_valid(rows, paths)
    groups = found.conflicts(rows)
    if ledger:
        table.write(found.with_conflicts(rows, groups), ledger)
    listed = [_described(rows, group) for group in (groups[:limit] if limit else groups)]
    if as_json:
        print_json({"rows": rows.num_rows, **_counts(groups), "prompts": listed})
    else:
        _print(rows, groups, listed)


def _counts(groups: list[Conflict]) -> dict[str, int]:
    return {"conflicts": len(groups), "conflicting_rows": sum(group.rows for group in groups)}


def _described(table: pa.Table, group: Conflict) -> dict[str, Any]:
    """A conflict in plain values: the prompt, and for each answer its text, its rows, and their mean quality."""
    from curate.table.table import take

    measured = "quality" in table.column_names
    answers = []
    for positions in group.answers:
        places = zip(take(table["file"], positions), take(table["row"], positions), strict=True)
        answer: dict[str, Any] = {"answer": table["response"][int(positions[0])].as_py()}
        values = [v for v in take(table["quality"], positions) if v is not None] if measured else []
        answer |= {"quality": sum(values) / len(values)} if values else {}
        answers.append({**answer, "rows": [f"{file}:{row}" for file, row in places]})
    prompt = table["prompt"][int(group.answers[0][0])].as_py()
    return {"prompt": prompt, "rows": group.rows, "conflict": group.name, "answers": answers}


def _print(table: pa.Table, groups: list[Conflict], listed: list[dict[str, Any]]) -> None:
    counts = _counts(groups)
    share = counts["conflicting_rows"] / max(1, table.num_rows)
    prompts = counted(len(groups), "prompt is", "prompts are")
    click.echo(
        f"{prompts} answered differently, by {counts['conflicting_rows']:,} of "
        f"{counted(table.num_rows, 'row')} ({share:.1%})"
    )
    for number, group in enumerate(listed, 1):
        rows, answers = counted(group["rows"], "row"), counted(len(group["answers"]), "answer")
        click.echo(f"\n{number}. {rows}, {answers}: {_cut(group['prompt'])}")
        for answer in group["answers"]:
            places = answer["rows"]
            more = f" and {len(places) - PLACES:,} more" if len(places) > PLACES else ""
            quality = f", quality {answer['quality']:.2f}" if "quality" in answer else ""
            click.echo(f"   {len(places):,} × {_cut(answer['answer'])}")
            click.echo(f"       {', '.join(places[:PLACES])}{more}{quality}")
    if len(listed) < len(groups):
        click.echo(f"\nand {len(groups) - len(listed):,} more; --limit 0 lists all")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CHARACTERS else f"{line[:CHARACTERS]}…"
