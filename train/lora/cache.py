"""Rows as tokens, kept on disk: a pool of many rows is rendered and tokenized once, not at every start.

Files lie in $XDG_CACHE_HOME/curate/tokens, else ~/.cache/curate/tokens; the oldest go when there are more than KEPT.
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
from schemas.record import Conversation, dumps
from train.lora.masking import DroppedRow, EncodedRows, TrainingExample

# Below so many rows, tokenizing takes no longer than looking for them does any good.
LEAST, KEPT = 2000, 20
# Raised whenever rows become other tokens or weights than before.
VERSION = 1


def place(conversations: Sequence[Conversation], tokenizer: Any, template: str, max_length: int) -> Path:
    """The file for these rows: its name is a hash of all that their tokens and weights depend on."""
    found = hashlib.blake2b(digest_size=16)
    own = getattr(tokenizer, "chat_template", None) if template == "auto" else None
    specials = {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
    facts = (VERSION, template, max_length, own, sorted(specials.items()), tokenizer.backend_tokenizer.to_str())
    found.update(repr(facts).encode("utf-8", "surrogatepass"))
    for conversation in conversations:
        text = dumps(conversation).encode("utf-8", "surrogatepass")
        found.update(len(text).to_bytes(8, "little") + text)
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "curate" / "tokens" / f"{found.hexdigest()}.npz"


def read(path: Path) -> EncodedRows | None:
    """What `write` wrote; None where there is nothing, or nothing that can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, BadZipFile), np.load(path) as kept:
        ends = np.cumsum(kept["lengths"])
        ids, weights = np.split(kept["ids"], ends[:-1]), np.split(kept["weights"], ends[:-1])
        rows = zip(ids, weights, kept["index"].tolist(), strict=True)
        dropped = [DroppedRow(index, reason) for index, reason in json.loads(str(kept["dropped"]))]
        return EncodedRows([TrainingExample(*row) for row in rows], dropped, int(kept["cut"]))
    return None


def write(path: Path, encoded: EncodedRows) -> None:
    """Keep rows that were encoded; a cache that cannot be written is done without."""
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
                cut=np.array(encoded.cut),
            )
        files = sorted(path.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime)
        for old in files[:-KEPT]:
            old.unlink(missing_ok=True)


def encode(conversations: Sequence[Conversation], tokenizer: Any, template: str, max_length: int) -> EncodedRows:
    """`train.lora.masking.encode`, from the cache where many rows were encoded before."""
    from train.lora import masking

    if len(conversations) < LEAST or not getattr(tokenizer, "is_fast", False):
        return masking.encode(conversations, tokenizer, template, max_length)
    path = place(conversations, tokenizer, template, max_length)
    known = read(path)
    if known is None:
        known = masking.encode(conversations, tokenizer, template, max_length)
        write(path, known)
    return known
