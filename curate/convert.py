"""One file to another format, every row accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from curate.errors import CurateError
from curate.io import Block, blocks, writer
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder, one_line
from schemas.problems import Invalid, Problem
from schemas.registry import FORMATS, Detected, detect, lookup
from schemas.row import Format

SAMPLE_ROWS = 1000


class Summary(msgspec.Struct):
    """What became of the rows of a conversion.

    read = written + rejected.  lost: for each field that did not travel, in how many rows.
    codes: for each problem code, how many rows it rejected.
    """

    read: int = 0
    written: int = 0
    rejected: int = 0
    lost: dict[str, int] = msgspec.field(default_factory=dict)
    codes: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[Problem] = msgspec.field(default_factory=list)


def format_named(name: str) -> Format:
    """The format of this name.  Raises CurateError that lists the formats."""
    try:
        return lookup(name)
    except KeyError as error:
        raise CurateError(str(error.args[0])) from None


def detect_file(path: str, rows: int | None = None) -> Detected:
    """The format of a file's rows, or of its first `rows` ones."""
    return detect(_rows(path, rows))


def _rows(path: str, most: int | None) -> Iterator[bytes]:
    seen = 0
    for block in blocks(path):
        for row in block.rows:
            if most is not None and seen >= most:
                return
            seen += 1
            yield row


def decoder_for(path: str, name: str | None, sample: Sequence[bytes]) -> RowDecoder:
    """A decoder of the named format, of all of them for `mixed`, or of the format that the sample is in.

    Raises CurateError if no row of the sample fits any format.
    """
    if name == "mixed":
        return RowDecoder(list(FORMATS.values()))
    if name:
        return RowDecoder([format_named(name)])
    found = detect(sample)
    if found.rows and not found.format:
        raise CurateError(
            f"{path}: no row of the first {found.rows} fits a format; name it with --from "
            f"({', '.join(FORMATS)}), or look at the first problem with `curate validate --format NAME`"
        )
    return RowDecoder([FORMATS[found.format or "alpaca"]])


def read(path: str, name: str | None = None) -> Iterator[tuple[Block, list[Read | Problem]]]:
    """The rows of a file with what each was read as; problems carry file and row."""
    decoder = None
    for block in blocks(path):
        if decoder is None:
            decoder = decoder_for(path, name, block.rows[:SAMPLE_ROWS])
        results = decoder.block(block.rows)
        for i, result in enumerate(results):
            if type(result) is Problem:
                results[i] = result.at(path, block.numbers[i])
        yield block, results


def rejects_path(out: str) -> str:
    """Where the rejected rows of an output go."""
    return f"{out}.rejects.jsonl"


def convert(
    source: str, out: str, to: Format, name: str | None = None, on_loss: str = "keep", on_invalid: str = "reject"
) -> Summary:
    """Write the rows of `source` to `out` in format `to`.

    name: the format of the source, `mixed`, or None to detect it.
    on_loss: what to do with fields that `to` does not name: keep, drop or error.
    on_invalid: `reject` lists invalid rows beside the output, `error` stops at the first and writes nothing.
    Rejected rows go to `rejects_path(out)`, with the row as it was; for standard output they are only counted.
    Raises CurateError for a source that cannot be read, and with code 1 for the first row if on_invalid is `error`.
    """
    summary = Summary()
    lost: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    encoder = RowEncoder(to, on_loss, bare=bool(to.bare) and _plain(source, name))
    with ExitStack() as stack:
        write = stack.enter_context(writer(out))
        reject = None
        for block, results in read(source, name):
            rows: list[bytes] = []
            rejected: list[bytes] = []
            for i, result in enumerate(results):
                try:
                    if type(result) is Problem:
                        problem: Problem | None = result
                    elif result.format is to and on_loss == "keep":  # type: ignore[union-attr]
                        rows.append(one_line(block.rows[i]))
                        continue
                    else:
                        data, gone = encoder.encode(result.conversation)  # type: ignore[union-attr]
                        if gone:
                            lost.update(set(gone))
                        rows.append(data)
                        continue
                except Invalid as invalid:
                    problem = invalid.problem.at(source, block.numbers[i])
                assert problem is not None
                if on_invalid == "error":
                    raise CurateError(f"{problem}. Nothing was written.", 1)
                codes[problem.code] += 1
                if len(summary.problems) < 1000:
                    summary.problems.append(problem)
                rejected.append(_reject(problem, block.rows[i]))
            write(rows)
            if rejected and out != "-":
                if reject is None:
                    reject = stack.enter_context(writer(rejects_path(out)))
                reject(rejected)
            summary.read += len(results)
            summary.written += len(rows)
            summary.rejected += len(rejected)
    if out != "-" and not summary.rejected:
        Path(rejects_path(out)).unlink(missing_ok=True)
    summary.lost, summary.codes = dict(lost), dict(codes)
    return summary


def _reject(problem: Problem, row: bytes) -> bytes:
    """A line of the rejects file: the problem, and the row as it was (text, since it may not be JSON)."""
    fields = msgspec.structs.asdict(problem)
    return msgspec.json.encode({**fields, "text": row.decode("utf-8", "backslashreplace")})


def _plain(source: str, name: str | None) -> bool:
    """Whether no row of the source carries anything beside its turns, so that ChatML can be bare lists.

    A file must be all lists or all objects, or no loader takes it; so this looks at every row first.
    Standard input can be read once only: there it is taken for not plain.
    """
    if source == "-":
        return False
    for _, results in read(source, name):
        for result in results:
            if type(result) is Problem:
                continue
            record = result.conversation  # type: ignore[union-attr]
            if record.extra or record.category or record.source or record.id or record.tools:
                return False
    return True
