"""What is published on how many rows a model needs, by its size, set against the user's own curve."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import CurateError, reason
from curate.text.counted import counted
from train.analysis.wording import round_rows

_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


class Publication(msgspec.Struct, frozen=True, rename={"finding": "found", "reference": "where"}):
    """A published finding.

    Attributes:
        name: authors and year.
        smallest: parameters of the smallest model that it is about.
        largest: parameters of the largest one.
        finding: in one sentence.
        reference: where it can be read.
    """

    name: str
    smallest: float
    largest: float
    finding: str
    reference: str


class RowRange(msgspec.Struct, frozen=True, rename={"reason": "why"}):
    """Rows that models of a size are commonly trained on, as a rule of thumb.

    Attributes:
        below: so many parameters.
        low: fewest rows.
        high: most rows.
        reason: what it rests on.
    """

    below: float
    low: int
    high: int
    reason: str


SOURCES = (
    Publication(
        "LIMA (Zhou et al. 2023)",
        65e9,
        65e9,
        "1,000 hand-picked rows gave answers that people found as good as those of models tuned on far more",
        "arXiv 2305.11206",
    ),
    Publication(
        "AlpaGasus (Chen et al. 2024)",
        7e9,
        13e9,
        "the 9,000 rows of Alpaca's 52,000 that a judge rated highest trained better models than all of them",
        "arXiv 2307.08701",
    ),
    Publication(
        "DEITA (Liu et al. 2024)",
        7e9,
        13e9,
        "6,000 to 10,000 rows, chosen for complexity, quality and diversity, matched sets ten times as large",
        "arXiv 2312.15685",
    ),
    Publication(
        "Long is more (Zhao et al. 2024)",
        7e9,
        13e9,
        "the 1,000 rows with the longest answers were a baseline that cleverer selections found hard to beat",
        "arXiv 2402.04833",
    ),
    Publication(
        "Superfiltering (Li et al. 2024)",
        7e9,
        13e9,
        "5 to 15% of Alpaca, chosen by a model as small as GPT-2, did as well as all of it or better",
        "arXiv 2402.00530",
    ),
    Publication(
        "LIMIT (Jha et al. 2023)",
        7e9,
        30e9,
        "a few thousand rows suffice if they are like what the model is measured on, and not otherwise",
        "arXiv 2311.13133",
    ),
    Publication(
        "Dong et al. 2024",
        7e9,
        33e9,
        "general ability levels off after about a thousand rows; mathematics and code go on gaining with more",
        "arXiv 2310.05492",
    ),
    Publication(
        "When scaling meets LLM finetuning (Zhang et al. 2024)",
        1e9,
        16e9,
        "loss falls with rows as a power law whose exponent depends on task and method, and a larger model helps more "
        "than longer pretraining",
        "arXiv 2402.17193",
    ),
    Publication(
        "Tülu 3 (Lambert et al. 2024)",
        8e9,
        405e9,
        "939,344 rows were used to teach many skills at once",
        "arXiv 2411.15124",
    ),
)

RANGES = (
    RowRange(
        1e9, 2_000, 50_000, "small models know less beforehand, and learn knowledge as well as form from the rows"
    ),
    RowRange(7e9, 2_000, 20_000, "between what is reported of smaller and of larger models; little is published"),
    RowRange(15e9, 1_000, 10_000, "a few thousand good rows: AlpaGasus, DEITA, Long is more, Superfiltering"),
    RowRange(70e9, 1_000, 20_000, "LIMA's thousand for form; more where skills are to be taught"),
    RowRange(
        math.inf, 10_000, 100_000, "form comes with a thousand rows, but skills take tens of thousands to saturate"
    ),
)


class Advice(msgspec.Struct, frozen=True, rename={"row_range": "range", "sentences": "said"}):
    """How many rows a model needs, by what is published and by the user's own curve.

    Attributes:
        parameters: of the model.
        row_range: the rule of thumb.
        rows: valid and distinct rows of the data; None without data.
        sources: those on models of about this size first.
        sentences: for the user.
    """

    parameters: float
    row_range: RowRange
    rows: int | None
    sources: list[Publication]
    sentences: list[str]


def parameters(text: str) -> float:
    """How many parameters: 7B, 135M, 1.5b.

    Raises:
        CurateError: for other text.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?(?:e\d+)?)\s*([kmbt]?)\s*", text.lower())
    if not match or not 0 < float(match[1]) * _UNITS[match[2]] < math.inf:
        raise CurateError(f"{text!r} is not a number of parameters, as 135M, 1.5B or 70B")
    return float(match[1]) * _UNITS[match[2]]


