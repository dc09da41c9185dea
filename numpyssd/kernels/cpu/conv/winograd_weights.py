"""The weights in Winograd's form, U = G g G^T: 36 matrices (C_in, C_out) in panels, four times the size of the taps."""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import padded
from numpyssd.kernels.cpu.conv.winograd import PATCH, load_3, store_6, weight_transform
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES

VALUES = PATCH * PATCH
ROWS = 16  # input channels that a thread takes at once


@njit
def _transform(taps, channels_in, columns, first, last, out):
    """Write U for the input channels first .. last; taps (9 C_in columns,), columns filled up to whole vectors."""
    lanes = REGISTER_BYTES // out.itemsize
    size = channels_in * columns  # of one tap, and of one of the 36 matrices
    for k in range(first, last):
        for start in range(0, columns, lanes):
            at = k * columns + start
            t0 = weight_transform(*load_3(taps, at, 3 * size))
            t1 = weight_transform(*load_3(taps, at + size, 3 * size))
            t2 = weight_transform(*load_3(taps, at + 2 * size, 3 * size))
            panel = start // (2 * lanes) * (2 * lanes)
            to = panel * channels_in + k * min(2 * lanes, columns - panel) + start - panel
            store_6(out, to, size, weight_transform(t0[0], t1[0], t2[0]))
            store_6(out, to + 6 * size, size, weight_transform(t0[1], t1[1], t2[1]))
            store_6(out, to + 12 * size, size, weight_transform(t0[2], t1[2], t2[2]))
            store_6(out, to + 18 * size, size, weight_transform(t0[3], t1[3], t2[3]))
            store_6(out, to + 24 * size, size, weight_transform(t0[4], t1[4], t2[4]))
            store_6(out, to + 30 * size, size, weight_transform(t0[5], t1[5], t2[5]))


@njit
def _turn_round(weight, first, last, taps):
    """Write tap 8 - t, transposed and filled up with zeros, for the outputs first .. last of the forward pass."""
    inputs = weight.shape[1]
    for tap in range(9):
        for k in range(inputs):
            source, target = weight[tap, k], taps[8 - tap]
            for j in range(first, last):
                target[j, k] = source[j]
        taps[tap, first:last, inputs:] = 0


def transform_weights(weight, turned=False):
    """Return U for weight (3, 3, C_in, C_out); turned: for the weight of the gradient, (3, 3, C_out, C_in)."""
    weight = np.ascontiguousarray(weight).reshape(9, *weight.shape[2:])
    steps, columns = weight.shape[:0:-1] if turned else weight.shape[1:]
    whole = padded(columns, weight.dtype)
    if turned:
        taps = empty((9, steps, whole), weight.dtype)
    else:
        taps = weight if whole == columns else np.pad(weight, ((0, 0), (0, 0), (0, whole - columns)))
    out = empty((VALUES * steps * whole,), weight.dtype)
    pieces, flat = spans(steps, ROWS), taps.reshape(-1)

    def piece(p):
        if turned:
            _turn_round(weight, *pieces[p], taps)
        _transform(flat, steps, whole, *pieces[p], out)

    parallel(piece, len(pieces))
    return out
