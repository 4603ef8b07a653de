"""Dolly: instruction, context, response, category.

Source: databricks-dolly-15k.  Its categories are metadata, never trained on.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from schemas.flat import Flat, divided, loses, read_flat, single
from schemas.record import Conversation
from schemas.row import Format, Names, Shape, Variant, raw_of

NAMES = Names("instruction", "context", "response")
# The description has the first seven; the published file has the eighth too, and writes all as in SNAKE.
CATEGORIES = (
    "Closed QA",
    "Open QA",
    "Information Extraction",
    "Summarization",
    "Brainstorming",
    "Classification",
    "Creative Writing",
    "General QA",
)
SNAKE = {name.lower().replace(" ", "_"): name for name in CATEGORIES}


class Dolly(Flat, kw_only=False):
    """instruction and response are required; context may be empty, null or absent."""

    instruction: str
    context: str | UnsetType | None = UNSET
    response: str | UnsetType = UNSET


def read(row: Dolly) -> Conversation:
    """The record.  Raises Invalid E102, E202 or E203 for a missing or blank side."""
    return read_flat(row, NAMES, row.instruction, row.context, row.response)


def write(conversation: Conversation) -> Dolly:
    """The row.  Raises Invalid E301, E302, E303 where one exchange of text does not hold it."""
    system, prompt, response = single(conversation, "dolly")
    instruction, context = divided(conversation, prompt)
    return Dolly(instruction, context, response, system=system)


def write_names(conversation: Conversation) -> Dolly:
    """The row, with Dolly's categories as its description spells them."""
    row = write(conversation)
    if conversation.category is not None:
        row.category = raw_of(spelled(conversation.category))
    return row


def write_snake(conversation: Conversation) -> Dolly:
    """The row, with Dolly's categories as its published file spells them."""
    row = write(conversation)
    if conversation.category is not None:
        name = spelled(conversation.category)
        row.category = raw_of(name.lower().replace(" ", "_") if name in CATEGORIES else name)
    return row


def spelled(category: str) -> str:
    """One of Dolly's categories as the description spells it; any other category as it is."""
    return SNAKE.get(category.strip().lower().replace(" ", "_").replace("-", "_"), category)


FORMAT = Format(
    name="dolly",
    title="Dolly",
    shapes=(Shape("dolly", Dolly, read, ("instruction", "response"), NAMES),),
    write=write,
    loses=loses,
    names=frozenset({"category"}),
    multi_turn=False,
    tool_turns=False,
    example='{"instruction": "Name a prime.", "context": "", "response": "2", "category": "Open QA"}',
    source="databricks/databricks-dolly-15k",
    variants=(
        Variant("names", "dolly", write_names, loses, "categories as in the description: Open QA"),
        Variant("snake", "dolly", write_snake, loses, "categories as in the published file: open_qa"),
    ),
)
