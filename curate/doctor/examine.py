"""The rules of each tool by its name."""

from __future__ import annotations

from curate.doctor import llamafactory, llamafactory_entry
from curate.doctor.llamafactory import Examined
from curate.export import choice


def examine(
    tool: str, path: str, template: str = "auto", dataset_info: str | None = None, dataset: str | None = None
) -> Examined:
    """What the tool of this name does to the rows of a file.

    dataset_info, dataset: for llamafactory, the file and the name of the entry that the file is read by.
    Raises CurateError for a file that cannot be read, or an unknown template or entry.
    """
    entry = llamafactory_entry.from_file(dataset_info, dataset) if dataset_info and dataset else None
    return llamafactory.examine(path, entry, choice.named(template))
