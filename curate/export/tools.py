"""The tools that rows can be handed over to, by name."""

from __future__ import annotations

from curate.export import axolotl, deepspeed, llamafactory, ms_swift, openai, trl, unsloth, verl, xtuner
from curate.export.job import Export

TOOLS: dict[str, tuple[str, Export]] = {
    "llamafactory": (llamafactory.TITLE, llamafactory.export),
    "axolotl": (axolotl.TITLE, axolotl.export),
    "unsloth": (unsloth.TITLE, unsloth.export),
    "trl": (trl.TITLE, trl.export),
    "deepspeed": (deepspeed.TITLE, deepspeed.export),
    "ms-swift": (ms_swift.TITLE, ms_swift.export),
    "xtuner": (xtuner.TITLE, xtuner.export),
    "verl": (verl.TITLE, verl.export),
    "openai": (openai.TITLE, openai.export),
}
