"""The options of an ablation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from curate.errors import CurateError
from curate.options import EMBEDDERS, FormatName, StepOptions, option
from train.lora.options import LoraOptions

COMPUTE_KINDS = ("epochs", "steps", "tokens")
FORGETTING = "forgetting"
# Options of LoraOptions that `curate ablate` does not have: the study keeps their defaults.
LORA_DEFAULTS = tuple(
    name
    for name in LoraOptions.__struct_fields__
    if name not in ("model", "template", "reasoning", "epochs", "batch_size", "lr", "rank", "max_length")
)


class StudyOptions(StepOptions, frozen=True):
    """What an ablation varies, what it measures, and how its runs are spread over the machine."""

    sizes: Annotated[str, option("Numbers of rows to train on; four show a knee.")] = "32,128,512"
    arms: Annotated[
        str,
        option(
            "Ways to order the pool: random; selected (the rank column of a ledger, else facility_location); a method "
            "of `curate select`; full, the whole pool; file:PATH, rows of your own."
        ),
    ] = "random,selected"
    seeds: Annotated[int, option("How many seeds for every arm and size.", ge=1)] = 3
    compute: Annotated[
        str,
        option(
            "What is the same in every run: passes over its rows, optimiser steps, or trained tokens.",
            choices=COMPUTE_KINDS,
        ),
    ] = "epochs"
    amount: Annotated[
        int | None, option("So many steps or tokens; what --epochs gives the largest size if not given.", ge=1)
    ] = None
    heldout: Annotated[
        tuple[str, ...],
        option(
            "Rows to measure on; may be given several times, the first is the main one. A share of POOL if not given.",
            metavar="[NAME=]FILE",
        ),
    ] = ()
    format_name: FormatName = None
    heldout_share: Annotated[float, option("That share, the same of every category.", gt=0, lt=1)] = 0.1
    heldout_rows: Annotated[
        int | None, option("Measure on so many of each set at most, as stratified.", metavar="N", ge=1)
    ] = None
    forgetting: Annotated[
        str | None, option("General text or rows, on which forgetting is measured.", metavar="FILE")
    ] = None
    generate: Annotated[int, option("Answer so many held-out prompts, and score the answers.", ge=0)] = 0
    new_tokens: Annotated[int, option("The longest answer, in tokens.", ge=1)] = 128
    accuracy: Annotated[bool, option("Also measure token accuracy.")] = False
    judge_url: Annotated[
        str | None,
        option("Address of the judge's OpenAI-compatible API, as https://host/v1; needs --generate.", metavar="URL"),
    ] = None
    judge_model: Annotated[str | None, option("Name of the model that judges.", metavar="NAME")] = None
    balance: Annotated[str | None, option("Balance the selection by this column, say category.", metavar="COLUMN")] = (
        None
    )
    embedder: Annotated[str, option(f"What embeds texts: {EMBEDDERS}.")] = "auto"
    budget: Annotated[
        str | None, option("Pick sizes and seeds that fit into this time, as 30m or 2h.", metavar="TIME")
    ] = None
    processes: Annotated[
        int | None, option("How many at a time; as many as cores, GPUs and memory allow if not given.", ge=1)
    ] = None
    threads: Annotated[int, option("Threads of each process; results depend on it.", ge=1)] = 1
    lora: LoraOptions = LoraOptions()


def parse_sizes(text: str) -> list[int]:
    """The sizes of `--sizes`, smallest first, each once.

    Raises:
        CurateError: for text that is not numbers of 1 and more with commas between.
    """
    try:
        sizes = sorted({int(part) for part in text.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1:
        raise CurateError(f"--sizes: {text!r} is not a list of numbers, as 32,128,512")
    return sizes


def heldout_paths(texts: tuple[str, ...]) -> dict[str, str]:
    """Paths of held-out sets by name: NAME=FILE, or the file's name without endings.

    Raises:
        CurateError: for two sets of one name, or one with the name of the forgetting set.
    """
    paths: dict[str, str] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or Path(text).exists():
            name, path = Path(text).name.split(".")[0], text
        if name in paths or name == FORGETTING:
            raise CurateError(f"two held-out sets are called {name!r}; name them: --heldout NAME=FILE")
        paths[name] = path
    return paths
