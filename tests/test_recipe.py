"""Recipes: what they hold, what is said of mistakes in them, and that the page about them tells no tales."""

from __future__ import annotations

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.options import described
from curate.reference import recipes as recipe_page
from curate.run import recipe_file
from curate.run.recipe import Recipe
from tests.builders import ROOT

PATHS = [path for path, _ in recipe_file.sections()]


def write(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(tmp_path, text, *changes):
    with pytest.raises(CurateError) as error:
        recipe_file.load(write(tmp_path, text), changes)
    assert error.value.code == 2
    return str(error.value)


def test_the_packaged_recipe_is_found_unless_there_is_one_here(tmp_path, monkeypatch):
    assert recipe_file.load("lima-1000.yaml").select.size == 1000
    assert recipe_file.load("lima-1000").name == "lima-1000"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lima-1000.yaml").write_text("select: {size: 7}")
    assert recipe_file.load("lima-1000.yaml").select.size == 7
    with pytest.raises(CurateError, match=r"no such recipe; did you mean lima-1000\.yaml"):
        recipe_file.load("lima-100.yaml")


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_key_is_named_with_its_place_and_the_nearest_key(tmp_path, path):
    kind = dict(recipe_file.sections())[path]
    name = msgspec.structs.fields(kind)[0].encode_name
    wrong = f"{name}x"
    text = f"{wrong}: 1"
    for outer in reversed(path.split(".") if path else []):
        text = f"{outer}: {{{text}}}"
    said = refused(tmp_path, text)
    assert f"mine.yaml: $.{path}".rstrip(".") + f": unknown key {wrong!r}; did you mean {name!r}? keys are" in said


def test_values_that_do_not_fit_are_named_with_what_was_found(tmp_path):
    assert "$.select.size: Expected int, got str, found 'many'" in refused(tmp_path, "select: {size: many}")
    assert "mine.yaml: select.size is 0; it must be at least 1" in refused(tmp_path, "select: {size: 0}")
    assert "$.inputs[1]: Expected str, got int, found '3'" in refused(tmp_path, "inputs: [a, 3]")
    assert "found a list, expected keys" in refused(tmp_path, "- a\n- b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("validate: repair", "$.validate: found 'repair', expected keys with values; write validate: {repair: true}"),
        ("validate: true", "$.validate: found True, expected keys with values; write validate: {repair: true}"),
        ("select: 500", "found 500, expected keys with values; write select: {size: 500}; keys are size, method"),
        ("select: random", "found 'random', expected keys with values; write select: {method: random}"),
        (
            "score: [length, 引用]",
            "$.score: found the list [length, 引用], expected keys with values; write score: {with:",
        ),
        ("dedup: 0.8", "write dedup: {near: 0.8}"),
        ("dedup:", "$.dedup: found nothing, expected keys with values; write dedup: {near: 0.7}"),
        ("dedup: 9", "write dedup: {"),
        ("decontaminate: 考试.jsonl", "write decontaminate: {against: [考试.jsonl]}"),
        ("score: {judge: gpt}", "$.score.judge: found 'gpt', expected keys with values; write judge: {url: gpt}"),
        ("where: quality > 0.2", "$.where: found 'quality > 0.2', expected a list; write where: [quality > 0.2]"),
        ("inputs: a.jsonl", "$.inputs: found 'a.jsonl', expected a list; write inputs: [a.jsonl]"),
        ("score: {with: length}", "$.score.with: found 'length', expected a list; write with: [length]"),
    ],
)
def test_a_value_where_keys_are_wanted_is_shown_as_it_is_to_be_written(tmp_path, text, message):
    said = refused(tmp_path, text)
    assert said.startswith(f"{tmp_path / 'mine.yaml'}: $.") and message in said and "\n" not in said


@pytest.mark.parametrize("path", [path for path in PATHS if path])
@pytest.mark.parametrize("value", ["x", "3", "[1, {a: b}]", "2024-01-01", "false"])
def test_no_step_takes_a_value_in_place_of_its_keys(tmp_path, path, value):
    *outer, last = path.split(".")
    text = f"{last}: {value}"
    for name in reversed(outer):
        text = f"{name}: {{{text}}}"
    said = refused(tmp_path, text)
    assert f"$.{path}: found" in said and f"expected keys with values; write {last}: {{" in said
    example = said.split("; write ")[1].split("; keys are")[0]
    assert isinstance(yaml.safe_load(example)[last], dict)


def test_broken_yaml_is_named_with_line_and_column(tmp_path):
    assert "mine.yaml: line 3, column 1: expected ',' or '}'" in refused(tmp_path, "select: {size: 1\n x\n")
    assert "line 2, column 1: found the key 'seed' twice" in refused(tmp_path, "seed: 1\nseed: 2\n")
    assert "could not determine a constructor" in refused(tmp_path, "seed: !!python/object:os.system {}")


def test_changes_replace_what_the_file_says(tmp_path):
    path = write(tmp_path, "select: {size: 5}\nscore:\n")
    assert recipe_file.load(path).score is None
    changed = recipe_file.load(path, ["select.size=9", "select.quotas={Open QA: 3}", 'score.by=""', "card.license=mit"])
    assert (changed.select.size, changed.select.quotas, changed.card.license) == (9, {"Open QA": 3}, "mit")
    assert changed.name == "mine"
    assert "did you mean 'size'?" in refused(tmp_path, "", "select.sise=3")
    assert "is not PATH=VALUE" in refused(tmp_path, "", "select")
    assert "'size' holds a value" in refused(tmp_path, "", "select.size.much=3")


numbers = st.one_of(st.integers(1, 9), st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=3))


@settings(deadline=None)
@given(size=st.integers(1, 10**6), least=numbers, floor=st.none() | st.floats(0, 0.9), name=st.text(max_size=20))
def test_a_recipe_that_was_written_is_read_as_it_was(size, least, floor, name):
    given = {"name": name, "inputs": [name], "select": {"size": size, "min": least, "floor": floor}}
    recipe = recipe_file.convert(given, "here")
    again = recipe_file.convert(yaml.safe_load(recipe_file.dump(recipe)), "here")
    assert again == recipe


def test_the_page_of_keys_is_up_to_date(curate):
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    made = page[page.index(recipe_page.BEGIN) : page.index(recipe_page.END) + len(recipe_page.END)]
    assert made == recipe_page.markdown(), "put the output of `curate run --keys` into docs/recipes.md"
    assert curate("run", "--keys").stdout.strip() == recipe_page.markdown()


def test_every_key_is_described():
    for path, kind in recipe_file.sections():
        for field in described(kind):
            assert field.text, f"{path}.{field.key}"
    assert Recipe() == recipe_file.convert({}, "here")
