"""The first rungs of the ladder, which nothing else uses: a convolution as loops, and a matrix product as loops.

    for n, y, x, o in np.ndindex(out.shape):                       # each output number
        out[n, y, x, o] = bias[o]
        for i, j, c in np.ndindex(kh, kw, C_in):                   # each kernel position and input channel
            if 0 <= y + i - padding < H and 0 <= x + j - padding < W:
                out[n, y, x, o] += x_in[n, y + i - padding, x + j - padding, c] * weight[i, j, c, o]

2 kh kw C_in operations for an output number, one after the other: each addition waits for the one before. Stride and
dilation are left out, so that the loops stay short.
"""

import numpy as np

from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel
from numpyssd.kernels.cpu.runtime.tickets import take


@njit
def _rows_by_loops(tickets, rows, x, weight, bias, padding, out):
    """Fill output rows, of all images."""
    kh, kw, channels_in, channels_out = weight.shape
    row = take(tickets)
    while row < rows:
        n, y = row // out.shape[1], row % out.shape[1]
        for column in range(out.shape[2]):
            for o in range(channels_out):
                total = bias[o]
                for i in range(kh):
                    for j in range(kw):
                        top, left = y + i - padding, column + j - padding
                        if 0 <= top < x.shape[1] and 0 <= left < x.shape[2]:
                            for c in range(channels_in):
                                total += x[n, top, left, c] * weight[i, j, c, o]
                out[n, y, column, o] = total
        row = take(tickets)


def conv2d_by_loops(x, weight, bias, padding):
    """Return the convolution of x (N, H, W, C_in) with weight (kh, kw, C_in, C_out): (N, H', W', C_out)."""
    height, width = (x.shape[1 + axis] + 2 * padding - weight.shape[axis] + 1 for axis in (0, 1))
    out = np.empty((len(x), height, width, weight.shape[3]), x.dtype)
    rows = len(x) * height
    parallel(lambda tickets: _rows_by_loops(tickets, rows, x, weight, bias, padding, out), rows)
    return out


@njit
def _product_by_loops(tickets, rows, a, b, out):
    """Fill rows of out = a @ b, a row of b at a time: the innermost loop has no sum to wait for."""
    i = take(tickets)
    while i < rows:
        out[i] = 0
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                out[i, j] += a[i, k] * b[k, j]
        i = take(tickets)


def conv2d_by_im2col_and_loops(x, weight, bias, padding):
    """Return the same convolution as one matrix product: all windows side by side (N H' W', kh kw C_in) @ weights."""
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, weight.shape[:2], axis=(1, 2)
    )  # (N, H', W', C_in, kh, kw)
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, weight[..., 0].size)  # (N H' W', kh kw C_in)
    out = np.empty((len(columns), weight.shape[3]), x.dtype)
    matrix = weight.reshape(-1, weight.shape[3])  # (kh kw C_in, C_out)
    rows = len(columns)
    parallel(lambda tickets: _product_by_loops(tickets, rows, columns, matrix, out), rows)
    return (out + bias).reshape(*windows.shape[:3], -1)
