"""LLaMA-Factory, run in its own environment."""

from __future__ import annotations

import json
from pathlib import Path

from tests.peers.environment import run


def read(jobs: list[dict], folder: Path, model: Path) -> list[dict]:
    """What it makes of each job: {"ids", "labels"} or {"error"}.

    folder: its dataset_dir.  model: a folder with the tokenizer.
    """
    asked = [{"dataset_dir": str(folder), "model": str(model), **job} for job in jobs]
    done = run("llamafactory", "llamafactory_reads.py", stdin=json.dumps(asked))
    return json.loads(done.splitlines()[-1])
