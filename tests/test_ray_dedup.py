"""Duplicates on a real Ray cluster of two nodes: the same columns as here."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import mark, near
from tests import ray_cluster
from tests.builders.processes import PROGRESS
from tests.builders.tables import pool
from tests.builders.texts import KEY, ROWS, families

pytest.importorskip("ray")
pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parent.parent / "sample_data"


@pytest.fixture(scope="module", autouse=True)
def address():
    from curate.engine import ray as engine

    with ray_cluster.cluster() as found, engine.connect(found):
        yield found


def here_and_there(rows: pa.Table, *options, **more) -> tuple[mark.Marked, mark.Marked]:
    """What is marked in this process, and on the cluster, with the texts put back."""
    from curate.dedup import on_ray
    from curate.engine.ray_rows import of

    there = of(rows)
    marked = on_ray.mark(there, *options, **more)
    whole = pa.concat_tables(there.with_thin(marked.table).whole())
    return mark.mark(rows, *options, **more), mark.Marked(whole, marked.notes)


def assert_same(rows: pa.Table, *options, **more) -> mark.Marked:
    here, there = here_and_there(rows, *options, **more)
    assert there.notes == here.notes
    assert there.table.schema.equals(here.table.schema, check_metadata=True)
    assert there.table.equals(here.table)
    return here


@given(ROWS, st.sampled_from([None, 0.3, 0.8]), KEY)
@settings(deadline=None, max_examples=6)
def test_the_same_marks(rows, threshold, key):
    assert_same(pool(rows), threshold, key=key)


@pytest.mark.parametrize(("key", "most"), [("conversation", 500), ("exchange", near.MOST_CANDIDATES)])
def test_the_same_marks_by_bands(key, most, monkeypatch):
    rows = pool([(text, text[:40], None) for text in families(5, 1700)])
    monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    monkeypatch.setattr(near, "MOST_CANDIDATES", most)
    monkeypatch.setattr("curate.dedup.on_ray.TOGETHER", 300)
    monkeypatch.setattr("curate.engine.ray_rows.PART_ROWS", 500)
    marked = assert_same(rows, 0.7, key=key)
    assert "32 bands" in marked.notes[0] and marked.table["duplicate_of"].null_count < rows.num_rows - 200


def test_the_same_marks_against_other_rows(monkeypatch):
    texts = families(6, 400)
    rows, others = (pool([(text, "x", None) for text in some]) for some in (texts[::2], texts[1::2]))
    assert_same(rows, 0.6, against=others)
    monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    marked = assert_same(rows, 0.6, against=others)
    assert marked.table["duplicate_place"].null_count < rows.num_rows


def test_the_same_marks_by_meaning():
    rows = pool([(text, "x", None) for text in families(7, 60)])
    assert_same(rows, 0.7, 0.95, embedder="tfidf")


def test_the_command_line_writes_the_same_files(address, curate, tmp_path):
    files = [SAMPLE / name for name in ("alpaca.json", "sharegpt.json", "dolly.jsonl")]
    made = []
    for engine in (["local"], ["ray", "--ray-address", address]):
        folder = tmp_path / engine[0]
        folder.mkdir()
        options = ("--near", 0.7, "--to", "sft", "--against", SAMPLE / "sft.jsonl", "--engine", *engine)
        done = curate("dedup", *files, folder / "out.jsonl", *options)
        assert done.returncode == 0, done.stderr
        said = PROGRESS.sub("", done.stderr).replace(str(folder), "")
        made.append(({p.name: p.read_bytes() for p in folder.iterdir()}, said))
    assert made[0][0] == made[1][0] and len(made[0][0]) == 2
    assert made[0][1].splitlines()[-6:] == made[1][1].splitlines()[-6:]
