"""Small configurations as YAML, which needs no library: every JSON value is a YAML value."""

from __future__ import annotations

import json
import re
from typing import Any

# Words that YAML reads as what they are; all others are quoted.  A dot makes a number only of digits.
_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "none", ".inf", ".nan", "."}


def yaml(values: dict[str, Any], indent: str = "") -> str:
    """The values as YAML, in their order; a nested one is indented by two spaces."""
    lines = []
    for name, value in values.items():
        if isinstance(value, dict):
            lines.append(f"{indent}{name}:\n{yaml(value, indent + '  ')}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            items = (yaml(item, indent + "    ") for item in value)
            lines.append(f"{indent}{name}:\n" + "".join(f"{indent}  - {item[len(indent) + 4 :]}" for item in items))
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: [{', '.join(map(_scalar, value))}]\n")
        else:
            lines.append(f"{indent}{name}: {_scalar(value)}\n")
    return "".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
