"""The rules of the house: who may import whom, rooms that only look down, small functions, names that are unique."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.builders import house

ROOT = Path(__file__).parent.parent
# The rooms of each package from the ground up.  A room imports those below it.
FLOORS = {
    "curate": [
        ["errors", "progress"],
        ["options", "extras", "sample_data_folder"],
        ["text"],
        ["io"],
        ["table"],
        ["engine"],
        ["report"],
        ["models"],
        ["tokens"],
        ["dedup"],
        ["score"],
        ["filter"],
        ["select"],
        ["convert"],
        ["doctor"],
        ["export"],
        ["run"],
        ["reference"],
        ["commands"],
        ["cli"],
    ],
    "train": [["lora"], ["answers"], ["analysis"], ["study"], ["commands"]],
}
MOST_LOOSE = {"curate": 6, "train": 2}
MEDIAN_LINES = 100


@pytest.fixture(scope="module")
def files():
    return house.sources(ROOT, ("schemas", "curate", "train"))


@pytest.fixture(scope="module")
def imported(files):
    return house.imports(files)


def test_schemas_import_msgspec_only(imported):
    assert house.foreign_imports(imported, "schemas", {"msgspec", *sys.stdlib_module_names}) == []


def test_curate_never_imports_train(imported):
    others = {i.target.split(".")[0] for i in imported} - {"train"}
    wrong = house.foreign_imports(imported, "curate", others)
    assert wrong == [], "train's commands are found through the entry points `curate.commands`"


@pytest.mark.parametrize("package", FLOORS)
def test_rooms_look_down(imported, package):
    assert house.upward_imports(imported, package, FLOORS[package]) == []


def test_no_circle(imported):
    assert house.circles(imported) == [], "move what they share into a module of its own below them"


def test_class_names_are_unique(files):
    assert house.repeated_classes(files) == [], "give all but one a name that says what it is"


def test_functions_are_small(files):
    assert house.large_functions(files) == []


@pytest.mark.parametrize("package", MOST_LOOSE)
def test_few_modules_are_loose(package):
    assert len(house.loose_modules(ROOT, package)) <= MOST_LOOSE[package], "move one into the room that uses it"


def test_files_are_small(files):
    assert house.median_lines(files) < MEDIAN_LINES, "split the longest files by what their parts are about"


def write(root, **modules):
    """Source files by dotted name, with __ for the dots."""
    for name, text in modules.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return house.sources(root, ("a", "b"))


def test_what_breaks_the_rules_is_found(tmp_path):
    files = write(
        tmp_path,
        a__low__one="class Row: pass\nfrom a.high.two import f\n",
        a__high__two="def f():\n    from a.low import one\n",
        a__high__three="class Row: pass\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a.low.one\n",
        a__loose="def g(a, b, c, d, e, *, f, g, h, i): pass\n",
        b__x="import a.new.y, json\nfrom a import loose\n",
        a__new__y="import a.low.one\n",
        a__low__long="def f():\n" + "    pass\n" * 60,
    )
    imported = house.imports(files)
    assert ("b.x", "a.new.y", 1) in imported and ("b.x", "json", 1) in imported and ("b.x", "a.loose", 2) in imported
    assert not [i for i in imported if i.module == "a.high.three" and i.target.startswith("a.")]
    upward = house.upward_imports(imported, "a", [["low"], ["high"]])
    assert any("a.low.one:2 imports a.high.two" in error for error in upward)
    assert any("new has no floor" in error for error in upward)
    assert len(upward) == 2
    assert house.circles(imported) == [["a.high.two", "a.low.one"]]
    assert house.repeated_classes(files) == ["Row"]
    assert [error.split(" has ")[1].split(";")[0] for error in house.large_functions(files)] == [
        "9 parameters",
        "61 lines",
    ]
    assert house.loose_modules(tmp_path, "a") == ["loose"]
    assert house.median_lines(files) == 2
    assert ["a.new.y" in error for error in house.foreign_imports(imported, "b", {"json"})] == [True, False]


def test_relative_imports_and_the_other_branch_count(tmp_path):
    (tmp_path / "a/low").mkdir(parents=True)
    (tmp_path / "a/__init__.py").write_text("from .low import one\n")
    (tmp_path / "a/low/__init__.py").write_text("from ..high import two\n")
    files = write(
        tmp_path,
        a__low__one="from . import three\nfrom ..high.two import f\n",
        a__low__three="from typing import TYPE_CHECKING\nif TYPE_CHECKING: pass\nelse:\n    import a.high.two\n",
        a__high__two="def f(): pass\n",
    )
    targets = {(i.module, i.target) for i in house.imports(files)}
    assert {
        ("a", "a.low.one"),
        ("a.low", "a.high.two"),
        ("a.low.one", "a.low.three"),
        ("a.low.one", "a.high.two"),
        ("a.low.three", "a.high.two"),
    } <= targets
