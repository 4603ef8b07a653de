"""How the turns of a row are written: role and content, or from and value.

A quotation mark within a JSON string is escaped, so that these patterns find keys alone, at whatever depth.
"""

from __future__ import annotations

import re

FROM = re.compile(rb'"from"\s*:')
ROLE = re.compile(rb'"role"\s*:')


def only_roles(data: bytes) -> bool:
    """Whether the text of a row has turns of role and content, and none of from and value."""
    return FROM.search(data) is None and ROLE.search(data) is not None


def only_senders(data: bytes) -> bool:
    """Whether the text of a row has turns of from and value, and none of role and content."""
    return ROLE.search(data) is None and FROM.search(data) is not None


def not_only_roles(data: bytes) -> bool:
    """The opposite of `only_roles`."""
    return not only_roles(data)


def not_only_senders(data: bytes) -> bool:
    """The opposite of `only_senders`."""
    return not only_senders(data)
