"""The formats and what each carries, for the terminal, for the README files and for docs/formats.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import fields

from curate.reference import format_matrix
from schemas.registry import FORMATS
from schemas.row import CARRIED, Format, Shape

MADE = "<!-- Made by `curate formats --markdown`; a test compares. -->"
COLUMNS = ("format", "fields", "shapes read", "variants")
INTRO = """\
A row of any format is read into one record, and written from it.  `curate convert IN OUT --to FORMAT` keeps all that
the target can hold and reports all that it cannot; nothing is dropped silently.  The second table is *measured*: a
row with each feature is written in each format and read back."""
NOTES = """\
**`--lossless` restores everything**: it adds one text column, `curate_origin`, with which converting back gives every
row that was not refused as it was.  `--on-loss drop` drops what the table calls *beside*, and `--on-loss error` refuses
rows of which anything would be beside or lost.  A row refused with E301 is written with `--turns`: its last
exchange, a row for each, or earlier ones in `history`.  Roles and weights are written as the target spells them
(`human` as `user`, `loss_weight` as `weight`).  A field whose name the target needs for itself is lost, and listed.

**A thought is apart from the answer.**  Text between `<think>` and `</think>` at the head of an assistant's turn, or
the turn's `reasoning_content`, `reasoning`, `thinking` or `thought`, is its thought: scores and `--key response` look
at the answer alone.  It is written where it was read, to the letter; a format without fields for turns has it before
the answer, between these marks on lines of their own.  A thought that is not closed, or that no answer and no call
follows, stays text; blank fields stay fields.

**The weight of a turn** is `weight`, `loss_weight`, `loss`, `train` or `trainable`: a number from 0, true or false.
Two of them that differ in one turn are refused (E109)."""


def rows() -> list[tuple[str, ...]]:
    """A row of COLUMNS for each row_format."""
    return [
        (
            row_format.name,
            ", ".join(_fields(row_format.shapes[0])),
            ", ".join(shape.name for shape in row_format.shapes),
            ", ".join(variant.name for variant in row_format.variants),
        )
        for row_format in FORMATS.values()
    ]


def data() -> list[dict[str, Any]]:
    """All that is known of each row_format, as JSON has it."""
    return [
        {
            "format": row_format.name,
            "fields": _fields(row_format.shapes[0]),
            "shapes": [shape.name for shape in row_format.shapes],
            "variants": {variant.name: variant.about for variant in row_format.variants},
            "several_exchanges": row_format.multi_turn,
            "tool_turns": row_format.tool_turns,
            "names": sorted(row_format.names),
            "source": row_format.source,
            "example": row_format.example,
            "carries": format_matrix.outcomes(row_format),
        }
        for row_format in FORMATS.values()
    ]


def tables(said: Callable[[str], str] = str) -> str:
    """Both tables with what their words mean, in Markdown.

    Args:
        said: gives each head, feature, word and paragraph in the language of the page; English if not given.
    """
    lines = [(said(feature), *map(said, cells.values())) for feature, cells in format_matrix.matrix().items()]
    notes = [said(paragraph) for paragraph in NOTES.split("\n\n")]
    heads = [*map(said, COLUMNS)]
    return "\n\n".join(
        [_table(heads, rows()), _table((said("feature"), *FORMATS), lines), "\n".join(legend(said)), *notes]
    )


def legend(said: Callable[[str], str] = str) -> list[str]:
    """What the words of the second table mean, a list in Markdown; `said` as for `tables`."""
    return [f"- **{said(word)}**: {said(meaning)}" for word, meaning in format_matrix.OUTCOMES.items()]


def page() -> str:
    """The whole of docs/formats.md."""
    return "\n\n".join([MADE, "# Formats", INTRO, tables(), *map(_section, FORMATS.values())])


def _section(row_format: Format) -> str:
    shapes = ", or ".join(_recognised_by(shape) for shape in row_format.shapes)
    bare = ", as bare lists where the rows have nothing but their turns" if row_format.bare else ""
    lines = [
        f"## {row_format.name}",
        "",
        f"**{row_format.title}.**  Source: {row_format.source}.  Its rows are recognised by {shapes}.  "
        f"Written with `--to {row_format.name}`{bare}{', and:' if row_format.variants else '.'}",
        "",
        *(_variant(row_format, variant.name, variant.about) for variant in row_format.variants),
        *([""] if row_format.variants else []),
        "```json",
        row_format.example,
        "```",
    ]
    return "\n".join(lines)


def _recognised_by(shape: Shape) -> str:
    """What a row of a shape is recognised by."""
    if shape.wrap:
        return "being a bare list of turns"
    keys = [f"`{key}`" for key in shape.keys]
    if shape.borrowed:
        return f"{keys[0]} with turns of {shape.name}"
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"


def _variant(row_format: Format, name: str, about: str) -> str:
    differing = format_matrix.differences(row_format, name)
    words = [
        f"{word} for {', '.join(f for f in differing if differing[f] == word)}"
        for word in dict.fromkeys(differing.values())
    ]
    return f"- `--to {row_format.name}/{name}`: {about}" + (f".  Unlike the above: {'; '.join(words)}" if words else "")


def _fields(shape: Shape) -> list[str]:
    return [field.encode_name for field in fields(shape.row) if field.name not in CARRIED]


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rules = ["---"] * len(heads)
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, rules, *lines])
