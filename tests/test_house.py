"""The rules of the house: who may import whom, rooms that only look down, small functions, names that are unique."""

from __future__ import annotations

import statistics
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
        ["dedup"],
        ["score"],
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


@pytest.fixture(scope="module")
def files():
    return house.sources(ROOT, ("schemas", "curate", "train"))


@pytest.fixture(scope="module")
def imported(files):
    return house.imports(files)


def test_schemas_import_msgspec_only(imported):
    targets = {i.target.split(".")[0] for i in imported if i.module.split(".")[0] == "schemas"}
    assert targets <= {"schemas", "msgspec"} | sys.stdlib_module_names


def test_curate_never_imports_train(imported):
    wrong = [i for i in imported if i.module.startswith("curate") and i.target.startswith("train")]
    assert not wrong, "train's commands are found through the entry points `curate.commands`"


@pytest.mark.parametrize("package", FLOORS)
def test_rooms_look_down(imported, package):
    assert house.upward_imports(imported, package, FLOORS[package]) == []


def test_no_circle(imported):
    assert house.circles(imported) == []


def test_class_names_are_unique(files):
    assert house.repeated_classes(files) == []


def test_functions_are_small(files):
    assert house.large_functions(files) == []


@pytest.mark.parametrize("package", MOST_LOOSE)
def test_few_modules_are_loose(package):
    assert len(house.loose_modules(ROOT, package)) <= MOST_LOOSE[package], "move one into the room that uses it"


def test_files_are_small(files):
    sizes = [len(source.path.read_text(encoding="utf-8").splitlines()) for source in files.values()]
    assert statistics.median(sizes) < 100


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
