"""Coverage-guided fuzzing of all that reads rows: any bytes in any container are rows, problems or one clear error.

    pip install atheris
    python tests/fuzz/rows.py -max_total_time=3600 corpus/

Whatever it finds is kept as a test of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["schemas", "curate"]):
    from curate.convert.convert import convert
    from curate.convert.options import ConvertOptions
    from curate.errors import CurateError
    from schemas.decode import Read, RowDecoder
    from schemas.encode import RowEncoder
    from schemas.problems import Invalid, Problem
    from schemas.registry import FORMATS

ENDINGS = (".jsonl", ".json", ".csv", ".tsv", ".jsonl.gz", ".jsonl.zst", "", ".txt")
PAIRS = list(itertools.product(sorted(FORMATS), sorted(FORMATS)))
FOLDER = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)


def fuzz_row(data: bytes) -> None:
    """The first byte says what to try with the others."""
    if len(data) < 2:
        return
    selector, payload = data[0], data[1:]
    name, to = PAIRS[selector % len(PAIRS)]
    if selector % 3:
        rows(payload, name, to, repair=bool(selector & 1))
    else:
        files(payload, ENDINGS[selector // 3 % len(ENDINGS)], name if selector & 4 else None, to, bool(selector & 8))


def rows(data: bytes, name: str, to: str, repair: bool) -> None:
    """Blocks and single rows are read alike, and what is read can be written or is refused with a reason."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    decoder = RowDecoder([FORMATS[name]], repair=repair)
    together = decoder.block(lines)
    assert len(together) == len(lines)
    for line, result in zip(lines, together, strict=True):
        alone = RowDecoder([FORMATS[name]], repair=repair).one(line)
        assert type(alone) is type(result)
        if isinstance(result, Problem):
            continue
        assert isinstance(alone, Read) and alone.conversation == result.conversation
        with contextlib.suppress(Invalid):
            encoded = RowEncoder(FORMATS[to]).encode(result.conversation)
            assert isinstance(RowDecoder([FORMATS[to]]).one(encoded.data), Read), (name, to, line, encoded.data)


def files(data: bytes, ending: str, name: str | None, to: str, lossless: bool) -> None:
    """A file of any bytes converts with every row accounted for, or is one clear error that leaves nothing behind."""
    source, out = os.path.join(FOLDER, f"in{ending}"), os.path.join(FOLDER, "out.jsonl")
    Path(source).write_bytes(data)
    try:
        summary = convert([source], out, ConvertOptions(to=to, name=name, lossless=lossless, workers=1))
    except CurateError as error:
        assert source in str(error), error
        assert not os.path.exists(out)
    else:
        assert summary.read == summary.written + summary.rejected
        assert Path(out).read_bytes().count(b"\n") == summary.written
        os.unlink(out)


def main() -> None:
    atheris.Setup(sys.argv, fuzz_row)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
