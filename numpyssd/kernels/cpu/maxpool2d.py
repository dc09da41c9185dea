"""Max pooling, a row of windows at a time; the inner loop runs over channels, which lie side by side in memory."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.shapes import check_pool2d, check_pool2d_gradient


@njit
def _forward(tickets, rows, x, size, stride, padding, out, argmax):
    height, width, channels = x.shape[1], x.shape[2], x.shape[3]
    row = take(tickets)
    while row < rows:
        n, oy = row // out.shape[1], row % out.shape[1]
        for ox in range(out.shape[2]):
            best, winner = out[n, oy, ox], argmax[n, oy, ox]
            is_first = True
            for i in range(size):
                y = oy * stride - padding + i
                if y < 0 or y >= height:
                    continue
                for j in range(size):
                    x_in = ox * stride - padding + j
                    if x_in < 0 or x_in >= width:
                        continue
                    position = np.uint8(i * size + j)
                    values = x[n, y, x_in]
                    if is_first:
                        for c in range(channels):
                            best[c] = values[c]
                            winner[c] = position
                        is_first = False
                    else:
                        for c in range(channels):
                            # The first NaN wins and stays: nothing is greater than it.
                            wins = values[c] > best[c] or (values[c] != values[c] and best[c] == best[c])
                            best[c] = values[c] if wins else best[c]
                            winner[c] = position if wins else winner[c]
        row = take(tickets)


@njit
def _backward(tickets, rows, dout, argmax, size, stride, padding, dx):
    """Every input pixel gathers from the windows that contain it, so threads never write to the same place."""
    height, width, channels = dx.shape[1], dx.shape[2], dx.shape[3]
    zero = dx.dtype.type(0)
    row = take(tickets)
    while row < rows:
        n, y = row // height, row % height
        for x_in in range(width):
            gradient = dx[n, y, x_in]
            for c in range(channels):
                gradient[c] = 0
            for i in range(size):
                oy = (y + padding - i) // stride
                if y + padding - i < 0 or oy * stride != y + padding - i or oy >= dout.shape[1]:
                    continue
                for j in range(size):
                    ox = (x_in + padding - j) // stride
                    if x_in + padding - j < 0 or ox * stride != x_in + padding - j or ox >= dout.shape[2]:
                        continue
                    position = np.uint8(i * size + j)
                    values, winner = dout[n, oy, ox], argmax[n, oy, ox]
                    for c in range(channels):
                        gradient[c] += values[c] if winner[c] == position else zero
        row = take(tickets)


def maxpool2d_forward(x, size, stride, padding=0, ceil_mode=False):
    """Take the maximum over size x size windows; see reference/maxpool2d.py for the meaning of every argument."""
    out = empty(check_pool2d(x, size, stride, padding, ceil_mode), x.dtype)
    argmax = empty(out.shape, np.uint8)
    x = np.ascontiguousarray(x)
    rows = out.shape[0] * out.shape[1]
    parallel(lambda tickets: _forward(tickets, rows, x, size, stride, padding, out, argmax), rows)
    return out, argmax


def maxpool2d_backward(dout, argmax, x_shape, size, stride, padding=0):
    """Return dx: each entry of dout goes to the maximum of its window; see reference/maxpool2d.py."""
    check_pool2d_gradient(dout, argmax, x_shape)
    dout = np.ascontiguousarray(dout)
    dx = empty(x_shape, dout.dtype)
    rows = x_shape[0] * x_shape[1]
    parallel(lambda tickets: _backward(tickets, rows, dout, argmax, size, stride, padding, dx), rows)
    return dx
