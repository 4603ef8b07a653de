"""manifest.json: all that a subset was made of, enough to make the same bytes again.  It holds no time and no place."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from curate.digest import Digest, digest
from curate.run.plan import versions
from curate.run.recipe import Recipe
from curate.run.runner import Done
from curate.run.state import State
from curate.run.steps.compare import clear


def manifest(
    state: State, recipe: Recipe, done: Sequence[Done], inputs: Mapping[str, Digest | None], outputs: Mapping[str, Path]
) -> bytes:
    """The manifest of a run as JSON text.

    Args:
        inputs: digests of the files that were read, None for what is no plain file.
        outputs: those written, by name.
    """
    facts = state.facts["compare"]
    beside = [*facts["measures"], *([facts["quality"]] if facts["quality"] else [])]
    said: dict[str, Any] = {
        "name": recipe.name,
        "command": command(),
        "funnel": dict(done[-1].entry.funnel),
        "inputs": [{"file": file, **_said(found)} for file, found in inputs.items()],
        "outputs": [{"file": name, **_said(digest(path))} for name, path in outputs.items()],
        "seed": recipe.seed,
        "compared": {**facts, "clearly_better": {m["name"]: clear(m) for m in beside}},
        "steps": [
            {"step": name, "result_sha256": entry.digest, "funnel": dict(entry.funnel), "notes": entry.notes}
            for name, entry, _ in done
        ],
        "versions": {"python": platform.python_version(), **versions()},
        "recipe": msgspec.to_builtins(recipe),
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


def command() -> str:
    """What makes the subset again, in the folder that the inputs are named from."""
    return "curate run recipe.yaml"


def _said(found: Digest | None) -> dict[str, Any]:
    return {"bytes": found.bytes, "sha256": found.sha256} if found else {"bytes": None, "sha256": None}
