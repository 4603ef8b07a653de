"""Blocks of a source to rows of another format, with an account of what became of each row."""

from __future__ import annotations

from typing import cast

import msgspec

from curate.convert.accounts import ConvertSummary, SourceAccount
from curate.convert.options import ConvertOptions
from curate.io import Block
from curate.io.table_losses import losses
from schemas import alternatives, hermes, origin
from schemas.decode import Read, RowDecoder, count_turns
from schemas.encode import RowEncoder
from schemas.lane import Lane, lane
from schemas.preference import LABEL, check_example, taken
from schemas.problems import Invalid, Problem
from schemas.reasoning import DROP, KEEP, chosen
from schemas.record import Conversation
from schemas.registry import FORMATS
from schemas.row import Shape, one_line


class BlockConverter:
    """Converts the blocks of one source and keeps account of what becomes of their rows.

    Args:
        source: the account of the source.
        decoder: of the source's rows.
        options: how to convert.
        bare: see `RowEncoder`.
        summary: the account of the whole.
        kind: of the output file.
    """

    def __init__(
        self,
        source: SourceAccount,
        decoder: RowDecoder,
        options: ConvertOptions,
        bare: bool,
        summary: ConvertSummary,
        kind: str,
    ) -> None:
        self.source = source
        self.decoder = decoder
        self.options = options
        self.to = options.target
        self.encoder = RowEncoder(self.to, options.on_loss, bare, options.turns)
        self.summary = summary
        self.lanes: dict[str, Lane | None] = {}
        self.losses = losses(kind)
        self.own = frozenset(self.encoder.fields)
        self.mixed = len(decoder.formats) > 1
        one_format = len(decoder.formats) == 1 and decoder.formats[0].name != self.to.name
        plain = not options.lossless and decoder.adapter is None and not decoder.repair
        self.asks = options.take is not None or options.reasoning != KEEP or options.calls != hermes.KEEP
        self.short = one_format and plain and not self.asks

    def block(self, block: Block) -> tuple[list[bytes], list[bytes]]:
        """(rows written, lines for the rejected ones) of a block."""
        lane = self._lane(self.decoder.last.shape) if self.short else None
        lines = None
        if lane:
            lines = (
                lane.block(block.text, block.lines)
                if block.text
                else lane.block(b"\n".join(block.rows), len(block.rows))
            )
        self.source.format = "mixed" if self.mixed else self.decoder.formats[0].name
        rejected: list[bytes] = []
        if lines is not None and None not in lines:
            rows = cast(list[bytes], lines)
            self.summary.count_block(self.source, len(rows), len(rows), 0)
            return rows, rejected
        rows = []
        results = self.decoder.block(block.rows) if lines is None else None
        for i, data in enumerate(block.rows):
            line = lines[i] if lines else None
            if line is not None:
                rows.append(line)
                continue
            result = self.decoder.one(data) if results is None else results[i]
            if type(result) is Problem:
                rejected.append(self._reject(result.at(self.source.file, block.numbers[i]), data))
                continue
            try:
                rows += self._rows(result, data, block.numbers[i])  # type: ignore[arg-type]
            except Invalid as invalid:
                rejected.append(self._reject(invalid.problem.at(self.source.file, block.numbers[i]), data))
        self.summary.count_block(self.source, len(block.rows), len(rows), len(rejected))
        return rows, rejected

    def _lane(self, shape: Shape) -> Lane | None:
        if shape.name not in self.lanes:
            self.lanes[shape.name] = lane(shape, self.to, self.encoder.bare)
        return self.lanes[shape.name]

    def _rows(self, read: Read, text: bytes, number: int) -> list[bytes]:
        """The rows that one row becomes.

        Args:
            read: the row.
            text: the row as it was, before any repair.
            number: of the row.

        Raises:
            Invalid: for one that does not fit the target.
        """
        data = read.data or text
        summary = self.summary
        if self.mixed:
            name = read.format.name
            self.source.formats[name] = self.source.formats.get(name, 0) + 1
        carried = origin.take(read.conversation)
        edited = carried is not None and carried.edited
        lost: list[str] = []
        as_asked, dropped = self._as_asked(read, data) if self.asks else (read, [])
        changed = as_asked is not read
        if changed:
            read, carried = as_asked, None
        restores = carried is not None and carried.restores(self.to)
        further = False
        carries = carried is not None and not carried.edited and not restores
        if carried is not None and restores:
            out = [carried.row]
        elif not changed and self._is_copied(read, data):
            out = [origin.removed(data) if edited else one_line(data)]
        else:
            out, lost = self._encoded(read, data, None if edited else carried)
            further = len(out) == 1 and self._leaves_examples(read.conversation)
            lost += dropped
            carries = carries or self.options.lossless
        if self.losses and not carries:
            label = carried.label if carried and restores else origin.label_of(read)
            out, lost = self._in_table(out, label, lost)
        if restores:
            summary.count_other("restored", self.source, number)
        # Only what is written is counted: any step before this one may have refused the row.
        self._count(read, text, number, lost)
        if edited and carried is not None:
            summary.count_other("edited", self.source, number)
            summary.changed.update(carried.changed)
        if len(out) > 1:
            summary.count_other("both" if self.to.holds == LABEL else "split", self.source, number)
        elif further:
            summary.count_other("further", self.source, number)
        return out

    def _leaves_examples(self, record: Conversation) -> bool:
        """Whether a row has examples that neither became rows nor stand where the target has them."""
        field = alternatives.field_of(record) if record.extra and self.options.turns != "split" else ""
        return bool(field) and field not in self.own and alternatives.several(record)

    def _count(self, read: Read, text: bytes, number: int, lost: list[str]) -> None:
        if read.repairs:
            self.summary.count_repaired(self.source, number, read.repairs, text)
        if lost:
            self.summary.count_lossy(self.source, number, list(dict.fromkeys(lost)), text)

    def _as_asked(self, read: Read, data: bytes) -> tuple[Read, list[str]]:
        """(the row with answer, calls and thoughts as asked for, the fields lost); the row itself where none changes.

        Raises:
            Invalid: see `hermes.read`, and E305 for a bad answer where the chosen ones are asked for.
        """
        record, lost = taken(read.conversation) if self.options.take else (read.conversation, [])
        if self.options.calls == hermes.FROM_TEXT:
            at = "$" if read.shape.wrap else f"$.{read.shape.turns or read.shape.keys[0]}"
            record = hermes.read(record, at, count_turns(read.shape, data, len(record.messages)))
        elif self.options.calls == hermes.TO_TEXT:
            record, of_calls = hermes.write(record)
            lost = [*lost, *of_calls]
        asked = chosen(record, self.options.reasoning)
        if asked is not record and self.options.reasoning == DROP:
            lost = [*lost, "messages[].reasoning"]
        return (read if asked is read.conversation else msgspec.structs.replace(read, conversation=asked)), lost

    def _encoded(self, read: Read, data: bytes, carried: origin.TakenOrigin | None) -> tuple[list[bytes], list[str]]:
        """(a row in the target format for each that it is split into, the fields lost); see `_rows`."""
        if not self.to.holds:
            check_example(read.conversation)
        out: list[bytes] = []
        lost: list[str] = []
        rows = self.encoder.rows(read.conversation)
        if len(rows) > 1 and self.options.lossless:
            raise Invalid("E304", "$", "a pair that becomes two rows cannot be restored from either")
        for encoded in rows:
            lost += encoded.lost
            line = encoded.data
            if carried is not None:
                line = origin.attach(line, self.to, carried.label, carried.row)
            elif self.options.lossless:
                line = origin.attach(line, self.to, origin.label_of(read), one_line(data))
            out.append(line)
        return out, lost

    def _is_copied(self, read: Read, data: bytes) -> bool:
        """Whether the text of a row is written as it is."""
        if not self._is_target(read) or self.options.on_loss != "keep" or self.options.turns is not None:
            return False
        # A bare list has no place for the origin that a table asks for.
        return not (self.losses and self.options.lossless and data.lstrip()[:1] == b"[")

    def _in_table(self, rows: list[bytes], label: str, lost: list[str]) -> tuple[list[bytes], list[str]]:
        """(rows on their way into a table, with an origin if asked for; what is lost, with what a table cannot hold).

        Args:
            rows: what one row became, without an origin.
            label: the format that they were, or `format/variant`.
            lost: what of the row is lost already.

        Raises:
            Invalid: E304 if something would be lost and must not be.
        """
        assert self.losses is not None
        if self.options.lossless:
            return [origin.attach(row.strip(), self.to, label, row) for row in rows], lost
        of_table = [name for row in rows for name in self.losses(row, self.own)]
        if of_table and self.options.on_loss == "error":
            raise Invalid("E304", "$", f"the file would lose {', '.join(dict.fromkeys(of_table))}")
        return rows, lost + of_table

    def _is_target(self, read: Read) -> bool:
        """Whether a row is already as it would be written."""
        if read.format.name != self.to.name or read.shape.borrowed:
            return False
        # Dolly's and SFT's variants share one shape, so that the shape does not tell them.
        shared = [FORMATS[self.to.name].shapes[0].name, *(variant.shape for variant in self.to.variants)]
        return not self.to.variant or (read.shape == self.to.shapes[0] and shared.count(read.shape.name) == 1)

    def _reject(self, problem: Problem, row: bytes) -> bytes:
        """A line of the rejects file: the problem, and the row as it was (text, since it may not be JSON)."""
        text = row.decode("utf-8", "backslashreplace")
        self.summary.count_rejected(problem, text)
        return msgspec.json.encode({**msgspec.structs.asdict(problem), "text": text})
