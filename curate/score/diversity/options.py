"""The options of measuring diversity.  Nothing here imports pyarrow, so that `--help` stays fast."""

from __future__ import annotations

from typing import Annotated

import msgspec

from curate.options import EMBEDDERS, StepOptions, option

TEXTS = ("both", "prompt", "response")


class Diversity(StepOptions, frozen=True):
    """Measures of how diverse a set is."""

    with_: Annotated[
        list[str],
        option(
            "Measures, by commas; all that can be computed if not given.", flag="--with", metavar="NAMES", commas=True
        ),
    ] = msgspec.field(name="with", default_factory=list)
    of: Annotated[str, option("The text that is looked at.", choices=TEXTS)] = "both"
    embedder: Annotated[str, option(f"What embeds texts: {EMBEDDERS}.")] = "auto"
    halves: Annotated[int, option("Random halves that the intervals are from; 0 for none.")] = 20
    seed: Annotated[int, option("Seed of random choices.")] = 0
