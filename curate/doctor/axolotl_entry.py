"""How Axolotl is told to read a file: an item of `datasets` in its configuration.

Source: Axolotl 0.19.0, utils/schemas/datasets.py and prompt_strategies/chat_template.py.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from curate.errors import CurateError, reason

ROLES = {"human": "user", "user": "user", "assistant": "assistant", "gpt": "assistant", "system": "system"}
ROLES |= {"tool": "tool"}


class Dataset(NamedTuple):
    """What of an item counts, with Axolotl's own defaults.

    Attributes:
        type: of the rows.
        messages: the column of turns.
        role: the field of a turn with its role.
        content: the field of a turn with its text.
        thinking: the field of a turn with its thought, if it is read.
        roles: what the rows call a role, and what it becomes.
        trained: the roles that are trained on.
        training: the field of a turn that says whether it is trained on; None if there is none.
        template: the chat template's name; "" for the model's own or a file.
        settings: names of other settings, whose effect is not known here.
    """

    type: str = "chat_template"
    messages: str = "messages"
    role: str | None = "role"
    content: str | None = "content"
    thinking: str | None = "reasoning_content"
    roles: dict[str, str] = ROLES
    trained: tuple[str, ...] = ("assistant",)
    training: str | None = None
    template: str = ""
    settings: tuple[str, ...] = ()


# Settings that are read here, and those that say nothing of a row.
READ = (
    *("type", "field_messages", "message_property_mappings", "field_thinking", "template_thinking_key", "roles"),
    *("roles_to_train", "message_field_training", "chat_template", "train_on_eos", "train_on_eot"),
    *("path", "ds_type", "data_files", "name", "split"),
)


def parse(item: dict[str, Any], template: str = "") -> Dataset:
    """The item as Axolotl reads it.

    Args:
        item: of `datasets`.
        template: the chat template's name, where the item names none.
    """
    mapping = item.get("message_property_mappings") or {}
    thinking = item.get("field_thinking") or "reasoning_content"
    roles = {source: role for role, sources in (item.get("roles") or {}).items() for source in sources} or ROLES
    trained = item.get("roles_to_train", ["assistant"]) or []
    return Dataset(
        type=item.get("type") or "",
        messages=item.get("field_messages") or "messages",
        role=mapping.get("role") if mapping else "role",
        content=mapping.get("content") if mapping else "content",
        thinking=mapping.get(item.get("template_thinking_key") or "reasoning_content") if mapping else thinking,
        roles=roles,
        trained=tuple(roles.get(role, role) for role in trained),
        training=item.get("message_field_training"),
        template=item.get("chat_template") or template,
        settings=tuple(name for name in item if name not in READ),
    )


def from_file(path: str, data: str) -> Dataset:
    """The item of a configuration whose path ends in the name of the data file; the only one if there is one.

    Raises:
        CurateError: if there is none, or the file cannot be read.
    """
    import yaml

    try:
        config = yaml.safe_load(Path(path).read_text("utf-8"))
        items = config["datasets"]
        named = [item for item in items if Path(str(item.get("path"))).name == Path(data).name]
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}") from None
    except (KeyError, TypeError, AttributeError):
        raise CurateError(f"{path}: not an Axolotl configuration: it has no list `datasets` of objects") from None
    if len(items) == 1:
        named = items
    if not named:
        raise CurateError(f"{path}: no item of `datasets` has the path {Path(data).name}")
    dataset = parse(named[0], config.get("chat_template") or "")
    whole = tuple(name for name in ("train_on_inputs", "chat_template_kwargs") if config.get(name))
    return dataset._replace(settings=dataset.settings + whole)


def guess(columns: Collection[str], turn_fields: Collection[str]) -> dict[str, Any]:
    """The item that rows with these fields call for."""
    if "messages" in columns:
        return {"type": "chat_template"}
    if "conversations" in columns:
        item: dict[str, Any] = {"type": "chat_template", "field_messages": "conversations"}
        if "from" in turn_fields:
            item["message_property_mappings"] = {"role": "from", "content": "value"}
        return item
    return {"type": "alpaca"}
