"""What a file holds, by the ending of its name."""

from __future__ import annotations

import json
import os
from pathlib import Path

from curate.errors import CurateError

KINDS = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
    ".tsv": "tsv",
}
# Arrow files compress their own pages and are read out of order, so a stream around them serves nobody.
STREAMED = {"json", "jsonl", "csv", "tsv"}
PACKED = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz"}
HUB = "hf://"


def packing(path: str) -> str | None:
    """How a file of this name is compressed: gzip, zstd, bz2, xz, or None."""
    return PACKED.get(Path(path).suffix.lower())


def by_ending(path: str) -> str | None:
    """json, jsonl, parquet, arrow, csv or tsv by the ending of the name; None if it says nothing; - is jsonl.

    Raises:
        CurateError: for an ending such as .parquet.gz, which no reader of Parquet opens.
    """
    if path == "-":
        return "jsonl"
    inner = Path(path).with_suffix("") if packing(path) else Path(path)
    kind = KINDS.get(inner.suffix.lower())
    if kind and packing(path) and kind not in STREAMED:
        raise CurateError(f"{path}: {kind} compresses its own pages; unpack the file first and name it {inner.name}")
    return kind


def output_kind(path: str) -> str:
    """The kind of file to write under this name.

    Raises:
        CurateError: if the ending says nothing.
    """
    kind = by_ending(path)
    if kind is None and os.path.isdir(path):
        raise CurateError(f"{path}: is a folder; name a file in it, as {os.path.join(path, 'out.jsonl')}")
    if kind is None:
        raise CurateError(
            f"{path}: the ending does not say what to write; use one of {', '.join(KINDS)}, "
            f"those of text also with {', '.join(PACKED)}"
        )
    return kind


def saved_dataset(path: str) -> str | None:
    """What `save_to_disk` of the package datasets left in a folder: dataset, dataset_dict, or None."""
    folder = Path(path)
    if (folder / "dataset_dict.json").is_file():
        return "dataset_dict"
    if (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file():
        return "dataset"
    return None


def splits(path: str) -> list[str]:
    """The folders of the splits of a saved DatasetDict, in its order, as `folder/train`.

    Raises:
        CurateError: if its dataset_dict.json is not what `save_to_disk` writes.
    """
    try:
        names = json.loads((Path(path) / "dataset_dict.json").read_bytes())["splits"]
        return [str(Path(path) / name) for name in names]
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise CurateError(f"{path}: dataset_dict.json is broken ({error}); save the dataset again") from None
