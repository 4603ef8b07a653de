"""The formats and what each carries, for the terminal, for the README files and for docs/formats.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import fields

from curate.reference import format_matrix
from schemas.registry import FORMATS, IN_TABLE
from schemas.row import CARRIED, Format, Shape

MADE = "<!-- Made by `curate formats --markdown`; a test compares. -->"
COLUMNS = ("format", "fields", "shapes read", "variants")
MOST_NAMES = 6
INTRO = """\
A row of any format is read into one record, and written from it.  `curate convert IN OUT --to FORMAT` keeps all that
the target can hold and reports all that it cannot; nothing is dropped silently.  The second table is *measured*: a
row with each feature is written in each format and read back.  Of the formats that it has no column for, the sections
below say how they differ from one that has."""
NOTES = """\
**`--lossless` restores everything**: it adds one text column, `curate_origin`, with which converting back gives every
row that was not refused as it was.  `--on-loss drop` drops what the table calls *beside*, and `--on-loss error` refuses
rows of which anything would be beside or lost.  A row refused with E301 is written with `--turns`: its last
exchange, a row for each, or earlier ones in `history`.  Roles and weights are written as the target spells them
(`human` as `user`, `loss_weight` as `weight`).  A field whose name the target needs for itself is lost, and listed.

**A table holds less than JSON.**  A cell of CSV is text, and an empty one is no field; in Parquet and Arrow a null is
no field, and decimals have 64 bits.  What that changes is listed as lost, as `meta.k (null in parquet)`, and refused
with `--on-loss error`.  With `--lossless` each row is looked at as it will be read back, and `curate_origin` holds it
where that differs: nulls, numbers as they were written, the order of fields; a column whose values differ in type is
written as JSON text.  A row is called restored only if its digest says so; of others the summary says which columns
were changed.  Empty or null `system`, `tools`, `input`, `context` and `history` are the same as none.  A key that
stands twice in an object is refused (E008).

**A thought is apart from the answer.**  Text between `<think>` and `</think>` at the head of an assistant's turn, the
turn's `reasoning_content`, `reasoning`, `thinking` or `thought`, or a part of type `reasoning` or `thinking` before the
answer, is its thought: scores and `--key response` look at the answer alone, and name a fault of the thought as such.
It is written where it was read, to the letter; a format without a place for it has it before the answer, between these
marks on lines of their own.  A thought that is not closed is refused (E113), as are two that differ in one turn (E115)
and one that no answer and no call follows (E202); an empty one is valid (E114), and blank fields stay fields.  Calls
among parts (`tool_call`, `tool_use`, `function_call`) are calls of the turn.

**`--reasoning`** of `convert`, `render`, `train`, `ablate` and `export` says what becomes of thoughts:

- **keep** (the default): as the format or the prompt template has them, which may leave out those of
  earlier turns;
- **inline**: text of the reply, between `<think>` and `</think>` on lines of their own, in every turn;
- **drop**: left out; `convert` counts the rows;
- **mask**: written, and not trained on.  No format can say so, so `convert` lists it as lost.

**Rows of several examples**: a seed task is read as its first instance, an OpenAssistant tree (or its messages, one a
row in any order) as its best ranked path, and the rest stays beside it.  `--turns split` writes a row for each
instance, or for each path from the root to a leaf; without it `convert` counts the rows that have more.

**What is no pair is named**: plain text and turns by the assistant alone are text for pretraining; a question with
choices, or with an answer that is judged or ranked, is not read as a pair of question and answer.  Replies in TRL's
prompt are not trained on.

**Preference data** is a prompt with a better and a worse answer (`dpo`, LLaMA-Factory's `ranking`), or an answer with a
label (`kto`, LLaMA-Factory's `kto-tag`).  These are written in one another's forms; a pair becomes two labelled rows, a
labelled row alone no pair (E306).  For every other format a pair is refused (E305) unless `--take chosen` asks for its
chosen answer as the reply; a bad answer is always refused, and never selected, exported or trained on.  Replies in the
prompt, which nobody judged, are then not trained on.  `label` counts beside messages or a completion where it is true
or false and no `category`, `task`, `task_type` or `is_classification` says that the task is classification; false
beside any other format's fields means a bad answer by the same rule.

**The weight of a turn** is `weight`, `loss_weight`, `loss`, `train` or `trainable`: a number from 0, true or false.
Two of them that differ in one turn are refused (E109).

**Calls** are read from `tool_calls` (also flat, with `parameters` for arguments, one object, or JSON text),
`function_call` and `functions`, parts of type `tool_use`, `tool_call` and `tool_result`, and `function_call` turns;
several of these in a row are one turn.  They are written in OpenAI's shape, or as `function_call` turns; further keys
of a call stay beside it.  Calls that are text, as Hermes writes them (`<tool_call>`), stay text unless
`convert --calls from-text` reads them; `--calls to-text` writes calls and results so."""


def rows() -> list[tuple[str, ...]]:
    """A row of COLUMNS for each row_format."""
    return [
        (
            row_format.name,
            ", ".join(_fields(row_format.shapes[0])),
            _some([shape.name for shape in row_format.shapes]),
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
        [_table(heads, rows()), _table((said("feature"), *IN_TABLE), lines), "\n".join(legend(said)), *notes]
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
        *(
            []
            if row_format.name in IN_TABLE
            else [_unlike(FORMATS["sft" if row_format.tool_turns else "alpaca"], row_format), ""]
        ),
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
    if shape.borrowed and not shape.mark:
        return f"{keys[0]} with turns of {shape.name}"
    names = keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"
    return f"{names} {shape.mark}" if shape.mark else names


def _variant(row_format: Format, name: str, about: str) -> str:
    words = _differing(row_format, f"{row_format.name}/{name}")
    return f"- `--to {row_format.name}/{name}`: {about}" + (f".  Unlike the above: {words}" if words else "")


def _unlike(base: Format, row_format: Format) -> str:
    words = _differing(base, row_format.name)
    return f"Unlike {base.name}: {words}." if words else f"It carries what {base.name} does."


def _differing(base: Format, label: str) -> str:
    """The features whose outcome differs from that in the base, by outcome, in words."""
    differing = format_matrix.differences(base, label)
    words = dict.fromkeys(differing.values())
    return "; ".join(f"{word} for {', '.join(f for f in differing if differing[f] == word)}" for word in words)


def _some(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{', '.join(names[:2])} and {len(names) - 2} more"


def _fields(shape: Shape) -> list[str]:
    return [field.encode_name for field in fields(shape.row) if field.name not in CARRIED]


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rules = ["---"] * len(heads)
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, rules, *lines])
