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
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES

ROWS = 16  # input channels that a thread takes at once


@inner
def _transform(weight, channels_in, columns, first, last, out):
    """Write U for the input channels first .. last; weight (9 C_in columns,), columns filled up to whole vectors."""
    lanes = REGISTER_BYTES // out.itemsize
    size = channels_in * columns  # of one kernel position, and of one of the 36 matrices
    for k in range(first, last):
        for start in range(0, columns, lanes):
            panel = start // (2 * lanes) * (2 * lanes)
            to = panel * channels_in + k * min(2 * lanes, columns - panel) + start - panel
            source = Matrix(k * columns + start, KERNEL * size, size)
            transform_kernel(weight, source, out, Matrix(to, PATCH * size, size))


@inner
def _flip(weight, first, last, flipped):
    """Write position 8 - p, transposed and filled up with zeros, for the outputs first .. last of the forward pass."""
    inputs = weight.shape[1]
    for position in range(9):
        for k in range(inputs):
            source, target = weight[position, k], flipped[8 - position]
            for j in range(first, last):
                target[j, k] = source[j]
        flipped[position, first:last, inputs:] = 0


@njit
def _pieces(tickets, pieces, weight, flip, channels_in, columns, positions, out):
    piece = take(tickets)
    while piece < len(pieces):
        first, last = pieces[piece, 0], pieces[piece, 1]
        if flip:
            _flip(weight, first, last, positions)
        _transform(positions.reshape(-1), channels_in, columns, first, last, out)
        piece = take(tickets)


def transform_weights(weight, flip=False):
    """Return U for weight (3, 3, C_in, C_out); with flip, for the weight of the gradient, (3, 3, C_out, C_in)."""
    weight = np.ascontiguousarray(weight).reshape(9, *weight.shape[2:])
    depth, columns = weight.shape[:0:-1] if flip else weight.shape[1:]
    whole = padded_columns(columns, weight.dtype)
    if flip:
        positions = empty((9, depth, whole), weight.dtype)
    else:
        positions = weight if whole == columns else np.pad(weight, ((0, 0), (0, 0), (0, whole - columns)))
    out = empty((VALUES * depth * whole,), weight.dtype)
    pieces = spans(depth, ROWS)
    parallel(lambda tickets: _pieces(tickets, pieces, weight, flip, depth, whole, positions, out), len(pieces))
    return out
