"""One kind of problem, explained: why it matters, a row that has it, and the same row corrected."""

from __future__ import annotations

import msgspec


class ProblemCode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of problem.

    Attributes:
        title: the problem, in a few words.
        zh: the title in Chinese.
        remedy: what to do.
        why: what goes wrong where such a row is let through, with public reports of it.
        format: the format of the examples.
        bad: a row with the problem, as it stands in a file; bytes where it is not UTF-8.
        good: the same row corrected.
        repair: what `--on-invalid repair` does to the bad row; "" where nothing can be done without guessing.
        to: the target format, for a valid row that cannot be written in it; else "".
        is_valid: whether the bad row is valid all the same, so that the code is named only where it is repaired.
        splits: whether the repair makes several rows of the bad one, which is done where the file is read.
        on_loss: the `--on-loss` with which it cannot.
    """

    title: str
    zh: str
    remedy: str
    why: str
    format: str
    bad: str | bytes
    good: str
    repair: str = ""
    to: str = ""
    is_valid: bool = False
    splits: bool = False
    on_loss: str = "keep"

    @property
    def row(self) -> bytes:
        """The bad row as bytes."""
        return self.bad if isinstance(self.bad, bytes) else self.bad.encode()

    @property
    def shown(self) -> str:
        """The bad row as text; bytes that are no UTF-8 as \\x escapes."""
        return self.row.decode("utf-8", "backslashreplace")
