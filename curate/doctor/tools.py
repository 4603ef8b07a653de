"""The tools whose way with rows is known, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from curate.doctor import axolotl, llamafactory, trl, unsloth
from curate.doctor.examined import Examined, Settings


class ToolRules(NamedTuple):
    """A tool's rules.

    Attributes:
        title: its name, as it writes it.
        examine: gives what it would make of a file; raises CurateError for one that cannot be read.
    """

    title: str
    examine: Callable[[str, Settings], Examined]


TOOLS = {
    "llamafactory": ToolRules(llamafactory.TITLE, llamafactory.judge),
    "axolotl": ToolRules(axolotl.TITLE, axolotl.judge),
    "trl": ToolRules(trl.TITLE, trl.judge),
    "unsloth": ToolRules(unsloth.TITLE, unsloth.judge),
}
