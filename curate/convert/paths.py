"""Where the files go that accompany the output of a conversion."""

from __future__ import annotations

from curate.io.shards import companion


def rejects_path(out: str) -> str:
    """Where the rejected rows of an output go."""
    return companion(out, ".rejects.jsonl")
