"""Sums over many numbers on the device, with the same bits each time: parts of fixed length are added in order."""

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device, to_host

ROWS = 256  # that one thread adds up
LANES = 256  # threads of a block that adds up its own numbers


def add_parts_kernel(parts, out):
    """One thread = one number of out (M,), which it adds up over the parts (P, M); nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        total = float32(0.0)
        for part in range(uint32(parts.shape[0])):
            total += parts[part, index]
        out[index] = total


def column_sums_kernel(a, parts):
    """One thread = one column of 256 rows of a (R, C); grid: columns by rows; nothing is shared. parts: (P, C)."""
    column, part = uint32(cuda.grid(1)), uint32(cuda.blockIdx.y)
    if column < uint32(a.shape[1]):
        total = float32(0.0)
        first = uint32(part * uint32(ROWS))
        for row in range(first, min(uint32(first + uint32(ROWS)), uint32(a.shape[0]))):
            total += a[row, column]
        parts[part, column] = total


@cuda.jit(device=True, inline="always")
def block_sum(lanes, thread, value):
    """Return the sum of the values of all threads of the block; lanes: shared, one number for each thread.

    Half of the threads add the other half's numbers to theirs, then a quarter, and so on: always the same order. Every
    thread of the block must call it.
    """
    lanes[thread] = value
    cuda.syncthreads()
    half = uint32(cuda.blockDim.x // 2)
    while half > uint32(0):
        if thread < half:
            lanes[thread] += lanes[uint32(thread + half)]
        cuda.syncthreads()
        half = uint32(half // uint32(2))
    total = lanes[0]
    cuda.syncthreads()  # until all have read it: the next sum may begin
    return total


def squares_kernel(a, parts):
    """One block = the sum of the squares of 4096 numbers of a (M,); grid: all of them; shared: a number a thread."""
    lanes = cuda.shared.array(LANES, float32)
    thread, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * uint32(16 * LANES))
    total = float32(0.0)
    for r in range(16):
        index = uint32(first + thread + uint32(LANES) * uint32(r))
        if index < uint32(a.size):
            total += a[index] * a[index]
    total = block_sum(lanes, thread, total)
    if thread == uint32(0):
        parts[cuda.blockIdx.x] = total


def add_parts(parts):
    """Return (M, ...) the sum over the first axis of parts (P, M, ...)."""
    if len(parts) == 1:
        return parts.reshape(*parts.shape[1:])
    out = empty(parts.shape[1:])
    launch(add_parts_kernel, blocks_for(out.size, 256), 256, parts.reshape(len(parts), out.size), out.reshape(out.size))
    return out


def column_sums(a):
    """Return (C,) the sums of a (..., C) over all axes but the last."""
    a = to_device(a)
    rows, columns = a.size // a.shape[-1], a.shape[-1]
    if not rows:
        return to_device(np.zeros(columns, np.float32))  # there is nothing that a kernel could be given
    parts = empty((blocks_for(rows, ROWS), columns))
    launch(column_sums_kernel, (blocks_for(columns, 32), len(parts)), 32, a.reshape(rows, columns), parts)
    return add_parts(parts)


def squares(arrays):
    """Return (P,) float32 on the device: parts whose sum is the sum of the squares of all the arrays."""
    arrays = [to_device(a) for a in arrays]
    counts = [blocks_for(a.size, 16 * LANES) for a in arrays]
    parts, first = empty((sum(counts),)), 0
    for a, count in zip(arrays, counts):
        launch(squares_kernel, count, LANES, a.reshape(a.size), parts.part(first, first + count))
        first += count
    return parts


def norm(arrays):
    """Return the L2 norm of all arrays together, a Python float; see reference/arrays.py."""
    return float(np.sqrt(to_host(squares(arrays)).astype(np.float64).sum()))
