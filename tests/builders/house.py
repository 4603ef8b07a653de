"""What the house rules are checked by: the imports, classes and functions of a source tree."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

LONGEST_FUNCTION = 60
MOST_PARAMETERS = 8


class Import(NamedTuple):
    """An import of one module by another, wherever in the file it stands; those for type checkers do not count."""

    module: str
    target: str
    line: int


class Source(NamedTuple):
    """A source file of the house."""

    module: str
    path: Path
    tree: ast.Module


def sources(root: Path, packages: Sequence[str]) -> dict[str, Source]:
    """The modules of some packages by name."""
    files: dict[str, Source] = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            files[name] = Source(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return files


def imports(files: dict[str, Source]) -> list[Import]:
    """All imports, lazy ones too; of a module of the house by its name, of others by their first name."""
    result = []
    for source in files.values():
        for node in _outside_type_checking(source.tree):
            for target in _targets(node, source):
                name = _known(target, files)
                if name != source.module:
                    result.append(Import(source.module, name, getattr(node, "lineno", 0)))
    return result


def _outside_type_checking(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            children = child.orelse
        else:
            children = [child]
        for each in children:
            yield each
            yield from _outside_type_checking(each)


def _targets(node: ast.AST, source: Source) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        start = [node.module] if node.module else []
        if node.level:
            # One dot is the package that the file is in, each further dot the one above.
            package = source.module.split(".")
            up = node.level - (source.path.name == "__init__.py")
            start = package[: len(package) - up] + start
        return [".".join([*start, alias.name]) for alias in node.names]
    return []


def _known(target: str, files: dict[str, Source]) -> str:
    while target not in files and "." in target:
        target = target.rpartition(".")[0]
    return target


def room(module: str) -> str:
    """The room of a module: its package below the top one, or the loose module itself; `curate.io.text` is in `io`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def foreign_imports(imported: Sequence[Import], package: str, allowed: Collection[str]) -> list[str]:
    """Imports of a package from outside it that are not allowed.

    Args:
        imported: all imports.
        package: `schemas`, `curate` or `train`.
        allowed: first names of modules that it may import.
    """
    return [
        f"{module}:{line} imports {target}, which {package} must not: move what needs it into a package above"
        for module, target, line in imported
        if module.split(".")[0] == package and target.split(".")[0] not in {package, *allowed}
    ]


def upward_imports(imported: Sequence[Import], package: str, floors: Sequence[Sequence[str]]) -> list[str]:
    """Imports within a package that do not look down, and rooms that have no floor.

    Args:
        imported: all imports.
        package: `curate` or `train`.
        floors: the rooms from the ground up; rooms of one floor do not know one another.
    """
    height = {name: level for level, names in enumerate(floors) for name in names}
    errors = []
    for module, target, line in imported:
        if not (module.startswith(f"{package}.") and target.startswith(f"{package}.")):
            continue
        from_room, to_room = room(module), room(target)
        if from_room == to_room:
            continue
        missing = [name for name in (from_room, to_room) if name not in height]
        if missing:
            errors.append(
                f"{missing[0]} has no floor: give it one in FLOORS of tests/test_house.py and in CONTRIBUTING.md"
            )
        elif height[to_room] >= height[from_room]:
            errors.append(
                f"{module}:{line} imports {target}, but {to_room} does not lie below {from_room}: "
                "move what both need into a room below, or hand it on as an argument"
            )
    return errors


def circles(imported: Sequence[Import]) -> list[list[str]]:
    """Groups of modules that import one another; a lazy import does not break a circle, moving what is shared does."""
    edges: dict[str, set[str]] = {}
    for module, target, _ in imported:
        edges.setdefault(module, set()).add(target)
    reach = {module: _reachable(module, edges) for module in edges}
    groups = {tuple(sorted(m for m in reach if m in reach[n] and n in reach[m])) for n in reach if n in reach[n]}
    return [list(group) for group in sorted(groups)]


def _reachable(module: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    stack = [module]
    while stack:
        new = edges.get(stack.pop(), set()) - seen
        seen |= new
        stack += new
    return seen


def median_lines(files: dict[str, Source]) -> float:
    """Lines of the median file."""
    return median(len(source.path.read_text(encoding="utf-8").splitlines()) for source in files.values())


def repeated_classes(files: dict[str, Source]) -> list[str]:
    """Names that several classes have."""
    names = Counter(n.name for s in files.values() for n in ast.walk(s.tree) if isinstance(n, ast.ClassDef))
    return sorted(name for name, count in names.items() if count > 1)


def large_functions(files: dict[str, Source]) -> list[str]:
    """Functions that are too long, and those with too many parameters; click gives each option to a command as one."""
    errors = []
    for source in files.values():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            length = (node.end_lineno or 0) - node.lineno + 1
            width = len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
            place = f"{source.path.name}:{node.lineno} {node.name}"
            if length > LONGEST_FUNCTION:
                errors.append(f"{place} has {length} lines; {LONGEST_FUNCTION} are the most: take a part out")
            if width > MOST_PARAMETERS and not any("click" in ast.dump(d) for d in node.decorator_list):
                errors.append(f"{place} has {width} parameters; {MOST_PARAMETERS} are the most: make them a record")
    return errors


def loose_modules(root: Path, package: str) -> list[str]:
    """Modules of a package that are in no room."""
    return sorted(path.stem for path in (root / package).glob("*.py") if path.name != "__init__.py")
