"""The tools whose way with rows is known, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from curate.doctor import axolotl, llamafactory, trl, unsloth
from curate.doctor.examined import Examined, Settings


class Judge(NamedTuple):
    """A tool's rules.

    Attributes:
        title: its name, as it writes it.
        examine: gives what it would make of a file; raises CurateError for one that cannot be read.
    """

    title: str
    examine: Callable[[str, Settings], Examined]


TOOLS = {
    "llamafactory": Judge(llamafactory.TITLE, llamafactory.judge),
    "axolotl": Judge(axolotl.TITLE, axolotl.judge),
    "trl": Judge(trl.TITLE, trl.judge),
    "unsloth": Judge(unsloth.TITLE, unsloth.judge),
}
