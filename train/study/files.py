"""What an ablation leaves in its folder besides the results: pictures, page, and all of it as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curate.io import atomic
from train.analysis import wording
from train.analysis.curve import Analysis, analyse, heldouts
from train.study import page as study_page
from train.study import picture

# They are in results.parquet, where they take less room.
LONG_COLUMNS = ("heldout_rows", "heldout_weights", "generations")


def write(results: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], out: Path) -> list[Analysis]:
    """Write curve.png, curve.svg, report.html and ablation.json; gives the analyses, the main held-out set first.

    Args:
        results: of all runs.
        facts: what was done and how, see `page.html`.
        out: the folder.
    """
    import msgspec

    analyses = [analyse(results, name) for name in heldouts(results)]
    sentences = wording.sentences(analyses[0])
    picture.write(analyses[0], out)
    for analysis in analyses[1:]:
        picture.write(analysis, out, f"curve-{_file_name(analysis.heldout)}")
    study_page.write(analyses, sentences, facts, out / "report.html")
    contents = {
        **facts,
        "sentences": sentences,
        "analyses": [
            {**msgspec.to_builtins(analysis, enc_hook=float), "results": None, "sentences": wording.sentences(analysis)}
            for analysis in analyses
        ],
        "results": [{name: value for name, value in r.items() if name not in LONG_COLUMNS} for r in results],
    }
    with atomic(out / "ablation.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(contents, enc_hook=float)) + b"\n")
    return analyses


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
