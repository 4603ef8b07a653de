"""README.md of a subset: a dataset card as the Hugging Face hub reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import yaml

from curate.run.manifest import command
from curate.run.recipe import Recipe
from curate.run.runner import FinishedStep
from curate.run.state import RunState
from curate.run.verdict import verdict
from curate.score.texts import RowTexts
from curate.table.counting import rows_that_count
from curate.text.counted import counted

# The hub's own classes of sizes.
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
# A language of fewer rows than this share is not named.
LEAST_SHARE = 0.005
STEPS = {
    "load": "Every row was read and checked against its format; invalid rows were dropped.",
    "exact": "Of rows with the same text one was kept.",
    "decontaminate": "Rows that share text with evaluation files were dropped.",
    "score": "The rows kept were scored.",
    "where": "Rows that do not fulfil the conditions of the recipe were left out.",
    "dedup": "Of rows that are alike the best was kept.",
    "embed": "They were embedded.",
    "select": "The subset was selected, in order: its first n rows are the selection of size n.",
    "compare": "It was compared with random subsets of the same size, drawn from the same candidates.",
}


def card(state: RunState, recipe: Recipe, steps: Sequence[FinishedStep], format_name: str) -> bytes:
    """The card as Markdown.

    Args:
        state: after the last step.
        recipe: of the run.
        steps: those of the run, in order.
        format_name: of the subset's rows.
    """
    chosen = selected_rows(state.table)
    text = [
        f"---\n{yaml.safe_dump(metadata(chosen, recipe), sort_keys=False, allow_unicode=True)}---",
        f"# {_line(recipe.card.title or recipe.name)}",
        recipe.card.description.strip(),
        f"{counted(chosen.num_rows, 'row')} in the format {format_name}, selected by curate from "
        f"{state.table.num_rows:,}. "
        "They are in order: the first *n* rows are the selection of size *n*.",
        *([] if recipe.card.license else ["The licence is that of the sources; name it here before you publish."]),
        "## How it was made",
        "\n".join(_steps(steps)),
        "\n".join(_funnel(steps)),
        "## Compared with random rows",
        "\n".join(
            f"- {_line(line)}"
            for line in verdict(state.facts["compare"], state.facts.get("select", {}).get("below", 0))
        ),
        *_balance(chosen),
        "## Make it again",
        f"```\n{command()}\n```",
        "`recipe.yaml` has every option, and `manifest.json` the SHA-256 of inputs and outputs and all versions: the "
        "same inputs give the same bytes.",
    ]
    return ("\n\n".join(filter(None, text)) + "\n").encode("utf-8", "replace")


def selected_rows(table: pa.Table) -> pa.Table:
    """The selected rows of a ledger, by rank."""
    return table.take(pa.array(rows_that_count(table, "selected")))


def metadata(chosen: pa.Table, recipe: Recipe) -> dict[str, Any]:
    """The head of the card, with the hub's keys."""
    head: dict[str, Any] = {"pretty_name": recipe.card.title or recipe.name}
    if recipe.card.license:
        head["license"] = recipe.card.license
    codes = languages(chosen)
    if codes:
        head["language"] = codes
    return {
        **head,
        "task_categories": ["text-generation"],
        "size_categories": [next((name for limit, name in SIZES if chosen.num_rows < limit), "n>10M")],
        "tags": list(dict.fromkeys(["instruction-tuning", "sft", "curate", *recipe.card.tags])),
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": recipe.output.file}]}],
    }


def languages(chosen: pa.Table) -> list[str]:
    """ISO codes of the languages of the responses, the commonest first; those of a few rows only are left out."""
    counts = Counter(RowTexts.of_table(chosen).languages)
    least = LEAST_SHARE * chosen.num_rows
    return [c for c, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if c != "und" and n >= least]


def _steps(steps: Sequence[FinishedStep]) -> list[str]:
    lines = []
    for i, (name, entry, _) in enumerate(steps, 1):
        notes = "".join(f"\n   - {_line(note)}" for note in entry.notes)
        lines.append(f"{i}. **{name}**: {STEPS[name]}{notes}")
    return lines


def _funnel(steps: Sequence[FinishedStep]) -> list[str]:
    lines = [f"| {name} | {rows:,} |" for name, rows in steps[-1].entry.funnel]
    return ["| rows | |", "| --- | ---: |", *lines]


def _balance(chosen: pa.Table) -> list[str]:
    for name in ("select_group", "category"):
        if name in chosen.column_names and chosen[name].null_count < chosen.num_rows:
            counts = Counter(value if value else "(none)" for value in chosen[name].to_pylist())
            ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            lines = [f"| {_line(value)} | {count:,} |" for value, count in ordered[:20]]
            rest = sum(count for _, count in ordered[20:])
            lines += [f"| {counted(len(ordered) - 20, 'other')} | {rest:,} |"] if rest else []
            return ["## Balance", "\n".join(["| group | rows |", "| --- | ---: |", *lines])]
    return []


def _line(text: str) -> str:
    """Text on one line of Markdown, with what would be markup or end a table's cell escaped."""
    text = " ".join(text.split())
    for sign in "\\|<>*_`[]":
        text = text.replace(sign, f"\\{sign}")
    return text
