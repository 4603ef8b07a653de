"""manifest.json: all that a subset was made of, enough to make the same bytes again.  It holds no time and no place."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from curate.digest import digest
from curate.recipe import Recipe
from curate.run.compare import clear
from curate.run.plan import versions
from curate.run.runner import Done
from curate.run.state import State


def manifest(state: State, recipe: Recipe, done: Sequence[Done], outputs: dict[str, Path]) -> bytes:
    """The manifest of a run as JSON text.  outputs: the files that were written, by name."""
    facts = state.facts["compare"]
    beside = [*facts["measures"], *([facts["quality"]] if facts["quality"] else [])]
    said: dict[str, Any] = {
        "name": recipe.name,
        "command": command(),
        "funnel": dict(done[-1].entry.funnel),
        "inputs": [{"file": file, **_digest(file)} for file in recipe.inputs],
        "outputs": [{"file": name, **_digest(path)} for name, path in outputs.items()],
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


def _digest(file: str | Path) -> dict[str, Any]:
    found = digest(file)
    return {"bytes": found.bytes, "sha256": found.sha256} if found else {"bytes": None, "sha256": None}
