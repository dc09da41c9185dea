"""The weights in Winograd's form, U: 36 packed matrices (C_in, C_out), four times the size of the weights.

    for c, o in np.ndindex(C_in, C_out):
        U[:, :, c, o] = G @ weight[:, :, c, o] @ G.T               # (3, 3) -> (6, 6)

They are made once for all images and all steps without an update (weight_cache.py). The gradient of the input needs
them of the flipped kernel: weight[::-1, ::-1], with input and output channels exchanged.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.layout import Matrix, padded_columns
from numpyssd.kernels.cpu.conv.winograd import KERNEL, PATCH, VALUES
from numpyssd.kernels.cpu.conv.winograd_2d import transform_kernel
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, lanes

ROWS = 16  # input channels that a thread takes at once


@inner
def _transform(weight, size, first, last, shape, out):
    """Write U for the input channels first .. last; shape: of each of the 36 matrices, columns in whole vectors.

    weight: from one kernel position to the next ``size`` numbers, of which the first are rows of these channels.
    """
    lanes_ = REGISTER_BYTES // out.itemsize
    depth, columns = shape
    apart = depth * columns + lanes_  # powers of two would evict each other from the cache
    for k in range(first, last):
        for start in range(0, columns, lanes_):
            panel = start // (2 * lanes_) * (2 * lanes_)
            to = panel * depth + k * min(2 * lanes_, columns - panel) + start - panel
            source = Matrix((k - first) * columns + start, KERNEL * size, size)
            transform_kernel(weight, source, out, Matrix(to, PATCH * apart, apart))


@inner
def _flip(weight, first, last, columns, flipped):
    """Write position 8 - p, transposed and filled up with zeros, for the outputs first .. last of the forward pass."""
    inputs = weight.shape[1]
    for position in range(9):
        start = (8 - position) * ROWS * columns
        for k in range(inputs):
            source = weight[position, k]
            for j in range(first, last):
                flipped[start + (j - first) * columns + k] = source[j]
        for j in range(last - first):
            flipped[start + j * columns + inputs : start + (j + 1) * columns] = 0


@njit
def _pieces(tickets, pieces, weight, flip, shape, flipped, out):
    flat, depth, columns = weight.reshape(-1), shape[0], shape[1]
    piece = take(tickets)
    while piece < len(pieces):
        first, last = pieces[piece, 0], pieces[piece, 1]
        if flip:
            _flip(weight, first, last, columns, flipped)
            _transform(flipped, ROWS * columns, first, last, shape, out)
        else:
            _transform(flat[first * columns :], depth * columns, first, last, shape, out)
        piece = take(tickets)


def transform_weights(weight, flip=False):
    """Return U for weight (3, 3, C_in, C_out); with flip, for the weight of the gradient, (3, 3, C_out, C_in)."""
    weight = np.ascontiguousarray(weight).reshape(9, *weight.shape[2:])
    depth, columns = weight.shape[:0:-1] if flip else weight.shape[1:]
    whole = padded_columns(columns, weight.dtype)
    if whole > columns and not flip:
        weight = np.pad(weight, ((0, 0), (0, 0), (0, whole - columns)))
    out = empty((VALUES, depth * whole + lanes(weight.dtype)), weight.dtype)
    out[:, depth * whole :] = 0  # between the matrices: see _transform
    out = out.reshape(-1)
    pieces = spans(depth, ROWS)

    def work(tickets):
        flipped = scratch("patch", (9 * ROWS * whole if flip else 1,), weight.dtype)  # it stays in the core's cache
        _pieces(tickets, pieces, weight, flip, (depth, whole), flipped, out)

    parallel(work, len(pieces))
    return out
