"""The options of a token report.  Names, defaults and meanings are those of `curate train`."""

from __future__ import annotations

from typing import Annotated

from curate.options import Reasoning, StepOptions, option


class TokenOptions(StepOptions, frozen=True):
    """The tokens that a training run would see of rows, as `curate stats --model` counts them."""

    model: Annotated[
        str | None,
        option("Count tokens as this model's tokenizer makes them: a hub id, folder, .gguf file or smollm2-135m."),
    ] = None
    template: Annotated[
        str,
        option(
            "How a conversation becomes text: auto, the model's own chat template; or a name of `curate render --list`."
        ),
    ] = "auto"
    reasoning: Reasoning = "keep"
    max_length: Annotated[int, option("Longest row, in tokens; longer ones are cut.", ge=2)] = 512
    batch_size: Annotated[int, option("Rows in a batch.", flag="--batch-size --batch", ge=1)] = 8
    accumulate: Annotated[int, option("Batches in a step.", ge=1)] = 1
    epochs: Annotated[int, option("Passes over the rows.", ge=1)] = 3

    def steps(self, rows: int) -> int:
        """Optimiser steps of a run on so many rows."""
        return self.epochs * -(-rows // (self.batch_size * self.accumulate))
