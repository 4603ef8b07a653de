"""All scores by name: each is one file, one formula, one source and one column of the table.

A score's module in `curate.score.metrics`, a fault's in `curate.score.faults`, has `COLUMN`, its description, and
`values(texts)`, or
`values(texts, scoring)` where it needs more than the text; either returns one value a row.  Where values depend on a
model, judge or embedder, `made_by(scoring)` names that.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from types import ModuleType

import msgspec

from curate.errors import CurateError, did_you_mean
from curate.score.column import Column
from curate.score.scoring import Scoring

# Each finds one thing that is wrong with a row; curate.score.faults has a file for each.
FAULTS = [
    "empty",
    "refusal",
    "missing_input",
    "promise_only",
    "placeholder",
    "truncated",
    "fences",
    "loop",
    "prompt_echo",
    "chat_residue",
    "web_residue",
    "special_tokens",
    "mojibake",
]
# Groups of scores by what they need.
GROUPS = {
    "lexical": [
        "length",
        "prompt_length",
        "language",
        "script",
        *FAULTS,
        "faults",
        "suspicions",
        "repetition",
        "echo",
        "urls",
        "emails",
        "phones",
        "lexical_diversity",
        "readability",
    ],
    "faults": [*FAULTS, "faults", "suspicions"],
    "quality": ["quality", "quality_reasons"],
    "embedding": ["relevance"],
    "model": ["ifd", "perplexity"],
    "judge": ["rating", "complexity", "judge_quality"],
}
SCORES = [
    *GROUPS["lexical"],
    "profanity",
    "tokens",
    *GROUPS["quality"],
    *GROUPS["embedding"],
    *GROUPS["model"],
    *GROUPS["judge"],
    "reward",
]


def names(requested: Iterable[str]) -> list[str]:
    """The scores that a list of scores and groups names, each once, in its order.

    Args:
        requested: names; one text may hold several by commas, as `length,ifd`.

    Raises:
        CurateError: for an unknown name, with the nearest known one, and for no name at all.
    """
    unique: dict[str, None] = {}
    for name in filter(None, (part.strip() for text in requested for part in text.split(","))):
        if name not in GROUPS and name not in SCORES:
            hint = did_you_mean(name, [*SCORES, *GROUPS])
            raise CurateError(
                f"unknown score {name!r}; {hint}scores are {', '.join(SCORES)}; groups are {', '.join(GROUPS)}"
            )
        unique.update(dict.fromkeys(GROUPS.get(name, [name])))
    if not unique:
        raise CurateError(f"no score is named; scores are {', '.join(SCORES)}")
    return list(unique)


def module(name: str) -> ModuleType:
    """The module of a score."""
    return importlib.import_module(f"curate.score.{'faults' if name in FAULTS else 'metrics'}.{name}")


def column(name: str, scoring: Scoring | None = None) -> Column:
    """What the score of this name is; with `scoring`, also what its values are made by."""
    metric = module(name)
    if scoring is None or not hasattr(metric, "made_by"):
        return metric.COLUMN
    return msgspec.structs.replace(metric.COLUMN, made_by=metric.made_by(scoring))


def by_row(described: Column) -> bool:
    """Whether a score's value depends on its row alone; one by an embedder compares the rows with one another."""
    return described.needs != "embedder"
