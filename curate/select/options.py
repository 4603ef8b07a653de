"""The options of a selection: one record for the command line, the recipe and Python, free of heavy imports."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from curate import options as _options
from curate.errors import CurateError
from curate.options import Described, StepOptions, described, option, shown

# Names of the methods; `arrange.METHODS` has their functions.
METHODS = (
    "facility_location",
    "random",
    "top_score",
    "score_first",
    "k_center",
    "novelsum",
    "clustered",
    "lima",
)
# Allocations of the size to groups: each group's part is in proportion to its rows raised to this power.  LIMA draws
# topics at temperature 3.
ALLOCATIONS = {"equal": 0.0, "square-root": 0.5, "proportional": 1.0, "lima": 1 / 3}
# Options that name groups, so that they need a balance.
OF_GROUPS = ("quotas", "min", "max")


class Select(StepOptions, frozen=True):
    """Which rows are selected, and in what order."""

    size: Annotated[int, option("How many rows.", ge=1)] = 1000
    method: Annotated[str, option(f"One of {', '.join(METHODS)}.", choices=METHODS, metavar="NAME")] = "novelsum"
    balance: Annotated[
        str | None,
        option(
            "Columns or fields, by commas, whose values share the size; several are crossed. Always there: language, "
            "script, turns, and cluster, the clusters of embeddings. auto: category where at least half of the rows "
            "have one, else cluster.",
            metavar="COLUMN,...",
        ),
    ] = "auto"
    allocation: Annotated[
        str | None,
        option(
            "How the balance allocates the size: equal, square-root, proportional (to a group's rows), or lima (cube "
            "root); equal if not given.",
            choices=tuple(ALLOCATIONS),
        ),
    ] = "square-root"
    quotas: Annotated[
        dict[str, int], option("Exact numbers by value of the balance.", flag="--quota", metavar="NAME=N")
    ] = msgspec.field(default_factory=dict)
    min: Annotated[
        int | dict[str, int], option("At least so many of every value, or by value.", metavar="[NAME=]N")
    ] = msgspec.field(default_factory=dict)
    max: Annotated[int | dict[str, int], option("At most so many of every value, or by value.", metavar="[NAME=]N")] = (
        msgspec.field(default_factory=dict)
    )
    quality: Annotated[
        str | None,
        option(
            "The column or field that says how good a row is, higher is better (-COLUMN: lower); by default the column "
            "or field quality, else the column score; without them all rows count alike. A probability counts by its "
            "value, all else by its rank.",
            metavar="COLUMN",
        ),
    ] = None
    floor: Annotated[
        float | str | None,
        option(
            "Rows below it are left out: auto, where quality is a probability, by how many rows of the pool are bad, "
            "at most 0.6 of what the best tenth reach (of ranks none is left out); or the share of rows that is left "
            "out, those of lowest quality.",
            ge=0,
            lt=1,
            choices=("auto",),
            metavar="auto|SHARE",
        ),
    ] = "auto"
    trade_off: Annotated[
        float,
        option(
            "Weight of quality in facility_location, lima, k_center, novelsum and clustered: 0 coverage, distance or "
            "novelty alone, 1 times quality.",
            ge=0,
            le=1,
        ),
    ] = 1.0
    threshold: Annotated[
        float, option("Cosine similarity from which on score_first passes a row over.", gt=0, le=1)
    ] = 0.9
    clusters: Annotated[
        int | None,
        option("How many clusters, for `cluster` and clustered; by the size of the pool if not given.", ge=1),
    ] = None
    assign_categories: Annotated[bool, option("Give rows without a category one of Dolly's seven.")] = False


# What `curate select`, and any selection that asks for no balance, has in place of a recipe's defaults.
PLAIN: dict[str, Any] = {"method": "facility_location", "balance": None, "allocation": None}


def plain(**values: Any) -> Select:
    """Options with the defaults of `curate select`: no balance unless it is given."""
    return Select(**{**PLAIN, **values})


def check(options: Select, where: str = "") -> None:
    """Check the values of options, and that they fit together.

    Args:
        options: of a selection.
        where: what stands before a field's name in an error; see `curate.options.check`.

    Raises:
        CurateError: for a value outside its limits or choices, and for numbers of groups without a balance.
    """
    _options.check(options, where)
    if options.balance is None and options.method != "lima":
        fields = {field.name: field for field in described(Select)}
        for name in OF_GROUPS:
            if getattr(options, name) not in ({}, None):
                raise CurateError(_needs_balance(fields[name], fields["balance"], where))


def _needs_balance(field: Described, balance: Described, where: str) -> str:
    return f"{shown(field, where)} needs {shown(balance, where)}, the column that its names are values of"


def by_name(numbers: int | dict[str, int]) -> dict[str, int]:
    """Numbers by name; a bare one has the empty name, which stands for each group."""
    return {"": numbers} if isinstance(numbers, int) else numbers
