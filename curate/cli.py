"""The command `curate`: each subcommand is a file in curate/commands, imported when it is called."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from typing import TYPE_CHECKING

import click

from curate.errors import CurateError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# What each command does, by group and in the order of the work; kept here so that `curate --help` imports no command.
# A line is no longer than 61 characters: it must fit beside the name into 80 columns.
GROUPS = {
    "look": {
        "detect": "Name the format of files, and the share of rows that agree.",
        "validate": "Check every row and list its problems.",
        "stats": "Count rows, lengths, languages, categories and faults.",
        "render": "Show rows as a model is trained on them, by a template.",
        "explain": "Say what became of one input row, and why.",
        "conflicts": "List prompts that rows answer differently.",
        "diff": "Say which rows two subsets share, and where they differ.",
    },
    "convert": {
        "convert": "Convert files to another format, every row accounted for.",
    },
    "clean": {
        "dedup": "Remove duplicates; the ledger names the row kept for each.",
        "filter": "Keep the rows that fulfil a condition: SQL over columns.",
        "decontaminate": "Remove rows that share text with evaluation files.",
    },
    "score": {
        "score": "Score rows: length, faults, difficulty, a judge's opinion.",
        "diversity": "Measure how diverse a set is, or compare two.",
    },
    "select": {
        "select": "Pick the best rows, balanced, in order.",
        "run": "Carry out a recipe: raw files to a subset with a report.",
    },
    "train": {},
    "hand over": {
        "export": "Write data and configuration for another trainer.",
        "doctor": "Name the rows that LLaMA-Factory would drop or crash on.",
    },
    "reference": {
        "formats": "List the formats and what each carries.",
        "schema": "Print the JSON Schema of a format's rows.",
        "explain-code": "Explain a problem code by a row that has it.",
    },
}
COMMANDS = {name: line for group in GROUPS.values() for name, line in group.items()}
# Functions that are not called like their command, which is a builtin's name.
FUNCTIONS = {"filter": "filter_rows"}
# The first line of a plugin's module says its group and what it does: """`curate NAME` (GROUP): LINE."""
_FIRST_LINE = re.compile(r'"""`curate \S+` \((?P<group>[a-z ]+)\): (?P<line>.+?)"""')


class Commands(click.Group):
    """The group that finds its commands by file name and through the entry points `curate.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *_plugins()]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module = name.replace("-", "_")
            return getattr(importlib.import_module(f"curate.commands.{module}"), FUNCTIONS.get(module, module))
        plugin = _plugins().get(name)
        return plugin.load() if plugin else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups = {group: dict(lines) for group, lines in GROUPS.items()}
        for name, plugin in _plugins().items():
            group, line = _describe(plugin)
            groups.setdefault(group, {})[name] = line
        for group, lines in groups.items():
            if lines:
                with formatter.section(group.capitalize()):
                    # A first column of one width, so that the groups line up.
                    formatter.write_dl([(name.ljust(max(map(len, COMMANDS))), line) for name, line in lines.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        # Looking for plugins takes a while, which our own commands need not wait for.
        known = COMMANDS if name in COMMANDS else self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]!r}?" if close else "see `curate --help`"
            raise click.UsageError(f"unknown command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


def _plugins() -> dict[str, EntryPoint]:
    """Commands that other packages add (train's among them), by name."""
    from importlib.metadata import entry_points

    return {point.name: point for point in sorted(entry_points(group="curate.commands"))}


def _describe(plugin: EntryPoint) -> tuple[str, str]:
    """Group of a plugged-in command and what it does, by the first line of its module, which is not imported.

    One that cannot be read must not break the list of the others.
    """
    try:
        spec = importlib.util.find_spec(plugin.module)
        with open(spec.origin if spec and spec.origin else "", encoding="utf-8") as file:
            match = _FIRST_LINE.match(file.readline())
        if match:
            return match["group"], match["line"]
        return "other", plugin.load().get_short_help_str(limit=61)
    except Exception as error:
        return "other", f"(cannot be loaded: {error})"


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="curate-sft", prog_name="curate")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def curate(debug: bool) -> None:
    """From raw instruction data to a small set that provably trains well.

    Validate and convert among seven formats, remove duplicates, select a balanced subset, train on it, and measure
    how much data you need.
    """


def _with_remedy(error: click.ClickException) -> click.ClickException:
    """The error; that for a wrong value of an option with the nearest right one, for none with its meaning."""
    if isinstance(error, click.MissingParameter) and isinstance(error.param, click.Option):
        if isinstance(error.param.type, click.Choice):
            return error
        return click.UsageError(f"{error.format_message()} {error.param.help or ''}".rstrip(), error.ctx)
    kind = error.param.type if isinstance(error, click.BadParameter) and error.param else None
    found = re.match(r"'(?P<value>.*?)' is not one of", error.message)
    if not found or not isinstance(kind, click.Choice):
        return error
    import difflib

    close = difflib.get_close_matches(found["value"], [str(choice) for choice in kind.choices], 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return click.BadParameter(f"{error.message}{hint}", error.ctx, error.param)  # type: ignore[attr-defined]


def main() -> None:
    """Run the command line; errors that the user can mend are one block on standard error."""
    debug = "--debug" in sys.argv
    try:
        sys.exit(curate.main(prog_name="curate", standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        _with_remedy(error).show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); let the interpreter's own flush find a place to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except CurateError as error:
        if debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.code)


if __name__ == "__main__":
    main()
