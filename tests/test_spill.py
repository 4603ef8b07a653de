"""What does not fit into memory goes to disk, and what is made of it stays the same."""

from __future__ import annotations

import os
import tempfile

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.dedup import disk_array, near
from curate.dedup.mark import mark
from curate.dedup.options import Dedup
from curate.dedup.rethreshold import rethreshold
from curate.dedup.shingles import shingles
from curate.table import spill, table


@pytest.fixture
def spill_folder(monkeypatch, tmp_path):
    """So little memory that everything goes to disk."""
    monkeypatch.setattr(table, "HELD_BYTES", 1000)
    monkeypatch.setattr(spill, "BATCH_BYTES", 5000)
    monkeypatch.setattr(disk_array, "HELD_BYTES", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there"))
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


def test_a_table_on_disk_is_the_table_in_memory_and_leaves_no_file(spill_folder, monkeypatch):
    files = ["sample_data/alpaca.json", "sample_data/dolly.jsonl"]
    on_disk = table.read(files)
    assert os.listdir(spill_folder) == []
    before = pa.total_allocated_bytes()
    monkeypatch.undo()
    held = table.read(files)
    assert pa.total_allocated_bytes() - before > held.nbytes / 2  # the other one needs none
    assert on_disk.equals(held)


def test_a_ledger_keeps_its_settings_on_disk(spill_folder, tmp_path):
    marked = mark(table.read(["sample_data/alpaca.json"]), Dedup(near=0.7)).table
    table.write(marked, tmp_path / "ledger.parquet")
    again = table.read([tmp_path / "ledger.parquet"])
    assert again.equals(marked)
    assert rethreshold(again, Dedup(near=0.8)).table.num_rows == marked.num_rows


def test_duplicates_are_the_same_by_shingles_on_disk(spill_folder, monkeypatch):
    rows = table.read(["sample_data/alpaca.json", "sample_data/dolly.jsonl"])
    on_disk = mark(rows, Dedup(near=0.7)).table
    sets = shingles(rows["response"].drop_null().to_pylist())
    assert isinstance(sets.hashes.base, np.memmap)
    monkeypatch.setattr(near, "EXACT_TEXTS", 10)
    banded = mark(rows, Dedup(near=0.7)).table
    monkeypatch.undo()
    held = mark(rows, Dedup(near=0.7)).table
    assert on_disk.equals(held)
    assert banded["duplicate_of"].equals(held["duplicate_of"])


@given(st.lists(st.lists(st.integers(0, 99), max_size=5), max_size=6), st.data())
def test_values_are_taken_from_chunks_as_from_one(chunks, data):
    column = pa.chunked_array([pa.array(chunk, pa.int64()) for chunk in chunks] or [pa.array([], pa.int64())])
    positions = data.draw(st.lists(st.integers(0, len(column) - 1), max_size=12)) if len(column) else []
    assert table.take(column, positions) == [column.to_pylist()[i] for i in positions]
