"""manifest.json: all that a subset was made of, enough to make the same bytes again.  It holds no time and no place."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from curate.io.digest import Digest, digest
from curate.run.plan import versions
from curate.run.recipe import Recipe
from curate.run.runner import FinishedStep
from curate.run.state import RunState
from curate.run.verdict import clear, evidence


def manifest(
    state: RunState,
    recipe: Recipe,
    steps: Sequence[FinishedStep],
    inputs: Mapping[str, Digest | None],
    outputs: Mapping[str, Path],
) -> bytes:
    """The manifest of a run as JSON text.

    Args:
        state: after the last step.
        recipe: of the run.
        steps: those of the run, in order.
        inputs: digests of the files that were read, None for anything but a plain file.
        outputs: the files written, by name.
    """
    facts = state.facts["compare"]
    content: dict[str, Any] = {
        "name": recipe.name,
        "command": command(),
        "funnel": dict(steps[-1].entry.funnel),
        "inputs": [{"file": file, **_of_digest(of_file)} for file, of_file in inputs.items()],
        "outputs": [{"file": name, **_of_digest(digest(path))} for name, path in outputs.items()],
        "seed": recipe.seed,
        "compared": {**facts, "clearly_better": {m["name"]: clear(m) for m in evidence(facts)}},
        "steps": [
            {"step": name, "result_sha256": entry.digest, "funnel": dict(entry.funnel), "notes": entry.notes}
            for name, entry, _ in steps
        ],
        "versions": {"python": platform.python_version(), **versions()},
        "recipe": msgspec.to_builtins(recipe),
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def command() -> str:
    """The command that makes the subset again, in the folder that the inputs are named from."""
    return "curate run recipe.yaml"


def _of_digest(of_file: Digest | None) -> dict[str, Any]:
    return {"bytes": of_file.bytes, "sha256": of_file.sha256} if of_file else {"bytes": None, "sha256": None}
