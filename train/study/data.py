"""The rows of a study, read from files and kept apart from the held-out ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from curate.errors import CurateError
from curate.table import table
from curate.table.counting import rows_that_count
from train.study import arms, heldout, plan
from train.study.options import StudyOptions, heldout_paths, parse_sizes
from train.study.session import StudyData


def check_options(options: StudyOptions) -> None:
    """Check what can be checked before anything is read.

    Raises:
        CurateError: for a budget, arms or sizes that cannot be read, and for a judge without answers.
    """
    if options.budget:
        plan.seconds(options.budget)
    if options.judge_url and not (options.judge_model and options.generate):
        raise CurateError("a judge needs answers and a name: --generate 20 --judge-model NAME")
    arms.parse_names(options.arms)
    parse_sizes(options.sizes)


def read_data(pool: Sequence[str], options: StudyOptions) -> StudyData:
    """Read the pool and the held-out sets, or hold a share of the pool out.

    Args:
        pool: paths of the rows to train on.
        options: of the study.

    Raises:
        CurateError: for files that cannot be read or have no valid rows.
    """
    rows = table.read(pool, options.format_name)
    if options.heldout:
        sets = {name: table.read([path], options.format_name) for name, path in heldout_paths(options.heldout).items()}
        usable = rows.take(rows_that_count(rows, "unique"))
    else:
        usable, held_out_rows = heldout.split(rows, options.heldout_share)
        sets = {"heldout": held_out_rows}
    if options.heldout_rows:
        sets = {name: heldout.sample(held_out_rows, options.heldout_rows) for name, held_out_rows in sets.items()}
    return separated_data(usable, sets, options)


def separated_data(rows: pa.Table, sets: Mapping[str, pa.Table], options: StudyOptions) -> StudyData:
    """The study's rows without those that are like held-out ones, and the orders of its arms.

    Args:
        rows: valid rows of the pool, duplicates removed.
        sets: held-out rows by name.
        options: of the study.

    Raises:
        CurateError: for arms or held-out sets without valid rows.
    """
    names = arms.parse_names(options.arms)
    pool = arms.arm_rows(rows, names, options.format_name)
    separated = heldout.separate(pool.rows, sets)
    pool = pool.take(separated.pool_positions)
    orders = arms.arm_orders(pool, names, max(parse_sizes(options.sizes)), options.balance, options.embedder)
    return StudyData(pool.rows, separated, orders)
