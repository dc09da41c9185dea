"""Where a matrix lies in a 1-D array, and packed panels: the order in which a matrix product reads its right side.

    Matrix(start, row, step): entry (i, k) lies at start + i row + k step

A panel has the columns that a register block takes at once: two vectors of L numbers each. Packed panels are, in NumPy:

    b = np.pad(b, ((0, 0), (0, padded_columns(C) - C)))                            # (K, C) -> whole vectors
    packed = [b[:, j : j + 2 * L].ravel() for j in range(0, b.shape[1], 2 * L)]    # one panel after the other

So the product reads b from front to back, once for each block of rows, and every load is a whole vector.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.kernels.cpu.runtime import vectors
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.vectors import load, store


class Matrix(NamedTuple):
    """The layout of a matrix in a 1-D array; that of a plain (R, C) array is (0, C, 1), of its transpose (0, 1, C).

    In compiled code write np.int64(1) for a number that is always the same: for the constant 1 Numba would compile a
    version of its own.
    """

    start: int  # where entry (0, 0) lies
    row: int  # from a row to the next
    step: int  # from a column to the next; of a result of ``gemm``: from a panel of columns to the next


def padded_columns(columns, dtype):
    """Return the number of columns rounded up to whole vectors."""
    lanes = vectors.lanes(dtype)
    return -(-columns // lanes) * lanes


@njit
def pack(matrix, out):
    """Copy a matrix (K, C) into packed panels (K * padded columns,), filled up with zeros."""
    depth, columns = matrix.shape
    flat = matrix.reshape(-1)
    lanes = vectors.REGISTER_BYTES // matrix.itemsize
    whole = (columns + lanes - 1) // lanes * lanes
    for first in range(0, whole, 2 * lanes):
        width = min(2 * lanes, whole - first)
        panel, inside = first * depth, min(width, columns - first)
        for start in range(0, width, lanes):
            if start + lanes <= inside:
                for k in range(depth):
                    store(out, panel + k * width + start, load(flat, k * columns + first + start))
            else:
                for k in range(depth):
                    for j in range(start, start + lanes):
                        out[panel + k * width + j] = matrix[k, first + j] if j < inside else 0


def packed(matrix):
    """Return a matrix (K, C) in packed panels, ready for ``gemm``."""
    out = np.empty(len(matrix) * padded_columns(matrix.shape[1], matrix.dtype), matrix.dtype)
    pack(matrix, out)
    return out
