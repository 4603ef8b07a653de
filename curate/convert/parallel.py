"""Pieces from processes of this machine, each of which writes the rows of its parts to their places in the output."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import msgspec

from curate.convert.options import ConvertOptions
from curate.convert.pieces import Piece, part_pieces
from curate.engine.parts import FilePart
from curate.engine.processes import Turns, in_order, processes
from curate.io import atomic

# How many texts the system takes at a time.
MOST_TEXTS = 512


@contextmanager
def placed_pieces(
    parts: Sequence[FilePart], options: ConvertOptions, bare: bool, out: str, workers: int, goes_on: bool
) -> Iterator[Iterator[Piece]]:
    """The pieces of the parts, one each, without their rows, which are in the output `out` when the block ends well.

    Args:
        parts: of the sources, in order.
        options: how to convert.
        bare: see `pieces.part_pieces`.
        out: a file of JSON lines.
        workers: how many processes.
        goes_on: see `pieces.part_pieces`.
    """
    context = processes()
    with atomic(out) as file:
        shared = (file.name, Turns(context), options, bare, goes_on)
        with closing(in_order(_convert_part, parts, workers, context, _begin, shared)) as pieces:
            yield pieces


class _Process:
    """What a process has for all of its parts: the open output, whose turn it is, and how to convert."""

    out: int
    turns: Turns
    options: ConvertOptions
    bare: bool
    goes_on: bool


def _begin(path: str, turns: Turns, options: ConvertOptions, bare: bool, goes_on: bool) -> None:
    """Open the output in a process of its own."""
    _Process.out = os.open(path, os.O_WRONLY)
    _Process.turns, _Process.options, _Process.bare, _Process.goes_on = turns, options, bare, goes_on


def _convert_part(part: FilePart) -> Piece:
    """Convert a part and write its rows to their place."""
    pieces: list[Piece] = []
    texts: list[bytes] = []
    placed = False
    try:
        for piece in part_pieces(part, _Process.options, _Process.bare, "jsonl", True, _Process.goes_on):
            if piece.rows:
                texts += (*piece.rows, b"\n")
            pieces.append(msgspec.structs.replace(piece, rows=()))
        at = _Process.turns.place(part.number, sum(map(len, texts)))
        placed = True
        for i in range(0, len(texts), MOST_TEXTS):
            at += _write(texts[i : i + MOST_TEXTS], at)
    finally:
        if not placed:  # or the parts after this one would wait for ever
            _Process.turns.place(part.number, 0)
    rejected = [line for piece in pieces for line in piece.rejected]
    read, size = sum(piece.read for piece in pieces), sum(piece.size for piece in pieces)
    return Piece((), rejected, read, size, pieces[-1].account)


def _write(texts: list[bytes], at: int) -> int:
    """Write texts one after the other from a place in the output on; returns how many bytes they have."""
    size = sum(map(len, texts))
    done = os.pwritev(_Process.out, texts, at) if hasattr(os, "pwritev") else 0
    if done < size:
        rest = memoryview(b"".join(texts))[done:]
        while rest:
            written = os.pwrite(_Process.out, rest, at + size - len(rest))
            rest = rest[written:]
    return size
