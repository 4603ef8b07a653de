"""Which held-out conversations are answered."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.record import Conversation


def evenly_spread(conversations: Sequence[Conversation], count: int) -> list[Conversation]:
    """At most so many conversations, evenly spread, so that all parts of the set are among them."""
    count = min(count, len(conversations))
    return [conversations[i * len(conversations) // count] for i in range(count)]
