"""The options of commands that draw pictures."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from curate.score.pictures.drawing import Drawing

Command = TypeVar("Command", bound=Callable[..., Any])


class Pictures(NamedTuple):
    """Which pictures are written.

    Attributes:
        report: the page, None for none.
        map_method: how maps are laid out, `pca` or `umap`.
        png: the folder of PNG files, None for none.
    """

    report: str | None
    map_method: str
    png: str | None

    def __bool__(self) -> bool:
        return bool(self.report or self.png)

    def write(self, drawing: Drawing) -> None:
        """Write the page, the PNG files, or both."""
        if self.report:
            from curate.score.pictures.page import write

            write(drawing, self.report)
        if self.png:
            from curate.score.pictures.png import write as write_png

            write_png(drawing, self.png)


def picture_options(command: Command) -> Command:
    """Adds --report, --map and --png, which come as one argument `pictures`."""

    @click.option("--report", metavar="FILE.html", help="Write a page of pictures, with a map of the rows.")
    @click.option(
        "--map", "map_method", default="pca", show_default=True, help="How the map is laid out: pca, or umap."
    )
    @click.option("--png", metavar="FOLDER", help="Write the same pictures as PNG files.")
    @functools.wraps(command)
    def wrapper(*args: Any, report: str | None, map_method: str, png: str | None, **values: Any) -> Any:
        return command(*args, pictures=Pictures(report, map_method, png), **values)

    return wrapper  # type: ignore[return-value]
