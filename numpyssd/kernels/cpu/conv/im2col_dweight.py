"""The gradient of the weights by im2col and GEMM, for a convolution of any shape.

    columns = im2col(x)                                            # (N H' W', kh kw C_in), strip by strip
    dweight = columns.T @ dout.reshape(N * H' * W', C_out)         # (kh kw C_in, C_out)

The sum runs over all pixels, which threads share. So each job has a sum of its own; the number of jobs depends on the
shapes alone, and their sums are added in order: any number of threads gives the same bits.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import Size, gemm_transposed
from numpyssd.kernels.cpu.conv.im2col import gather, strips_of, windows_of
from numpyssd.kernels.cpu.conv.im2col_forward import JOBS
from numpyssd.kernels.cpu.conv.layout import Matrix, pack, padded_columns
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES

PARTIAL_FLOATS = 1 << 23  # 32 MiB of partial sums of dweight at most: they go to memory and back


@njit
def _jobs(tickets, jobs, x, dout, strips, windows, copy, depth, columns, gradients, sums):
    job = take(tickets)
    while job < len(jobs):
        own = strips[jobs[job, 0] : jobs[job, 1]]
        _strips(x, dout, own, windows, copy, depth, columns, gradients, sums[job])
        job = take(tickets)


@inner
def _strips(x, dout, strips, windows, copy, depth, columns, gradients, sums):
    """For each strip: sums (kh kw C_in, C_out, in panels) += columns^T @ dout."""
    channels = dout.shape[1]
    lanes = REGISTER_BYTES // x.itemsize
    whole = (channels + lanes - 1) // lanes * lanes
    no, one = np.int64(0), np.int64(1)
    for s in range(len(strips)):
        first, last = strips[s, 0], strips[s, 1]
        pixels = (last - first) * windows.width
        if copy:
            gather(x, first, last, windows, columns)
            source, start = columns, no
        else:
            source, start = x.reshape(-1), first * windows.width * depth
        pack(dout[first * windows.width : last * windows.width], gradients)
        transposed, in_panels = Matrix(start, one, depth), Matrix(no, 2 * lanes, 2 * lanes * depth)
        size, add = Size(depth, whole, pixels), np.int64(s > 0)
        gemm_transposed(source, transposed, gradients, no, no, sums, in_panels, size, add)


@njit
def _pieces(tickets, pieces, sums, out):
    piece = take(tickets)
    while piece < len(pieces):
        _add_parts(sums, pieces[piece, 0], pieces[piece, 1], out)
        piece = take(tickets)


@inner
def _add_parts(sums, first, last, out):
    """Write rows first .. last of a matrix that lies in panels, summed over the parts, to out (depth, columns)."""
    depth, columns = out.shape
    wide = 2 * REGISTER_BYTES // out.itemsize
    for start in range(0, columns, wide):
        inside = min(wide, columns - start)
        for k in range(first, last):
            target = out[k, start : start + inside]
            at = start * depth + k * wide
            for part in range(len(sums)):
                source = sums[part, at : at + inside]
                for c in range(inside):
                    target[c] = (target[c] if part > 0 else 0) + source[c]


def gradient_of_weight(dout, x, kernel, stride, padding, dilation):
    """Return dweight (kh, kw, C_in, C_out) for dout (N, H', W', C_out) and x (N, H, W, C_in)."""
    images, height, width, channels = dout.shape
    depth, dtype = kernel[0] * kernel[1] * x.shape[3], x.dtype
    windows = windows_of(height, width, kernel, stride, padding, dilation)
    copy, whole = not windows.are_pixels(), -(-channels // padded_columns(2, dtype)) * padded_columns(2, dtype)
    panel = 2 * padded_columns(1, dtype)
    size = -(-channels // panel) * panel * depth
    strips, jobs, pixels = strips_of(images, windows, depth, max(2, min(JOBS, PARTIAL_FLOATS // size)))
    sums = empty((len(jobs), size), dtype)
    flat = dout.reshape(-1, channels)  # (N H' W', C_out)

    def work(tickets):
        columns = scratch("values", (pixels * depth + padded_columns(1, dtype) if copy else 1,), dtype)
        gradients = scratch("sums", (pixels * whole,), dtype)
        _jobs(tickets, jobs, x, flat, strips, windows, copy, depth, columns, gradients, sums)

    parallel(work, len(jobs))
    dmatrix = np.zeros((depth, channels), dtype)
    pieces = spans(depth, 64)
    parallel(lambda tickets: _pieces(tickets, pieces, sums, dmatrix), len(pieces))
    return dmatrix.reshape(*kernel, x.shape[3], channels)
