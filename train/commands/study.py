"""What `curate ablate` and `curate demo` share: plan, ask, run, print."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from curate.commands.options import print_note
from curate.text.counted import counted
from train.commands.options import set_by_user
from train.study.options import StudyOptions

if TYPE_CHECKING:
    from train.analysis.curve import Analysis
    from train.study.ablation import Study
    from train.study.heldout import SeparatedRows
    from train.study.plan import Plan
    from train.study.session import StudyData

# Parameters that say how to run, not what; they are not part of the command that repeats a study.
RUN_PARAMETERS = {"quiet", "as_json", "yes", "only_plan", "processes", "budget", "out"}


class Dialogue(NamedTuple):
    """How a command talks with its user.

    Attributes:
        quiet: print errors only.
        as_json: print the results as JSON.
        yes: start without asking.
        only_plan: print the plan, and do not start.
    """

    quiet: bool = False
    as_json: bool = False
    yes: bool = False
    only_plan: bool = False


def run(data: StudyData, out: str, options: StudyOptions, command: str, dialogue: Dialogue) -> None:
    """Plan and do an ablation; print what it found and where it is.

    Args:
        data: the rows.
        out: path of the folder of the results.
        options: of the study.
        command: that repeats it.
        dialogue: what to print and whether to ask.
    """
    from curate.progress import progress_bar
    from train.study import session

    quiet, folder = dialogue.quiet, Path(out)
    if not quiet:
        _print_separated(data.separated)
    with progress_bar(quiet) as progress:
        planned_study = session.prepare(data, folder, options, progress)
    if options.budget and planned_study.plan.throughput:
        command = _with_choice(command, planned_study.plan.study)
    if not quiet or dialogue.only_plan:
        for line in planned_study.plan.summary_lines():
            print_note(line)
    if dialogue.only_plan:
        return
    _confirm(planned_study.plan, dialogue.yes)
    check = session.check_rows(planned_study)
    if not quiet:
        print_note(f"held-out rows: {check.describe()}")
    with progress_bar(quiet) as progress:
        results = session.run(planned_study, progress)
    analyses = session.write(planned_study, results, check, command)
    _print(results, analyses, folder, dialogue)


def repeating_command(context: click.Context, pool: tuple[str, ...], out: str) -> str:
    """The command that repeats a study: the options that are not as by default."""
    words = ["curate", str(context.info_name), *pool]
    explicit = set_by_user(context)
    for param in context.command.params:
        name = param.name or ""
        value = context.params.get(name)
        if not isinstance(param, click.Option) or name in RUN_PARAMETERS or name not in explicit or value is None:
            continue
        for item in value if isinstance(value, tuple) else (value,):
            words += [param.opts[0]] if param.is_flag else [param.opts[0], str(item)]
    return shlex.join([*words, "--yes", "--out", out])


def _with_choice(command: str, study: Study) -> str:
    """The command with the sizes and seeds that the budget chose."""
    from train.analysis.arm_names import FULL

    words = shlex.split(command)
    sizes = ",".join(str(n) for n in sorted({r.size for r in study.runs if r.size and r.arm != FULL}))
    seeds = str(len({r.seed for r in study.runs if r.size}))
    for name, value in (("--sizes", sizes), ("--seeds", seeds)):
        if name in words:
            words[words.index(name) + 1] = value
        else:
            words[-3:-3] = [name, value]
    return shlex.join(words)


def _confirm(plan: Plan, yes: bool) -> None:
    """Ask on a terminal whether to start; scripts are not asked."""
    if yes or not plan.remaining or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    if not click.confirm("start?", default=True, err=True):
        raise click.Abort


def _print_separated(separated: SeparatedRows) -> None:
    for name, count in separated.duplicates.items():
        rows = separated.heldout[name].num_rows
        duplicates = f", {count:,} duplicates removed" if count else ""
        print_note(f"held-out set {name}: {counted(rows, 'row')}{duplicates}")
    if any(separated.removed.values()):
        counts = ", ".join(f"{count:,} for {reason}" for reason, count in separated.removed.items() if count)
        print_note(f"dropped from the pool, for being like a held-out row: {counts}")


def _print(results: list[dict[str, Any]], analyses: list[Analysis], folder: Path, dialogue: Dialogue) -> None:
    from train.analysis import wording
    from train.study import screen

    sentences = wording.sentences(analyses[0])
    if dialogue.as_json:
        print(json.dumps({"results": results, "sentences": sentences}, ensure_ascii=False))
        return
    if dialogue.quiet:
        return
    from rich.console import Console

    console = Console()
    for analysis in analyses:
        title = "held-out loss" if len(analyses) == 1 else f"loss on {analysis.heldout}"
        console.print(screen.table(analysis, title))
        console.print()
    comparisons = screen.comparisons(analyses[0])
    if comparisons is not None:
        console.print(comparisons)
        console.print()
    for line in sentences:
        console.print(line, highlight=False)
        console.print()
    names = ("results.parquet", "ablation.json", "curve.png", "curve.svg", "report.html")
    console.print("\n".join(f"{folder / name}" for name in names), highlight=False, soft_wrap=True)
