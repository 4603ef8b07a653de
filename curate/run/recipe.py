"""A recipe: what to curate, by which steps, with which options.  `curate.run.recipe_file` reads one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from curate.score.options import Score


def says(text: str, **limits: Any) -> msgspec.Meta:
    """What a key means, for docs/recipes.md, and the limits of its value."""
    return msgspec.Meta(description=text, **limits)


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of a recipe; its keys are fields of this record, each with a type, a default and a description."""


EMBEDDERS = "auto, static, minilm, tfidf, or a hub id or folder"
METHODS = "facility_location, random, top_score, score_first, k_center, novelsum, clustered, lima"


class Validate(Section, frozen=True):
    """Every row is read and checked against its format; invalid ones go no further, and the ledger lists them."""

    repair: Annotated[bool, says("Mend rows that can be mended without guessing.")] = False


class Dedup(Section, frozen=True):
    """Of rows that are alike the best stays.  Exact duplicates are always looked for."""

    near: Annotated[float | None, says("Jaccard similarity of shingles from which on rows are duplicates.")] = 0.7
    semantic: Annotated[float | None, says("Cosine of embeddings from which on rows are duplicates.")] = None
    key: Annotated[str, says("What of a row counts: conversation, prompt, response, first-prompt or exchange.")] = (
        "conversation"
    )
    best: Annotated[str | None, says("Of duplicates the row with most of this column stays; else the longer.")] = None
    against: Annotated[list[str], says("Files whose rows all stay; rows of the inputs that are like them go.")] = []


class Decontaminate(Section, frozen=True):
    """Rows that share text with evaluation files are removed; without any named the step is left out."""

    against: Annotated[list[str], says("Evaluation files, in any of the formats.")] = []
    ngram: Annotated[int | None, says("So many words (characters in Chinese and Japanese) in a row; null: none.")] = 13
    share: Annotated[float, says("Part of an evaluation row's n-grams that a row must have; 0 asks for one.")] = 0.0
    near: Annotated[float | None, says("Also by this Jaccard similarity of shingles.")] = None
    semantic: Annotated[float | None, says("Also by this cosine of embeddings.")] = None
    flag: Annotated[bool, says("Keep the rows, and only flag them in the ledger.")] = False


class Select(Section, frozen=True):
    """Which rows are taken, and in what order."""

    size: Annotated[int, says("How many rows.", ge=1)] = 1000
    method: Annotated[str, says(f"One of {METHODS}.")] = "novelsum"
    balance: Annotated[
        str | None,
        says(
            "Columns or fields, by commas, whose values share the size; `cluster` are clusters of embeddings. "
            "auto: category where at least half of the rows have one, else cluster.  null: no balance."
        ),
    ] = "auto"
    shares: Annotated[str | None, says("equal, square-root, lima (cube root) or proportional; equal if null.")] = (
        "square-root"
    )
    quotas: Annotated[dict[str, int], says("Exact numbers by value of the balance.")] = {}
    min: Annotated[int | dict[str, int], says("At least so many of every value, or by value.")] = msgspec.field(
        default_factory=dict
    )
    max: Annotated[int | dict[str, int], says("At most so many of every value, or by value.")] = msgspec.field(
        default_factory=dict
    )
    quality: Annotated[
        str | None,
        says("The column that says how good a row is (-COLUMN: lower is better); score if null."),
    ] = None
    floor: Annotated[float | None, says("The share of rows, those of least quality, that is left out.")] = 0.1
    trade_off: Annotated[float, says("Weight of quality in facility_location and lima, 0 to 1.")] = 0.5
    threshold: Annotated[float, says("Cosine at which score_first passes a row over.")] = 0.9
    clusters: Annotated[int | None, says("How many clusters; by the size of the pool if null.")] = None
    assign_categories: Annotated[bool, says("Give rows without a category one of Dolly's seven.")] = False


class Output(Section, frozen=True):
    """The subset as a file."""

    file: Annotated[str, says("Its name; the ending gives the container.")] = "subset.jsonl"
    format: Annotated[str | None, says("The format to write; that of the inputs if they share one, else sft.")] = None


class Card(Section, frozen=True):
    """What the dataset card says beyond what is found out."""

    title: Annotated[str, says("The heading; the recipe's name if empty.")] = ""
    license: Annotated[str, says("As the Hugging Face hub writes it, say cc-by-4.0.")] = ""
    description: Annotated[str, says("A paragraph under the heading.")] = ""
    tags: Annotated[list[str], says("Further tags.")] = []


class Report(Section, frozen=True):
    """What the report shows and is compared with."""

    random: Annotated[int, says("Random subsets of the same size to compare with.", ge=2)] = 20
    measures: Annotated[list[str], says("Measures of diversity, of those that `curate diversity --list` names.")] = (
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
    examples: Annotated[int, says("Selected rows to show, and dropped ones for each reason.")] = 12
    map: Annotated[str, says("How the map is laid out: pca, or umap.")] = "pca"


class Recipe(Section, frozen=True):
    """A whole recipe.  Paths are relative to the folder that the command runs in."""

    name: Annotated[str, says("What the subset is called; the file's name if empty.")] = ""
    inputs: Annotated[list[str], says("Files, folders, patterns or hf:// ids; --input gives others.")] = []
    format: Annotated[str | None, says("The format of the inputs; found out file by file if null, or mixed.")] = None
    seed: Annotated[int, says("Seed of all random choices.")] = 0
    embedder: Annotated[str, says(f"What embeds texts: {EMBEDDERS}.")] = "auto"
    validate: Annotated[Validate, says("Read and check.")] = Validate()
    dedup: Annotated[Dedup, says("Remove duplicates.")] = Dedup()
    decontaminate: Annotated[Decontaminate, says("Remove what tests hold.")] = Decontaminate()
    score: Annotated[Score | None, says("Score rows; null leaves it out.")] = Score()
    select: Annotated[Select, says("Choose rows.")] = Select()
    output: Annotated[Output, says("Write the subset.")] = Output()
    card: Annotated[Card, says("Describe it.")] = Card()
    report: Annotated[Report, says("Show it.")] = Report()
