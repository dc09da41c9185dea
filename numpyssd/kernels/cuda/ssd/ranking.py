"""Rank the numbers of a row without a sort: the place of a number is the count of better ones, one thread for each.

The work grows with the square of the row, but all threads count at the same time, and any order of threads gives the
same places. A NaN takes no part: it is neither larger, smaller nor equal. Used by hard negative mining and detection.
"""

import numpy as np
from numba import cuda, float32, int32, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty

LANES = 256  # threads of a block, and numbers of a tile
NAN = np.float32("nan")
NONE = -1  # an index that is none


@cuda.jit(device=True, inline="always")
def place_in_row(values, row, index, mine, tile):
    """Return how many of values[row] are larger than ``mine``, or equal and before ``index``; 0 where mine is NaN.

    tile: shared, LANES numbers, of which each thread fetches one. Every thread of the block must call it.
    """
    thread, length, better = uint32(cuda.threadIdx.x), uint32(values.shape[1]), uint32(0)
    for first in range(uint32(0), length, uint32(LANES)):
        source = uint32(first + thread)
        tile[thread] = values[row, source] if source < length else NAN
        cuda.syncthreads()
        if mine == mine:
            for t in range(uint32(LANES)):
                other = tile[t]
                if other > mine or (other == mine and uint32(first + t) < index):
                    better = uint32(better + uint32(1))
        cuda.syncthreads()  # until all have read the tile
    return better


def best_kernel(values, best):
    """One thread = one number of values (R, K); grid: numbers by rows; shared: a tile of 256 numbers.

    best (R, T): at the place of a number, its index in the row.
    """
    tile = cuda.shared.array(LANES, float32)
    index, row = uint32(cuda.grid(1)), uint32(cuda.blockIdx.y)
    mine = values[row, index] if index < uint32(values.shape[1]) else NAN
    place = place_in_row(values, row, index, mine, tile)
    if mine == mine and place < uint32(best.shape[1]):
        best[row, place] = int32(index)


def fill_kernel(out, value):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        out[index] = value


def best_of_rows(values, count):
    """Return (R, count) int32: of each row of values (R, K) the indices of the largest, best first, then -1.

    Of equal numbers the lower index comes first; a NaN never comes. Neither R nor K nor count may be 0.
    """
    best = empty((len(values), count), np.int32)
    launch(fill_kernel, blocks_for(best.size, 256), 256, best.reshape(best.size), np.int32(NONE))
    launch(best_kernel, (blocks_for(values.shape[1], LANES), len(values)), LANES, values, best)
    return best
