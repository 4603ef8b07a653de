"""Models ready to be trained; they are loaded by `curate.models`."""

from __future__ import annotations

from curate.models import PRECISIONS, Loaded, ModelError, best_precision, from_gguf, load, resolve

__all__ = ["PRECISIONS", "Loaded", "ModelError", "best_precision", "from_gguf", "load", "resolve"]
