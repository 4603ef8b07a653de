"""A cache of tokenized rows on disk: a pool of many rows is rendered and tokenized once, not at every start.

Files lie in $XDG_CACHE_HOME/curate/tokens, else ~/.cache/curate/tokens; the oldest are removed when there are more than
MOST_FILES.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from curate.errors import CurateError
from curate.io import atomic
from curate.models.masking import DroppedRow, EncodedRows, TrainingExample
from schemas.record import Conversation, dumps

# Fewer rows are tokenized as fast as they are read.
LEAST = 2000
MOST_FILES = 20
# Raised whenever rows become other tokens or weights than before.
VERSION = 3


def cache_path(conversations: Sequence[Conversation], tokenizer: Any, template: str, max_length: int) -> Path:
    """The file for these rows: its name is a hash of all that their tokens and weights depend on."""
    content = hashlib.blake2b(digest_size=16)
    own = getattr(tokenizer, "chat_template", None) if template == "auto" else None
    specials = {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
    facts = (VERSION, template, max_length, own, sorted(specials.items()), tokenizer.backend_tokenizer.to_str())
    content.update(repr(facts).encode("utf-8", "surrogatepass"))
    for conversation in conversations:
        text = dumps(conversation).encode("utf-8", "surrogatepass")
        content.update(len(text).to_bytes(8, "little") + text)
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "curate" / "tokens" / f"{content.hexdigest()}.npz"


def read(path: Path) -> EncodedRows | None:
    """What `write` wrote; None where there is nothing, or nothing that can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, BadZipFile), np.load(path) as arrays:
        ends = np.cumsum(arrays["lengths"])
        ids, weights = np.split(arrays["ids"], ends[:-1]), np.split(arrays["weights"], ends[:-1])
        rows = zip(ids, weights, arrays["index"].tolist(), strict=True)
        dropped = [DroppedRow(index, reason) for index, reason in json.loads(str(arrays["dropped"]))]
        return EncodedRows([TrainingExample(*row) for row in rows], dropped, int(arrays["cut"]))
    return None


def write(path: Path, encoded: EncodedRows) -> None:
    """Write encoded rows; a cache that cannot be written is done without."""
    with contextlib.suppress(OSError, CurateError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as file:
            np.savez(
                file,
                ids=np.concatenate([example.ids for example in encoded.examples]),
                weights=np.concatenate([example.weights for example in encoded.examples]),
                lengths=np.array([len(example) for example in encoded.examples]),
                index=np.array([example.index for example in encoded.examples]),
                dropped=np.array(json.dumps([(d.index, d.reason) for d in encoded.dropped])),
                cut=np.array(encoded.truncated_rows),
            )
        files = sorted(path.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime)
        for old in files[:-MOST_FILES]:
            old.unlink(missing_ok=True)


def encode(conversations: Sequence[Conversation], tokenizer: Any, template: str, max_length: int) -> EncodedRows:
    """`curate.models.masking.encode`, from the cache where many rows were encoded before."""
    from curate.models import masking

    if len(conversations) < LEAST or not getattr(tokenizer, "is_fast", False):
        return masking.encode(conversations, tokenizer, template, max_length)
    path = cache_path(conversations, tokenizer, template, max_length)
    encoded = read(path)
    if encoded is None:
        encoded = masking.encode(conversations, tokenizer, template, max_length)
        write(path, encoded)
    return encoded
