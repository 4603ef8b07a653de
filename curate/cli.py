"""The command `curate`: each subcommand is a file in curate/commands, imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from curate.errors import CurateError

# name: what it does.  Help for the list is kept here so that `curate --help` imports no command.
COMMANDS = {
    "formats": "List the formats and what each carries.",
    "detect": "Say which format a file is in.",
    "validate": "Check every row and list its problems.",
    "convert": "Convert files to another format, every row accounted for.",
    "stats": "Rows, turns, lengths, languages, categories and duplicates at a glance.",
    "render": "Show rows as a model is trained on them, by a prompt template.",
    "dedup": "Remove duplicates; the ledger says of which row.",
    "decontaminate": "Remove rows that share text with evaluation files, and show it.",
    "score": "Score rows: length, faults, difficulty, a judge's opinion.",
    "diversity": "Say how diverse a set is, or which of two is more so.",
    "run": "Carry out a recipe, from raw files to a subset with a report; goes on where it was stopped.",
    "select": "Pick the best rows, balanced, in order.",
    "explain": "Say what became of one input row, and why.",
    "diff": "Say which rows two subsets share, and where they differ.",
    "schema": "Print the JSON Schema of a format's rows.",
    "explain-code": "Say what a problem code means, with a row that has it and the row mended.",
}


class Commands(click.Group):
    """The group that finds its commands by file name and through the entry points `curate.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *_plugins()]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module = name.replace("-", "_")
            return getattr(importlib.import_module(f"curate.commands.{module}"), module)
        plugin = _plugins().get(name)
        return plugin.load() if plugin else None  # type: ignore[attr-defined]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = list(COMMANDS.items())
        for name, plugin in _plugins().items():
            rows.append((name, _help(plugin)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

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
            raise click.UsageError(f"no command is called {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


def _plugins() -> dict[str, object]:
    """Commands that other packages add (train's among them), by name."""
    from importlib.metadata import entry_points

    return {point.name: point for point in sorted(entry_points(group="curate.commands"))}


def _help(plugin: object) -> str:
    """What a plugged-in command does; one that cannot be loaded must not break the list of the others."""
    try:
        return plugin.load().get_short_help_str(limit=100)  # type: ignore[attr-defined]
    except Exception as error:
        return f"(cannot be loaded: {error})"


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="curate-sft", prog_name="curate")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def curate(debug: bool) -> None:
    """From raw instruction data to a small set that provably trains well.

    Validate and convert among seven formats, remove duplicates, select a balanced subset, train on it, and measure
    how much data you need.
    """


def main() -> None:
    """Run the command line; errors that the user can mend are one block on standard error."""
    debug = "--debug" in sys.argv
    try:
        sys.exit(curate.main(prog_name="curate", standalone_mode=False) or 0)
    except click.exceptions.Exit as exit:
        sys.exit(exit.exit_code)
    except click.ClickException as error:
        error.show()
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
