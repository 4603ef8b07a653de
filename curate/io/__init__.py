"""Reading rows of JSON text from files of any kind, and writing them."""

from curate.io.atomic import atomic
from curate.io.expand import expand
from curate.io.lines import Block
from curate.io.ranges import count_lines, ranges
from curate.io.read import blocks, container
from curate.io.write import writer

__all__ = ["Block", "atomic", "blocks", "container", "count_lines", "expand", "ranges", "writer"]
