"""Duplicates on a real Ray cluster of two nodes: the same columns as here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import banding, near
from curate.dedup.decontaminate import Decontamination, decontaminate
from curate.dedup.mark import DedupResult, mark
from curate.dedup.options import Decontaminate, Dedup
from curate.table import table
from tests import ray_cluster
from tests.builders.processes import PROGRESS
from tests.builders.tables import pool
from tests.builders.texts import KEY, ROWS, families

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.long]

SAMPLE = Path(__file__).parent.parent / "sample_data"
Result = TypeVar("Result", DedupResult, Decontamination)


@pytest.fixture(scope="module", autouse=True)
def address():
    from curate.engine import ray as engine

    with ray_cluster.cluster() as found, engine.connect(found):
        yield found


def of(rows: pa.Table) -> Any:
    """The rows of a table, put on the cluster."""
    from curate.engine import ray_rows

    return ray_rows.of(rows)


def assert_same(rows: pa.Table, step: Callable[..., Result], *options: Any, **more: Any) -> Result:
    """Check that a step's notes and columns are the same in this process and on the cluster, texts put back."""
    here, there = step(rows, *options, **more), step(of(rows), *options, **more)
    whole = pa.concat_tables(there.rows.whole())
    assert there.notes == here.notes
    assert whole.schema.equals(here.table.schema, check_metadata=True)
    assert whole.equals(here.table)
    return here


@given(ROWS, st.sampled_from([None, 0.3, 0.8]), KEY)
@settings(deadline=None, max_examples=6)
def test_the_same_marks(rows, threshold, key):
    assert_same(pool(rows), mark, Dedup(near=threshold, key=key))
    folds = ["case", "punctuation"]
    assert_same(pool(rows), mark, Dedup(near=0.2, key=key, normalise=folds, shingle=2, cluster="drop", size=12))


@pytest.mark.parametrize(("key", "most"), [("conversation", 500), ("exchange", banding.MOST_CANDIDATES)])
def test_the_same_marks_by_bands(key, most, monkeypatch):
    rows = pool([(text, text[:40], None) for text in families(5, 1700)])
    monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    monkeypatch.setattr(banding, "MOST_CANDIDATES", most)
    monkeypatch.setattr("curate.dedup.shuffle.TOGETHER", 300)
    monkeypatch.setattr("curate.engine.ray_rows.PART_ROWS", 500)
    marked = assert_same(rows, mark, Dedup(near=0.7, key=key))
    assert "32 bands" in marked.notes[0] and marked.table["duplicate_of"].null_count < rows.num_rows - 200


def test_the_same_marks_against_other_rows(monkeypatch):
    texts = families(6, 400)
    rows, others = (pool([(text, "x", None) for text in some]) for some in (texts[::2], texts[1::2]))
    assert_same(rows, mark, Dedup(near=0.6), against=others)
    monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    marked = assert_same(rows, mark, Dedup(near=0.6), against=others)
    assert marked.table["duplicate_place"].null_count < rows.num_rows


def test_the_same_marks_by_meaning():
    rows = pool([(text, "x", None) for text in families(7, 60)])
    assert_same(rows, mark, Dedup(near=0.7, semantic=0.95), embedder="tfidf")


@pytest.mark.parametrize(
    "options",
    [
        Decontaminate(ngram=5, share=0.1),
        Decontaminate(ngram=None, near=0.5),
        Decontaminate(ngram=8, near=0.5, semantic=0.8, flag=True),
        Decontaminate(key="prompt", near=0.6, shingle=3, semantic=0.8),
    ],
)
def test_the_same_contaminated_rows(options, monkeypatch):
    monkeypatch.setattr("curate.engine.ray_rows.PART_ROWS", 50)
    names = ("alpaca.json", "sft.jsonl", "dolly.jsonl")
    rows, items = table.read([SAMPLE / name for name in names]), table.read([SAMPLE / "heldout.jsonl"])
    assert_same(rows, decontaminate, items, options, embedder="tfidf")
    overlaps = [list(decontaminate(r, items, options, "tfidf").overlaps) for r in (rows, of(rows))]
    assert overlaps[0] == overlaps[1] and overlaps[0]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("dedup", ("--near", 0.7, "--against", SAMPLE / "sft.jsonl")),
        ("decontaminate", ("--against", SAMPLE / "heldout.jsonl", "--near", 0.6)),
    ],
)
def test_the_command_line_writes_the_same_files(command, options, address, curate, tmp_path):
    files = [SAMPLE / name for name in ("alpaca.json", "sharegpt.json", "dolly.jsonl")]
    outputs = []
    for engine in (["local"], ["ray", "--ray-address", address]):
        folder = tmp_path / engine[0]
        folder.mkdir()
        done = curate(command, *files, folder / "out.jsonl", *options, "--to", "sft", "--engine", *engine)
        assert done.returncode == 0, done.stderr
        messages = PROGRESS.sub("", done.stderr).replace(str(folder), "")
        outputs.append(({p.name: p.read_bytes() for p in folder.iterdir()}, messages))
    assert outputs[0][0] == outputs[1][0] and len(outputs[0][0]) == 2
    assert outputs[0][1].splitlines()[-6:] == outputs[1][1].splitlines()[-6:]
