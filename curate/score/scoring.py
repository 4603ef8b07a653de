"""What a score is made with."""

from __future__ import annotations

from dataclasses import dataclass, field

from curate.progress import Progress, silent
from curate.score.options import Score


@dataclass(frozen=True)
class Scoring:
    """What the scores that need more than the text use.

    Attributes:
        options: the user's.
        embedder: for `relevance`, as `curate.models.embed.embed` takes it.
        cache: whether the answers of models and judges are kept on disk and taken from there.
        progress: called with what is being done, how much of it is done, and how much there is.
    """

    options: Score = field(default_factory=Score)
    embedder: str = "auto"
    cache: bool = True
    progress: Progress = silent
