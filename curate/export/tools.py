"""The tools that rows can be handed over to, by name."""

from __future__ import annotations

from curate.export import axolotl, deepspeed, llamafactory, trl, unsloth
from curate.export.job import Export

TOOLS: dict[str, tuple[str, Export]] = {
    "llamafactory": (llamafactory.TITLE, llamafactory.export),
    "axolotl": (axolotl.TITLE, axolotl.export),
    "unsloth": (unsloth.TITLE, unsloth.export),
    "trl": (trl.TITLE, trl.export),
    "deepspeed": (deepspeed.TITLE, deepspeed.export),
}
