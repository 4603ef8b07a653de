"""The folder of an export: its files appear together, with their checksums, and none of the user's is overwritten."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from curate.errors import CurateError

SUMS = "SHA256SUMS"


class Folder:
    """Files to be written.

    Args:
        path: where they will be.
        stage: where they are meanwhile, on the same disk.
    """

    def __init__(self, path: Path, stage: Path) -> None:
        self.path = path
        self.stage = stage
        self.names: list[str] = []

    def add(self, name: str) -> Path:
        """A path to write the file `name` to; its folder is there."""
        self.names.append(name)
        path = self.stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def text(self, name: str, text: str) -> None:
        """Write a text file, in UTF-8 with plain line ends."""
        self.add(name).write_bytes(text.encode())

    def yaml(self, name: str, values: Mapping[str, Any]) -> None:
        """Write a YAML file, keys in their order."""
        import yaml

        self.text(name, yaml.dump(values, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=1000))


def _dumper() -> Any:
    """PyYAML's dumper with the items of a list indented below their key, as the tools' own examples are."""
    import yaml

    class IndentedDumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, **_: bool) -> None:
            super().increase_indent(flow, False)

    return IndentedDumper


@contextmanager
def folder(path: str | Path, force: bool = False) -> Iterator[Folder]:
    """A folder to write an export into; its files take their places when the block ends well.

    Files of an earlier export are replaced, and those that it had and this one has not are removed.  `SHA256SUMS`
    lists all files in the form of sha256sum.

    Args:
        path: the folder; it is made if it is not there.
        force: whether files that are not of an earlier export, or were changed since, may be replaced.

    Raises:
        CurateError: if they may not and there is one, or if the folder cannot be written.
    """
    target = Path(path)
    try:
        target.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".export-", dir=target))
    except OSError as error:
        raise CurateError(f"{target}: cannot write here: {error.strerror or error}") from None
    try:
        files = Folder(target, stage)
        yield files
        known = read_sums(target / SUMS)
        if not force:
            _check(files, known)
        files.names.sort()
        sums = "".join(f"{sha256(stage / name)}  {name}\n" for name in files.names)
        (stage / SUMS).write_text(sums, "utf-8")
        for name in files.names:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(stage / name, target / name)
        for name in known.keys() - set(files.names):
            if (target / name).is_file() and sha256(target / name) == known[name]:
                (target / name).unlink()
        # Last, so that a killed run is noticed: `sha256sum --check` fails until all files are of one export.
        os.replace(stage / SUMS, target / SUMS)
    except OSError as error:
        raise CurateError(f"{target}: cannot write: {error.strerror or error}") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _check(files: Folder, known: dict[str, str]) -> None:
    for name in files.names:
        target = files.path / name
        if target.is_dir():
            raise CurateError(f"{target} is a folder; the export would write a file there: choose another folder")
        if not target.exists():
            continue
        if name not in known:
            raise CurateError(
                f"{target} is not of an earlier export; choose another folder, or replace it with --force"
            )
        if sha256(target) not in (known[name], sha256(files.stage / name)):
            raise CurateError(
                f"{target} was changed since it was exported; move it away, or replace it with --force. "
                "Nothing was written."
            )


def read_sums(path: Path) -> dict[str, str]:
    """Digests by file name from a file of sha256sum; empty if it is not there or is something else."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.split("  ", 1) for line in lines)
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
