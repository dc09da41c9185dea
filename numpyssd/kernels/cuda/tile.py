"""What the three tiled convolutions share: how 256 threads multiply two slabs of numbers that lie in shared memory.

A convolution is a matrix product in disguise: rows are pixels, columns are channels, and each entry is a long sum of
products. A block of 256 threads makes TILE x TILE entries. It goes along the sum in slabs of SLAB terms: all threads
together fetch the slab's TILE x SLAB numbers of either side into shared memory, wait for each other, and then each
thread multiplies for its own OWN x OWN entries. So a number fetched once is used TILE times.
"""

from numba import cuda, float32, uint32

TILE = 64  # rows, and columns, of the result that a block makes
SLAB = 16  # terms of the sum between two waits
OWN = 4  # rows, and columns, of the result that a thread makes
SIDE = 16  # threads along either side of the tile: TILE / OWN
THREADS = 256  # of a block: SIDE * SIDE
PADDED = 65  # one more than TILE, so that a column of a slab lies in different banks of the shared memory


@cuda.jit(device=True, inline="always")
def multiply_slab(left, right, sums, row, column):
    """Add to sums (OWN, OWN) what a slab gives: left and right (SLAB, PADDED) are in shared memory.

    The thread's rows lie side by side, its columns SIDE apart: neighbours then read and write neighbouring numbers.
    """
    for k in range(SLAB):
        for a in range(OWN):
            factor = left[k, uint32(row * uint32(OWN) + uint32(a))]
            for b in range(OWN):
                sums[a, b] += factor * right[k, uint32(column + uint32(SIDE) * uint32(b))]


@cuda.jit(device=True, inline="always")
def clear(sums):
    """Set sums (OWN, OWN) to zero."""
    for a in range(OWN):
        for b in range(OWN):
            sums[a, b] = float32(0.0)
