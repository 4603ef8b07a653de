"""The report and the card of a run: that they say what is so, and that nothing in the data can break them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from curate.run import card, recipe_file, verdict
from curate.run import pictures as run_pictures
from curate.run.cache import CachedResult
from curate.run.runner import FinishedStep
from curate.run.state import RunState
from curate.run.steps import compare
from tests.builders import ROOT
from tests.builders.pages import ATTRIBUTES, ELEMENTS, HOSTILE, Page

DRAWN = {"svg", "path", "line", "rect", "circle", "text", "details", "summary", "ol"}
DRAWING = {"fill", "stroke", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height", "viewbox"}
DRAWING |= {"stroke-width", "stroke-linecap", "stroke-opacity", "text-anchor", "aria-hidden"}
STORIES = ("a ship at sea", "bread and salt", "the tax on windows", "a red bicycle", "snow in May", "an old clock")


def rows() -> list[dict]:
    """Rows that hold markup wherever text can stand, Chinese ones, two alike, and one that is invalid."""
    samples = [
        {
            "instruction": f"{HOSTILE} Tell {i} of {STORIES[i % 6]}.",
            "output": f"{HOSTILE} It was {STORIES[(i + 1) % 6]}, {i * i} times, and then {STORIES[(i * 5 + 2) % 6]}.",
            "category": f"<script>{'ab'[i % 2]}</script>",
        }
        for i in range(30)
    ]
    samples += [
        {"instruction": f"写一句关于{c}的话。", "output": f"{c}在春天很美。", "category": "中文"} for c in "山水花鸟"
    ]
    return [
        *samples,
        {**samples[3], "output": f"{samples[3]['output']} "},
        {"instruction": HOSTILE, "output": {"<i>": HOSTILE}},
    ]


def run(folder: Path, made: list[dict], *more: str) -> Path:
    data = folder / "<i>&.jsonl"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made), "utf-8")
    options = ["--set", "embedder=tfidf", "--set", "report.random=4", *more]
    command = ["run", "lima-1000", "--input", data, "--out", folder / "out", *options]
    process = subprocess.run(
        [sys.executable, "-m", "curate.cli", *map(str, command)], cwd=ROOT, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    return run(folder, rows(), "--size", "12", "--set", f"card.title={json.dumps(HOSTILE)}")


def test_nothing_in_the_data_breaks_the_page(out):
    data = (out / "report.html").read_bytes()
    page = Page(data)
    assert {tag for tag, _ in page.elements} <= ELEMENTS | DRAWN
    assert {name for _, attrs in page.elements for name in attrs} <= ATTRIBUTES | DRAWING
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data)
    text = data.decode()
    assert "\u202e" not in text and "[U+202E]" in page.text
    assert '</script><b onclick="x()">&amp;' in page.text and "<script>a</script>" in page.text
    assert "<script" not in text
    assert any((attrs.get("content") or "").startswith("default-src 'none'") for _, attrs in page.elements)


def test_the_page_has_every_part(out):
    page = Page((out / "report.html").read_bytes())
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    assert ids == {"funnel", "random", "balance", "scores", "map", "selected", "left-out", "how"}
    assert {f"#{name}" for name in ids} == {attrs["href"] for tag, attrs in page.elements if tag == "a"}
    assert "12 of 36 rows" in page.text
    assert any(tag == "pre" and attrs.get("lang") == "zh" for tag, attrs in page.elements)
    assert "Invalid: E101 field has the wrong type" in page.text
    assert "Exact duplicates" in page.text and "(was kept of its group and then left out)" in page.text


def test_a_page_without_a_comparison(tmp_path):
    page = Page((run(tmp_path, rows()[:5], "--set", "select.floor=null") / "report.html").read_bytes())
    assert "All 5 candidates are selected, so there is nothing to compare with." in page.text
    assert "random" not in {attrs.get("id") for _, attrs in page.elements}


def head(text: str) -> dict:
    """The YAML at the head of a card."""
    assert text.startswith("---\n")
    return yaml.safe_load(text[4 : text.index("\n---\n")])


def test_the_card_is_one_that_the_hub_reads(out):
    text = (out / "README.md").read_text("utf-8")
    found = head(text)
    assert found["configs"] == [{"config_name": "default", "data_files": [{"split": "train", "path": "subset.jsonl"}]}]
    assert found["size_categories"] == ["n<1K"] and found["task_categories"] == ["text-generation"]
    assert {"en", "zh"} >= set(found["language"]) and found["language"]
    assert "license" not in found and "name it here before you publish" in text
    assert found["pretty_name"] == HOSTILE
    assert "<b" not in text[text.index("\n---\n") :].replace("\\<", "")
    assert "| read | 36 |" in text and "curate run recipe.yaml" in text


def test_what_a_recipe_says_is_on_the_card():
    table = pa.table(
        {name: ["a", "b"] for name in ("prompt", "response", "record", "category")} | {"rank": pa.array([2, 1])}
    )
    given = {"name": "x", "card": {"license": "cc0-1.0", "tags": ["sft", "mine"], "description": "All mine."}}
    recipe = recipe_file.convert(given, "here")
    compared = {"measures": [], "quality": None, "selected": 2, "candidates": 2, "random": 4}
    facts = {"compare": compared, "select": {"below": 0}}
    entry = CachedResult(digest="", file="", notes=["near 0.7: a|b"], facts={}, funnel=[("read", 2)], seconds=0)
    text = card.card(RunState(table, None, {}, facts), recipe, [FinishedStep("dedup", entry, False)], "alpaca").decode()
    assert head(text)["license"] == "cc0-1.0" and head(text)["tags"] == ["instruction-tuning", "sft", "curate", "mine"]
    assert "All mine." in text and "near 0.7: a\\|b" in text and "name it here" not in text


@pytest.mark.slow
def test_datasets_loads_the_folder_as_the_card_says(out, tmp_path):
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(str(out), cache_dir=str(tmp_path))
    assert loaded["train"].num_rows == 12


def test_a_subset_beside_random_ones():
    found = compare.versus_random(4.0, [1.0, 2.0, 3.0], 9.0, "higher")
    assert found == {"subset": 4.0, "random": 2.0, "deviation": 1.0, "deviations": 2.0, "pool": 9.0}
    assert not verdict.clear(found) and verdict.clear({**found, "deviations": 2.1})
    assert compare.versus_random(4.0, [1.0, 2.0, 3.0], 9.0, "lower")["deviations"] == -2.0
    assert compare.versus_random(4.0, [2.0, 2.0], 9.0, "higher")["deviations"] is None


def test_points_in_one_place_are_drawn_once():
    places = np.repeat(np.array([[1.0, 2.0], [3.0, 4.0]]), 1000, axis=0)
    assert str(run_pictures.dots(places, "pool", "1", "1")).count("M") == 2


@pytest.mark.slow
def test_the_page_of_a_large_pool_is_small(curate, real_data, tmp_path):
    file = real_data / "t0_train_50k.prompt_completion.jsonl.gz"
    # Duplicates in meaning and quality take most of such a run, and are tried on the sample data below.
    quick = ("--set", "dedup.semantic=null", "--set", "score.with=[lexical]")
    options = (*quick, "--out", tmp_path / "out", "--json")
    done = curate("run", "lima-1000.yaml", "--input", file, *options)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").stat().st_size < 3_000_000


@pytest.mark.slow
@pytest.mark.parametrize("size", [1000, 300])
def test_the_sample_data_give_a_subset_that_beats_random_ones(curate, tmp_path, size):
    names = ("alpaca.json", "chatml.jsonl", "dolly.jsonl", "instruction_json.jsonl", "self_instruct.jsonl")
    names += ("self_instruct_seed.jsonl", "sft.jsonl", "sharegpt.json")
    files = [f"sample_data/{name}" for name in names]
    options = ("--size", size, "--out", tmp_path / "out", "--json")
    # What random subsets differ by is told by more of them than the recipe's twenty, so that it is no matter of luck.
    more = ("--set", "report.random=100")
    done = curate("run", "lima-1000.yaml", "--input", *files, *options, *more)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["compared"]
    assert told["measures"][0]["name"] == "novelsum"
    assert verdict.clear(told["quality"])
    # A thousand are most of the rows above the floor of quality: there is little left to choose among.
    assert verdict.clear(told["measures"][0]) or size == 1000
