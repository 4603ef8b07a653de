"""Laws of conversion, on generated files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.engine import parts
from schemas.registry import FORMATS
from tests.builders.lines import LINE, LINES


@given(LINES, st.sampled_from(sorted(FORMATS)), st.sampled_from(["keep", "drop", "error"]))
@settings(deadline=None, max_examples=60)
def test_rows_in_are_rows_out_and_rows_rejected(data, to, on_loss):
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.jsonl", str(Path(folder) / "out.jsonl")
        source.write_bytes(b"\n".join(data) + b"\n")
        summary = convert([str(source)], out, ConvertOptions(to=to, name="alpaca", on_loss=on_loss))
        assert summary.read == len(data) == summary.written + summary.rejected
        assert len(Path(out).read_bytes().splitlines()) == summary.written
        rejects = Path(rejects_path(out))
        places = [json.loads(line)["row"] for line in rejects.read_bytes().splitlines()] if rejects.exists() else []
        assert len(places) == summary.rejected
        assert places == sorted(set(places))


@given(LINES)
@settings(deadline=None, max_examples=40)
def test_converting_to_its_own_format_changes_no_value(data):
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        source.write_bytes(b"\n".join(data) + b"\n")
        summary = convert([str(source)], str(out), ConvertOptions(to="alpaca", name="alpaca"))
        rejected = {
            n for p in summary.codes.values() for first, last in p.ranges[str(source)] for n in range(first, last + 1)
        }
        kept = [json.loads(line) for i, line in enumerate(data, 1) if i not in rejected]
        assert [json.loads(line) for line in out.read_bytes().splitlines()] == kept


@given(LINES, st.sampled_from(sorted(FORMATS)))
@settings(deadline=None, max_examples=30)
def test_the_same_input_gives_the_same_bytes(data, to):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.jsonl"
        source.write_bytes(b"\n".join(data) + b"\n")
        outs = []
        for name in ("a.jsonl.gz", "b.jsonl.gz"):
            convert([str(source)], str(Path(folder) / name), ConvertOptions(to=to, name="alpaca"))
            outs.append((Path(folder) / name).read_bytes())
        assert outs[0] == outs[1]


@given(st.lists(LINE, min_size=1, max_size=60), st.sampled_from(["sharegpt", "chatml", "alpaca"]), st.integers(2, 3))
@settings(deadline=None, max_examples=15)
def test_any_number_of_processes_writes_the_same(data, to, workers):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_BYTES", 400)
        source, again = Path(folder) / "in.jsonl", Path(folder) / "again.jsonl"
        source.write_bytes(b"\n".join(data) + b"\n")
        again.write_bytes(b"\n".join([*data[::-1], b"", data[0]]))
        outs = []
        for n in (1, workers):
            out = str(Path(folder) / "out.jsonl")
            options = ConvertOptions(to=to, name="alpaca", workers=n)
            summary = convert([str(source), str(again)], out, options)
            rejects = Path(rejects_path(out))
            outs.append((Path(out).read_bytes(), rejects.exists() and rejects.read_bytes(), summary))
        assert outs[0] == outs[1]