def advise(size: float, rows: int | None = None, study: Mapping[str, Any] | None = None) -> Advice:
    """The literature's range for a model of this size, and what data and curve at hand say to it.

    Args:
        size: parameters of the model.
        rows: valid and distinct rows at hand; None without data.
        study: an ablation.json, read; None without a study.
    """
    row_range = next(r for r in RANGES if size < r.below)
    sources = sorted(SOURCES, key=lambda s: _distance(s, size))
    sentences = [
        f"Rule of thumb for {size_text(size)} parameters: {row_range.low:,} to {row_range.high:,} good rows "
        f"({row_range.reason}).",
        "It is no more than that: task, quality and the model's own training move it by a factor of ten either way.",
    ]
    if rows is not None:
        sentences.append(_rows_against_range(rows, row_range))
    if study is not None:
        sentences += _curve_sentences(study, row_range)
    else:
        sentences.append(
            "Measure it on your own data: curate ablate DATA --sizes 64,128,256,512,1024 --arms random,selected --out "
            "study, then curate advise --study study"
        )
    return Advice(size, row_range, rows, sources, sentences)


def read_study(folder: str) -> dict[str, Any]:
    """The ablation.json of a study.

    Raises:
        CurateError: where there is none.
    """
    path = Path(folder) / "ablation.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}; give the --out folder of `curate ablate`") from None


def size_text(size: float) -> str:
    """Parameters as they are usually written."""
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{size / unit:.3g}{letter}"
    return f"{size:.0f}"


def _distance(source: Publication, size: float) -> float:
    """How far a size is from those that a source is about, as a ratio's logarithm."""
    if source.smallest <= size <= source.largest:
        return 0.0
    return min(abs(math.log(size / end)) for end in (source.smallest, source.largest))


def _rows_against_range(rows: int, row_range: RowRange) -> str:
    if rows < row_range.low:
        return (
            f"You have {counted(rows, 'valid, different row')}, fewer than that: every good row counts, and a "
            "curve will "
            "most likely still be falling at its end."
        )
    if rows <= row_range.high:
        return (
            f"You have {counted(rows, 'valid, different row')}, which lies in that range: select for quality within it."
        )
    return (
        f"You have {counted(rows, 'valid, different row')}, more than that: select {row_range.low:,} to "
        f"{row_range.high:,} of them (`curate select`), and measure whether the rest adds anything."
    )


def _curve_sentences(study: Mapping[str, Any], row_range: RowRange) -> list[str]:
    """What the user's own curve shows, which counts for more."""
    sentences = [f"Your own curve, of {study['model']}, counts for more ({study['compute']}):"]
    for arm in study["analyses"][0]["arms"]:
        if len(arm["points"]) < 2:
            continue
        knee, largest = arm["knee"], arm["points"][-1]["size"]
        name = f"  {arm['arm']}"
        if knee["verdict"] == "knee":
            where = "below" if knee["at"] < row_range.low else "above" if knee["at"] > row_range.high else "within"
            how = "returns diminish gradually around" if arm["gradual"] else "the knee is at about"
            sentences.append(
                f"{name}: {how} {round_rows(knee['at'])} rows (90% interval {round_rows(knee['low'])} to "
                f"{round_rows(knee['high'])}), {where} the rule's range."
            )
        elif knee["verdict"] == "none":
            sentences.append(f"{name}: no knee up to {counted(largest, 'row')}, so that more rows may still help.")
        else:
            sentences.append(f"{name}: not enough evidence for or against a knee: {knee['why']}.")
        forecast = arm["forecast"]
        if forecast and forecast["check"] and forecast["check"]["held"]:
            sentences.append(
                f"{name}: twice the rows would gain about {forecast['gain']:.3f} nats a token (90% interval "
                f"{forecast['gain_low']:.3f} to {forecast['gain_high']:.3f})."
            )
    sentences.append("A curve is of its own model, data and settings: with a model of another size, measure again.")
    return sentences
