"""What a tool is asked, and what it would make of a file."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from curate.doctor.finding import Finding
from schemas.templates import Template


class Settings(NamedTuple):
    """How the tool is run.

    Attributes:
        template: the prompt template; None for the model's own, of which nothing is known.
        thinking: LLaMA-Factory's enable_thinking.
        dataset_info: LLaMA-Factory's dataset_info.json; None for the entry that the fields call for.
        dataset: the entry's name in it.
        config: Axolotl's configuration; None for what the fields call for.
    """

    template: Template | None = None
    thinking: bool = True
    dataset_info: str | None = None
    dataset: str | None = None
    config: str | None = None


class Examined(msgspec.Struct, frozen=True):
    """What a tool would make of a file.

    Attributes:
        rows: how many there are.
        findings: in the order of rows.
        assumed: how the file is taken to be read, in lines to print.
    """

    rows: int
    findings: list[Finding]
    assumed: tuple[str, ...] = ()
