"""The text of a row in normal form, in which case, width and white space do not count."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from hashlib import blake2b

from schemas.preference import rejected
from schemas.record import Conversation
from schemas.thoughts import whole


def key(record: Conversation) -> bytes:
    """128-bit hash of the text of a row: every turn in NFKC, case-folded, runs of white space as one blank.

    Tool calls and typed parts count as they are; metadata does not count.
    """
    return turns_hash(record, normal)


def turns_hash(record: Conversation, form: Callable[[str], str]) -> bytes:
    """128-bit hash of every turn of a row: role, thought and content in a form, tool calls and parts as they are.

    Of a pair the turns of the rejected answer count, too.
    """
    digest = blake2b(digest_size=16)
    for turn in (*record.messages, *rejected(record)):
        text = "\x1f".join((turn.role, form(whole(turn)), turn.tool_calls or "", turn.parts or ""))
        digest.update(text.encode("utf-8", "surrogatepass") + b"\x1e")
    return digest.digest()


def normal(text: str) -> str:
    """The text in NFKC, case-folded, with runs of white space as one blank and none at the ends."""
    return " ".join((text.lower() if text.isascii() else folded(text)).split())


def folded(text: str) -> str:
    """The text in NFKC and case-folded."""
    # Folding case can undo the normal form (the angstrom sign, some ligatures), so it is made once more.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
