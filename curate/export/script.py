"""A training script with its settings written in."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any


def script(name: str, settings: dict[str, Any]) -> str:
    """The script `name` of this package with other values for its settings, which stand one a line in capitals."""
    text = files("curate.export.scripts").joinpath(name).read_text("utf-8")
    for key, value in settings.items():
        place = re.search(rf"(?m)^{key} = .*$", text)
        if place is None:
            raise ValueError(f"{name} has no setting {key}")
        text = f"{text[: place.start()]}{key} = {_literal(value)}{text[place.end() :]}"
    return text


def _literal(value: Any) -> str:
    """A Python literal, with the quotes that formatters want."""
    text = repr(value)
    if not isinstance(value, str) or '"' in value:
        return text
    return '"' + text[1:-1].replace("\\'", "'") + '"'
