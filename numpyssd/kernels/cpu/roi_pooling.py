"""RoI pooling, a region at a time forward, an image at a time backward; see rivals/faster_rcnn/roi_pooling.py.

It is no function of a backend: only Faster R-CNN, which this package compares SSD with, asks for it.
"""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel
from numpyssd.kernels.cpu.runtime.tickets import take

CHANNELS = 64  # that a thread takes at once on the way back: of one image, because a cell is in several regions


@njit
def _forward(tickets, x, images, rows, columns, out, argmax):
    width, channels, size = x.shape[2], x.shape[3], out.shape[1]
    r = take(tickets)
    while r < len(images):
        for i in range(size):
            for j in range(size):
                best, winner = out[r, i, j], argmax[r, i, j]
                is_first = True
                for c in range(channels):
                    best[c] = 0
                    winner[c] = -1
                for y in range(rows[r, i, 0], rows[r, i, 1]):
                    for x_in in range(columns[r, j, 0], columns[r, j, 1]):
                        place = np.int32(y * width + x_in)
                        values = x[images[r], y, x_in]
                        if is_first:
                            for c in range(channels):
                                best[c] = values[c]
                                winner[c] = place
                            is_first = False
                        else:
                            for c in range(channels):
                                # The first NaN wins and stays: nothing is greater than it.
                                wins = values[c] > best[c] or (values[c] != values[c] and best[c] == best[c])
                                best[c] = values[c] if wins else best[c]
                                winner[c] = place if wins else winner[c]
        r = take(tickets)


@njit
def _backward(tickets, dout, argmax, images, dx):
    """Every piece adds to channels of an image of its own, in the order of the regions."""
    cells, channels = dx.shape[1], dx.shape[2]
    parts = (channels + CHANNELS - 1) // CHANNELS
    piece = take(tickets)
    while piece < len(dx) * parts:
        n, first = piece // parts, piece % parts * CHANNELS
        last = min(channels, first + CHANNELS)
        for place in range(cells):
            for c in range(first, last):
                dx[n, place, c] = 0
        for r in range(len(images)):
            if images[r] != n:
                continue
            for i in range(dout.shape[1]):
                for j in range(dout.shape[2]):
                    if argmax[r, i, j, first] < 0:  # an empty bin is empty in all channels
                        continue
                    for c in range(first, last):
                        dx[n, argmax[r, i, j, c], c] += dout[r, i, j, c]
        piece = take(tickets)


def roi_pooling_forward(x, images, rows, columns):
    """Return the maximum of each bin, and where it is; see rivals/faster_rcnn/roi_pooling.py."""
    shape = len(images), rows.shape[1], columns.shape[1], x.shape[3]
    out, argmax = empty(shape, x.dtype), empty(shape, np.int32)
    x, images = np.ascontiguousarray(x), np.ascontiguousarray(images, np.int64)
    rows, columns = np.ascontiguousarray(rows, np.int64), np.ascontiguousarray(columns, np.int64)
    parallel(lambda tickets: _forward(tickets, x, images, rows, columns, out, argmax), len(images))
    return out, argmax


def roi_pooling_backward(dout, argmax, images, shape):
    """Return dx of the given shape; see rivals/faster_rcnn/roi_pooling.py."""
    dx = empty(shape, dout.dtype)
    dout, argmax = np.ascontiguousarray(dout), np.ascontiguousarray(argmax)
    images = np.ascontiguousarray(images, np.int64)
    pieces = shape[0] * -(-shape[3] // CHANNELS)
    by_cell = dx.reshape(shape[0], shape[1] * shape[2], shape[3])
    parallel(lambda tickets: _backward(tickets, dout, argmax, images, by_cell), pieces)
    return dx
