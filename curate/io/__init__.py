"""Reading rows of JSON text from files, and writing them."""

from curate.io.atomic import atomic
from curate.io.read import Block, blocks, container
from curate.io.write import writer

__all__ = ["Block", "atomic", "blocks", "container", "writer"]
