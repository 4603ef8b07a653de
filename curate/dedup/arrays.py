"""Arrays that batches of rows are made into, as one row of a table, so that no block of a cluster can end within them.

packed:   | numbers (binary)  | sizes (binary) | hashes (binary)        |
row 0     | 8 bytes a text    | 8 bytes a text | 8 bytes a shingle      |
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

# The type of each array, by its name.
KINDS = {
    "digests": np.uint64,
    "owners": np.int64,
    "lengths": np.int64,
    "record_hashes": np.uint64,
    "numbers": np.int64,
    "sizes": np.int64,
    "hashes": np.uint64,
    "sums": np.uint64,
    "signatures": np.uint16,
    "band_keys": np.uint64,
    "members": np.int32,
    "heads": np.int32,
    "counts": np.int64,
    "similarity": np.float64,
}


def pack_arrays(**arrays: np.ndarray) -> pa.Table:
    """A table of one row that holds each array, of the type that KINDS says, as bytes."""
    cells = {name: np.ascontiguousarray(values, KINDS[name]).tobytes() for name, values in arrays.items()}
    return pa.table({name: pa.array([data], pa.large_binary()) for name, data in cells.items()})


def unpack_array(table: pa.Table, name: str) -> np.ndarray:
    """An array that `pack_arrays` packed, flat; those of several rows one after the other."""
    return np.frombuffer(b"".join(table[name].to_pylist()), KINDS[name])
