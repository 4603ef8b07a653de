"""A recipe: what to curate, by which steps, with which options.  `curate.run.recipe_file` reads one."""

from __future__ import annotations

from typing import Annotated

import msgspec

from curate.dedup.options import Decontaminate, Dedup
from curate.options import EMBEDDERS, StepOptions, option
from curate.score.options import Score
from curate.select.options import Select
from curate.tokens.options import TokenOptions


class Validate(StepOptions, frozen=True):
    """Every row is read and checked against its format; invalid rows are dropped, and the ledger lists them."""

    repair: Annotated[bool, option("Repair rows that can be repaired without guessing.")] = False


class Output(StepOptions, frozen=True):
    """The subset as a file."""

    file: Annotated[str, option("Its name; the ending gives the container.")] = "subset.jsonl"
    format: Annotated[str | None, option("The format to write; that of the inputs if they share one, else sft.")] = None


class Card(StepOptions, frozen=True):
    """What the dataset card says besides what the run knows."""

    title: Annotated[str, option("The heading; the recipe's name if empty.")] = ""
    license: Annotated[str, option("As the Hugging Face hub writes it, say cc-by-4.0.")] = ""
    description: Annotated[str, option("A paragraph under the heading.")] = ""
    tags: Annotated[list[str], option("Further tags.")] = msgspec.field(default_factory=list)


class Report(StepOptions, frozen=True):
    """What the report shows and is compared with."""

    random: Annotated[int, option("Random subsets of the same size to compare with.", ge=2)] = 20
    measures: Annotated[list[str], option("Measures of diversity, of those that `curate diversity --list` names.")] = (
        msgspec.field(
            default_factory=lambda: [
                "novelsum",
                "vendi",
                "pool_facility",
                "cluster_entropy",
                "distinct_2",
                "compression",
            ]
        )
    )
    audit: Annotated[bool, option("Whether an auditor that selection does not see judges the subset.")] = True
    examples: Annotated[int, option("Selected rows to show, and dropped ones for each reason.")] = 12
    map: Annotated[str, option("How the map is laid out: pca, or umap.")] = "pca"
    tokens: Annotated[TokenOptions, option("Count the subset's tokens, if a model is named.")] = TokenOptions()


class Recipe(StepOptions, frozen=True):
    """A whole recipe.  Paths are relative to the folder that the command runs in."""

    name: Annotated[str, option("What the subset is called; the file's name if empty.")] = ""
    inputs: Annotated[list[str], option("Files, folders, patterns or hf:// ids; --input gives others.")] = (
        msgspec.field(default_factory=list)
    )
    format: Annotated[
        str | None,
        option(
            "The format of the inputs; detected file by file if null, or mixed. `:FIELD=NAME,...` after it maps fields."
        ),
    ] = None
    seed: Annotated[int, option("Seed of all random choices.")] = 0
    embedder: Annotated[str, option(f"What embeds texts: {EMBEDDERS}.")] = "auto"
    validate: Annotated[Validate, option("Read and check.")] = Validate()
    dedup: Annotated[Dedup, option("Remove duplicates.")] = Dedup()
    decontaminate: Annotated[Decontaminate, option("Remove what tests hold.")] = Decontaminate()
    score: Annotated[Score | None, option("Score rows; null leaves it out.")] = Score()
    where: Annotated[
        list[str], option("SQL conditions on columns, scores and fields: rows that do not fulfil all are left out.")
    ] = msgspec.field(default_factory=list)
    select: Annotated[Select, option("Select rows.")] = Select()
    output: Annotated[Output, option("Write the subset.")] = Output()
    card: Annotated[Card, option("Describe it.")] = Card()
    report: Annotated[Report, option("Show it.")] = Report()
