"""Which prompt template goes with a model, from its name."""

from __future__ import annotations

import re

from curate.errors import CurateError
from schemas.templates import TEMPLATES, Template, lookup

# What chat models write by their own template, as schemas.templates has it; the first that matches counts.
# Models not tuned for chat, and those whose own template is none of ours, are not here.
FAMILIES = (
    (r"deepseek-r1", "deepseek_r1"),
    (r"gpt-oss", "gpt_oss"),
    (r"qwen3.*thinking", "qwen3"),
    (r"qwen3.*(instruct|2507)", "qwen3_nothink"),
    (r"qwen3[-_](0\.6b|1\.7b|4b|8b|14b|32b|30b-a3b|235b-a22b)$", "qwen3"),
    (r"(qwen2\.5|qwen2_5).*instruct", "qwen"),
    (r"llama-?3(\.\d)?.*instruct", "llama3"),
    (r"smollm2.*instruct|^smollm2-135m$", "smollm2"),
    (r"gemma-?[12].*it", "gemma"),
    (r"phi-4$", "phi4"),
    (r"deepseek-v3$|deepseek-v2\.5", "deepseek3"),
    (r"deepseek.*(llm|v2).*chat", "deepseek"),
    (r"mistral-7b-instruct-v0\.3|mixtral-8x22b-instruct", "mistral"),
    (r"ministral-8b-instruct|mistral-nemo-instruct", "ministral"),
    (r"mistral-small-.*instruct-2501", "mistral_small"),
)


def by_model(model: str) -> Template | None:
    """The template that a chat model of this name was trained in, None where its name does not tell."""
    name = model.rstrip("/").rsplit("/", 1)[-1].lower()
    for pattern, template in FAMILIES:
        if re.search(pattern, name):
            return TEMPLATES[template]
    return None


def named(name: str) -> Template | None:
    """The template of this name; None for `auto`.

    Raises:
        CurateError: that suggests one.
    """
    if name == "auto":
        return None
    try:
        return lookup(name)
    except KeyError as error:
        raise CurateError(f"{error.args[0]}, auto") from None


def needed(model: str, template: Template | None, tool: str) -> Template:
    """The template asked for, or the model's by its name.

    Raises:
        CurateError: if there is neither.
    """
    chosen = template or by_model(model)
    if chosen is None:
        raise CurateError(
            f"{tool} asks for a template by name, and the name {model!r} does not tell which; "
            f"name it with --template ({', '.join(TEMPLATES)})"
        )
    return chosen
