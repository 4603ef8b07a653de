"""The text of rows as one text each, as they are embedded and compared."""

from __future__ import annotations

import pyarrow as pa


def texts_of(table: pa.Table) -> list[str]:
    """Prompt and response of each row, the one below the other; all rows must be valid."""
    pairs = zip(table["prompt"].to_pylist(), table["response"].to_pylist(), strict=True)
    return [f"{prompt}\n{response}" for prompt, response in pairs]
