"""What LLaMA-Factory requires of images, videos and audios.

Source: LLaMA-Factory 0.9.5, data/converter.py (_find_medias) and mm_plugin.py (_validate_input, _validate_messages).
"""

from __future__ import annotations

from typing import Any

from curate.doctor.finding import Fault, kind_of
from curate.doctor.llamafactory_entry import DatasetEntry
from curate.doctor.llamafactory_tools import Style
from curate.doctor.llamafactory_turns import RuleTurn

MARKS = (("images", "<image>"), ("videos", "<video>"), ("audios", "<audio>"))


def check_paths(row: dict[str, Any], entry: DatasetEntry) -> None:
    """Raise Fault for a list of paths with gaps."""
    for name, _ in MARKS:
        column = getattr(entry, name)
        values = row.get(column) if column else None
        if isinstance(values, list) and values and isinstance(values[0], str) and None in values:
            raise Fault("crash", f"$.{column}", "the list of paths has null in it", "leave it out")


def check_media(turns: list[RuleTurn], row: dict[str, Any], entry: DatasetEntry, style: Style) -> None:
    """Raise Fault where media and their marks in the text do not agree.

    A template of ours is one for text, where media end the run and marks are text.  Without a template, an entry with a
    column of media is for a model that takes them; marks in the text of other entries are not judged.
    """
    declared = any(getattr(entry, name) for name, _ in MARKS)
    for name, mark in MARKS:
        column = getattr(entry, name)
        values = row.get(column) if column else None
        path = f"$.{column}" if column else turns[0][2]
        given = [] if values is None else values if isinstance(values, list) else [values]
        if style.media is not False:
            _check_marks(turns, given, (name, mark, path), declared)
        elif given:
            why = f"the template is for text, and the row has {name}"
            raise Fault("crash", path, why, "take a template for such models, or leave them out")


def _check_marks(turns: list[RuleTurn], given: list[Any], which: tuple[str, str, str], declared: bool) -> None:
    """Raise Fault unless the text has a mark for each of the media.

    Args:
        turns: of the conversation.
        given: the media.
        which: what they are called, their mark, and their JSON path.
        declared: whether the entry has a column of media.
    """
    name, mark, path = which
    for value in given:
        if value is None or isinstance(value, bool | int | float):
            raise Fault("crash", path, f"one of the {name} is {kind_of(value)}", "write a list of paths")
    marks = 0
    for _, content, where in turns:
        if isinstance(content, str):
            marks += content.count(mark)
        elif declared:
            raise Fault("crash", where, f"the turn's content is {kind_of(content)}, expected text", "write text")
    if declared and marks != len(given):
        why = f"the text has {mark} {marks} times, and {name} has {len(given)}"
        raise Fault("crash", path, why, f"write {mark} once for each of the {name}")
    if marks and not declared:
        why = f"the text has {mark}: whether it ends the run depends on the template"
        raise Fault("unknown", path, why, "name it with --template, or the column of media with --dataset-info")
