"""The options of deduplication and decontamination.  Nothing here imports pyarrow, so that `--help` stays fast."""

from __future__ import annotations

from typing import Annotated

import msgspec

from curate.options import StepOptions, option
from curate.text.key_texts import KEYS


class Dedup(StepOptions, frozen=True):
    """Of rows that are alike the best is kept.  Exact duplicates are always looked for."""

    near: Annotated[
        float | None,
        option("Jaccard similarity of shingles from which on rows are duplicates.", gt=0, le=1, metavar="T"),
    ] = 0.7
    semantic: Annotated[
        float | None, option("Cosine of embeddings from which on rows are duplicates.", gt=0, le=1, metavar="T")
    ] = None
    key: Annotated[
        str,
        option(
            "What of a row counts: conversation, prompt, response, first-prompt or exchange.",
            choices=tuple(KEYS),
            metavar="KEY",
        ),
    ] = "conversation"
    normalise: Annotated[
        list[str],
        option(
            "What exact duplicates may differ in, of width, compatibility, case, chinese, punctuation and space; "
            "white space at line ends and the composition of characters never count.",
            commas=True,
            metavar="FOLDS",
        ),
    ] = msgspec.field(default_factory=list)
    shingle: Annotated[
        int, option("Words (characters in Chinese and Japanese) in a shingle.", ge=1, le=64, metavar="N")
    ] = 5
    cluster: Annotated[
        str,
        option(
            "What remains of rows that are alike: the best of them, or, with drop, none.",
            choices=("best", "drop"),
            metavar="HOW",
        ),
    ] = "best"
    size: Annotated[
        int | None,
        option(
            "Raise the threshold (of --semantic if there is one, else of --near) as far as no more than so many rows "
            "remain.",
            ge=1,
            metavar="N",
        ),
    ] = None
    best: Annotated[
        str | None,
        option(
            "Of duplicates the row with most of this column or field is kept (-COLUMN: least); by default the column "
            "or field quality, else the column score, else the row with fewer faults. Then the longer.",
            metavar="COLUMN",
        ),
    ] = None
    against: Annotated[
        list[str],
        option("Files whose rows are all kept; rows of the inputs that are like them are dropped.", metavar="FILE"),
    ] = msgspec.field(default_factory=list)


class Decontaminate(StepOptions, frozen=True):
    """Rows that share text with evaluation files are removed; without any named the step is left out."""

    against: Annotated[
        list[str],
        option("Evaluation files: any of the formats, prompts only, CSV, plain text.", metavar="EVAL"),
    ] = msgspec.field(default_factory=list)
    map: Annotated[
        list[str],
        option(
            "Which field of EVAL holds the prompt, context, choices or answer, where its name does not tell.",
            metavar="PART=FIELD",
        ),
    ] = msgspec.field(default_factory=list)
    key: Annotated[
        str,
        option(
            "What is compared: conversation, or prompt; items without an answer are compared by their prompts always.",
            choices=("conversation", "prompt"),
            metavar="KEY",
        ),
    ] = "conversation"
    ngram: Annotated[
        int | None,
        option("So many words (characters in Chinese and Japanese) in a row; null: none.", ge=2, metavar="N"),
    ] = 13
    share: Annotated[
        float,
        option("Part of an evaluation row's n-grams that a row must have; 0 asks for one.", ge=0, le=1, metavar="S"),
    ] = 0.0
    near: Annotated[
        float | None, option("Jaccard similarity of shingles from which on rows overlap too.", gt=0, le=1, metavar="T")
    ] = None
    shingle: Annotated[
        int, option("Words (characters in Chinese and Japanese) in a shingle.", ge=1, le=64, metavar="N")
    ] = 5
    semantic: Annotated[
        float | None, option("Cosine of embeddings from which on rows overlap too.", gt=0, le=1, metavar="T")
    ] = None
    flag: Annotated[bool, option("Keep the rows, and only flag them in the ledger.")] = False
