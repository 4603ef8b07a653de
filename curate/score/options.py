"""The options of scoring.  Nothing here imports pyarrow, so that `--help` stays fast."""

from __future__ import annotations

from typing import Annotated

import msgspec

from curate.options import StepOptions, option


class Judge(StepOptions, frozen=True):
    """The OpenAI-compatible API that judge scores ask."""

    url: Annotated[
        str,
        option("Address of the judge's OpenAI-compatible API, as https://host/v1.", flag="--judge-url", metavar="URL"),
    ] = ""
    model: Annotated[str, option("Name of the model that judges.", flag="--judge-model", metavar="NAME")] = ""
    key_from: Annotated[
        str, option("The environment variable that holds the key.", flag="--judge-key-from", metavar="NAME")
    ] = "OPENAI_API_KEY"
    concurrency: Annotated[int, option("Requests that are sent at a time.", ge=1)] = 8
    per_minute: Annotated[int, option("Requests in a minute, at most; 0 for no limit.")] = 0


class Score(StepOptions, frozen=True):
    """Scores of the rows that are left, and the one column `score` that they make together."""

    with_: Annotated[
        list[str],
        option(
            "Scores, or groups of them: lexical, faults, quality, embedding, model, judge.", flag="--with", commas=True
        ),
    ] = msgspec.field(name="with", default_factory=lambda: ["lexical", "quality"])
    combine: Annotated[
        str,
        option(
            "How `score` is made of several: rank, rank:NAME,-NAME, product:NAME,NAME, deita or none; auto: none where "
            "quality is measured, else rank.",
            metavar="RULE",
        ),
    ] = "auto"
    by: Annotated[str, option('Rank among rows of the same value of this column; "" for all.', metavar="COLUMN")] = (
        "category"
    )
    model: Annotated[str, option("Language model for ifd and perplexity.")] = "smollm2-135m"
    tokenizer: Annotated[str, option("Tokenizer for tokens; that of the model if empty.")] = ""
    max_length: Annotated[int, option("Longest prompt and response, in tokens, that a model reads.", ge=1)] = 1024
    reward: Annotated[str, option("A classification or reward model: folder or hub id.", metavar="MODEL")] = ""
    words: Annotated[str, option("File of the words that profanity counts, one a line.", metavar="FILE")] = ""
    judge: Annotated[Judge, option("The judge that scores are asked of.")] = Judge()
