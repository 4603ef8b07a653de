"""The formats and what each carries, for the terminal, for README.md and for docs/formats.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import fields

from curate.reference import format_matrix
from schemas.registry import FORMATS
from schemas.row import CARRIED, Format, Shape

MADE = "<!-- Made by `curate formats --markdown`; a test compares. -->"
COLUMNS = ("format", "fields", "shapes read", "variants")
INTRO = """\
A row of any format is read into one record, and written from it.  `curate convert IN OUT --to FORMAT` keeps all that
the target can hold and tells of all that it cannot; nothing is left out in silence.  The second table is *measured*: a
row with each feature is written in each format and read back."""
NOTES = """\
**`--lossless` restores everything**: it adds one text column, `curate_origin`, with which converting back gives every
row that was not refused as it was.  `--on-loss drop` leaves out what would stand beside, and `--on-loss error` refuses
rows of which anything would stand beside or be lost.  A row refused with E301 is written with `--turns`: its last
exchange, a row for each, or earlier ones in `history`.  Roles and weights are written as the target spells them
(`human` as `user`, `loss_weight` as `weight`).  A field whose name the target needs for itself is lost, and listed."""


def rows() -> list[tuple[str, ...]]:
    """A row of COLUMNS for each format."""
    return [
        (
            format.name,
            ", ".join(_fields(format.shapes[0])),
            ", ".join(shape.name for shape in format.shapes),
            ", ".join(variant.name for variant in format.variants),
        )
        for format in FORMATS.values()
    ]


def data() -> list[dict[str, Any]]:
    """All that is known of each format, as JSON has it."""
    return [
        {
            "format": format.name,
            "fields": _fields(format.shapes[0]),
            "shapes": [shape.name for shape in format.shapes],
            "variants": {variant.name: variant.about for variant in format.variants},
            "several_exchanges": format.multi_turn,
            "tool_turns": format.tool_turns,
            "names": sorted(format.names),
            "source": format.source,
            "example": format.example,
            "carries": format_matrix.outcomes(format),
        }
        for format in FORMATS.values()
    ]


def tables() -> str:
    """Both tables with what their words mean, in Markdown."""
    found = format_matrix.matrix()
    second = _table(("feature", *FORMATS), [(feature, *cells.values()) for feature, cells in found.items()])
    return "\n\n".join([_table(COLUMNS, rows()), second, "\n".join(legend()), NOTES])


def legend() -> list[str]:
    """What the words of the second table mean, a list in Markdown."""
    return [f"- **{word}**: {meaning}" for word, meaning in format_matrix.OUTCOMES.items()]


def page() -> str:
    """The whole of docs/formats.md."""
    return "\n\n".join([MADE, "# Formats", INTRO, tables(), *map(_section, FORMATS.values())])


def _section(format: Format) -> str:
    told = ", or ".join(_told(shape) for shape in format.shapes)
    bare = ", as bare lists where the rows carry nothing beside their turns" if format.bare else ""
    lines = [
        f"## {format.name}",
        "",
        f"**{format.title}.**  Source: {format.source}.  Its rows are told by {told}.  "
        f"Written with `--to {format.name}`{bare}{', and:' if format.variants else '.'}",
        "",
        *(_variant(format, variant.name, variant.about) for variant in format.variants),
        *([""] if format.variants else []),
        "```json",
        format.example,
        "```",
    ]
    return "\n".join(lines)


def _told(shape: Shape) -> str:
    """By what a row of a shape is known."""
    if shape.wrap:
        return "being a bare list of turns"
    keys = [f"`{key}`" for key in shape.keys]
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"


def _variant(format: Format, name: str, about: str) -> str:
    found = format_matrix.differences(format, name)
    words = [f"{word} for {', '.join(f for f in found if found[f] == word)}" for word in dict.fromkeys(found.values())]
    return f"- `--to {format.name}/{name}`: {about}" + (f".  Unlike the above: {'; '.join(words)}" if words else "")


def _fields(shape: Shape) -> list[str]:
    return [field.encode_name for field in fields(shape.row) if field.name not in CARRIED]


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rules = ["---"] * len(heads)
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, rules, *lines])
