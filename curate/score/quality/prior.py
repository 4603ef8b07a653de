"""Rows known to be good: those of the sample data without their planted defects, and the file of rows beside this one.

The sample data hold hardly any code and no answers of one word; `good_rows.jsonl` has such rows, each written for it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from curate.sample_data_folder import sample_data

GOOD_ROWS = Path(__file__).with_name("good_rows.jsonl")


@lru_cache(maxsize=1)
def prior_rows() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(prompts, responses), each prompt once.

    Raises:
        CurateError: if the sample data are not installed.
    """
    from curate.table.table import read

    folder = sample_data()
    defects = {
        (defect["file"], defect["row"]) for defect in json.loads((folder / "MANIFEST.json").read_text())["defects"]
    }
    files = sorted({*folder.glob("*.json"), *folder.glob("*.jsonl")} - {folder / "MANIFEST.json"})
    rows: dict[str, str] = {}
    for file in files:
        table = read([str(file)])
        columns = (table[name].to_pylist() for name in ("row", "prompt", "response"))
        for row, prompt, response in zip(*columns, strict=True):
            if response and prompt and (file.name, row) not in defects:
                rows.setdefault(prompt, response)
    for line in GOOD_ROWS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(row["prompt"], row["response"])
    return tuple(rows), tuple(rows.values())
