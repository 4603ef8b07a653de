"""Which rows count at each stage."""

from __future__ import annotations

import pyarrow as pa
import pytest

from curate.table.counting import rows_that_count
from curate.table.texts import texts_of

ROWS = pa.table({"record": ["a", None, "b", "c", "d"], "prompt": ["p"] * 5, "response": ["r", None, "s", "t", "u"]})
MARKED = ROWS.append_column("duplicate_of", pa.array([None, None, 0, None, -5], pa.int64()))
RANKED = MARKED.append_column("rank", pa.array([2, None, None, 1, None], pa.int64()))


@pytest.mark.parametrize("table", [ROWS, MARKED, RANKED])
def test_rows_with_a_record_are_valid(table):
    assert rows_that_count(table, "valid").tolist() == [0, 2, 3, 4]


def test_rows_that_no_step_dropped_are_unique():
    assert rows_that_count(ROWS, "unique").tolist() == [0, 2, 3, 4]
    assert rows_that_count(MARKED, "unique").tolist() == rows_that_count(RANKED, "unique").tolist() == [0, 3]


def test_selected_rows_come_by_rank():
    assert rows_that_count(RANKED, "selected").tolist() == [3, 0]
    assert rows_that_count(MARKED, "selected").tolist() == [0, 3]
    none = RANKED.set_column(4, "rank", pa.nulls(5, pa.int64()))
    assert rows_that_count(none, "selected").tolist() == []


@pytest.mark.parametrize("stage", ["valid", "unique", "selected"])
def test_an_empty_table_has_no_rows_that_count(stage):
    positions = rows_that_count(RANKED.slice(0, 0), stage)
    assert positions.tolist() == [] and positions.dtype == "int64"


def test_a_text_is_prompt_and_response():
    assert texts_of(ROWS.slice(2)) == ["p\ns", "p\nt", "p\nu"]
