"""The options of conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from curate.options import Reasoning, StepOptions, option

if TYPE_CHECKING:
    from schemas.adapt import Adapter
    from schemas.row import Format

Pairs = dict[str, str]
TAKE_CHOSEN = "chosen"


class ConvertOptions(StepOptions, frozen=True, kw_only=True):
    """How to convert.

    Attributes:
        digests: whether the summary has the SHA-256 of each source.
    """

    to: Annotated[str, option("The format to write, or format/variant; see `curate formats`.", flag="-")] = "sft"
    name: Annotated[
        str | None,
        option("Format of IN; detected if not given, `mixed` for rows of any.", flag="--from --format", metavar="NAME"),
    ] = None
    on_loss: Annotated[
        str,
        option(
            "Fields that the target does not name: keep them under their own names, drop them, or refuse the row.",
            choices=("keep", "drop", "error"),
        ),
    ] = "keep"
    lossless: Annotated[bool, option("Add the column curate_origin, with which any row can be restored exactly.")] = (
        False
    )
    on_invalid: Annotated[
        str,
        option(
            "Invalid rows: list them in OUT.rejects.jsonl, stop at the first and write nothing, or repair those that "
            "can safely be and list the others.",
            choices=("reject", "error", "repair"),
        ),
    ] = "reject"
    turns: Annotated[
        str | None,
        option(
            "A conversation of several exchanges in a format of one: refuse it, write the last exchange, a row for "
            "each, or earlier ones into the field history.  [default: history for alpaca, error for others]  "
            "Split also writes a row for each instance of a seed task and each path of a tree.",
            choices=("error", "last", "split", "history"),
        ),
    ] = None
    take: Annotated[
        str | None,
        option(
            "Make conversations of preference data: chosen writes the chosen answers of pairs as replies, and of "
            "labelled answers the good ones; bad answers are listed with the rejected rows.",
            choices=(TAKE_CHOSEN,),
        ),
    ] = None
    reasoning: Reasoning = "keep"
    calls: Annotated[
        str,
        option(
            "Calls of tools: keep them as they are; read <tool_call> and <tool_response> in texts, as Hermes writes "
            "them, as calls and results (from-text); or write calls and results so (to-text).",
            choices=("keep", "from-text", "to-text"),
        ),
    ] = "keep"
    fields: Annotated[Pairs, option("Names in the sources of fields of their format.", flag="-")] = msgspec.field(
        default_factory=dict
    )
    roles: Annotated[Pairs, option("Roles by their names in the sources.", flag="-")] = msgspec.field(
        default_factory=dict
    )
    shard_rows: Annotated[int, option("Rows of each file where OUT has a *, as out-*.parquet.", ge=1)] = 100_000
    workers: Annotated[int, option("Processes; 0 takes a second one where files are large.", ge=0)] = 0
    digests: Annotated[bool, option("Take the SHA-256 of each source.", flag="-")] = False

    @property
    def target(self) -> Format:
        """The format to write.

        Raises:
            CurateError: that lists the formats, if there is none of this name.
        """
        from curate.table.reading import format_named

        return format_named(self.to)

    @property
    def adapter(self) -> Adapter | None:
        """What maps names and roles; None where there is nothing to map."""
        from schemas.adapt import Adapter

        names = {name: field for field, name in self.fields.items()}
        return Adapter(names, self.roles) if names or self.roles else None

    @property
    def repair(self) -> bool:
        """Whether rows that can safely be repaired are."""
        return self.on_invalid == "repair"
