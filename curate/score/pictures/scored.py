"""The pictures of a scored table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.score.column import Column, of_table
from curate.score.explain import faults_of, shown
from curate.score.pictures.charts import histogram, label_counts, map_by_kind, map_by_number
from curate.score.pictures.drawing import Bars, Drawing, Histogram, PointMap, TextTable
from curate.score.pictures.plane import on_plane
from curate.score.summary import summary
from curate.table.quality_column import default_name
from curate.table.table import valid
from curate.text.counted import counted

POINTS = 3000
WORST = 10
EXCERPT = 160


def draw_scores(table: pa.Table, method: str = "pca", embedder: str = "auto") -> Drawing:
    """A histogram a score, shares of categories and labels, the lowest rows, and maps where they can be made.

    Args:
        table: rows with scores.
        method: how the map is laid out, see `plane.on_plane`.
        embedder: what embeds rows for the map.
    """
    rows = table.take(pa.array(valid(table)))
    columns = of_table(rows)
    histograms, facts = _histograms(rows, columns)
    labels = ["category", *(name for name, column in columns.items() if column.kind == "label")]
    bars = [Bars(name, ("rows",), label_counts([rows[name].to_pylist()])) for name in labels]
    maps, sentences = _maps(rows, columns, method, embedder)
    if facts:
        sentences.append(f"Without a picture: {'; '.join(facts)}.")
    invalid = table.num_rows - rows.num_rows
    if invalid:
        sentences.insert(0, f"{counted(invalid, 'invalid row is', 'invalid rows are')} not scored.")
    headline = f"{counted(rows.num_rows, 'row')}, {counted(len(columns), 'score')}"
    tables = [_scores(rows, columns), *_worst(rows, columns)]
    return Drawing("Scores", headline, sentences, tables, histograms, bars, maps)


def _histograms(rows: pa.Table, columns: dict[str, Column]) -> tuple[list[Histogram], list[str]]:
    """Histograms of scores, and facts about the scores of which none can be drawn."""
    histograms, facts = [], []
    for name, column in columns.items():
        if not column.is_number:
            continue
        values = rows[name].drop_null().to_numpy(zero_copy_only=False)
        if not len(values):
            continue
        if column.kind == "flag":
            facts.append(f"{name}: {np.count_nonzero(values):,} of {counted(len(values), 'row')}")
        elif values.min() < values.max():
            histograms.append(histogram(column, values.astype(float)))
        else:
            facts.append(f"{name}: {shown(values[0].item())} in every row")
    return histograms, facts


def _scores(rows: pa.Table, columns: dict[str, Column]) -> TextTable:
    lines = []
    for entry in summary(rows)["scores"]:
        column = columns[entry["name"]]
        middle = entry.get("median", entry.get("commonest", ""))
        spread = f"{entry['p5']} to {entry['p95']}" if "p5" in entry else ""
        above = "" if column.limit is None else f" above {column.limit:g}"
        faults = "" if entry["faults"] is None else f"{entry['faults']:,}{above}"
        better = column.direction.replace("none", "")
        meaning = f"{column.meaning}. {column.source}"
        lines.append([column.name, meaning, column.unit, better, middle, spread, faults])
    heads = ["Score", "What it is", "Unit", "Better", "Median", "5% to 95%", "Faults"]
    return TextTable("The scores", heads, lines)


def _worst(rows: pa.Table, columns: dict[str, Column]) -> list[TextTable]:
    name = default_name(rows)
    if name not in columns:
        return []
    order = np.argsort(rows[name].to_numpy(zero_copy_only=False), kind="stable")[:WORST]
    lines = []
    for row in rows.take(pa.array(order)).to_pylist():
        faults = faults_of(row, columns)
        place = f"{row['file']}:{row['row']}"
        lines.append([place, shown(row[name]), ", ".join(faults), _excerpt(row["prompt"]), _excerpt(row["response"])])
    return [TextTable("The lowest rows", ["Row", name.capitalize(), "Faults", "Prompt", "Response"], lines)]


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT // 2]} … {text[-EXCERPT // 2 :]}"


def _maps(rows: pa.Table, columns: dict[str, Column], method: str, embedder: str) -> tuple[list[PointMap], list[str]]:
    """Maps of rows drawn at random, and a sentence on them or on why there are none."""
    positions = np.sort(np.random.default_rng(0).permutation(rows.num_rows)[:POINTS])
    sample = rows.take(pa.array(positions))
    if sample.num_rows < 3:
        return [], []
    try:
        from curate.models.embed import embed_table

        vectors, note = embed_table(sample, embedder)
        points, layout = on_plane(vectors, method)
    except CurateError as error:
        return [], [f"There is no map of the rows: {error}"]
    maps = [map_by_kind("category", points, sample["category"].to_pylist())]
    name = default_name(sample)
    if name in columns:
        maps.append(map_by_number(name, points, sample[name].to_numpy(zero_copy_only=False)))
    drawn = f"{counted(sample.num_rows, 'row')} drawn at random" if sample.num_rows < rows.num_rows else "all rows"
    return maps, [f"The map shows {drawn}, {layout}; {note}."]
