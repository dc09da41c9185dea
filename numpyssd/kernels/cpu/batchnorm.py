"""Batch normalization in few passes over memory, which decide its time: two forward, two backward."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.shapes import check_channels, check_not_empty, check_same_shape

PIXELS = 2048  # that a thread takes at once; each such piece has sums of its own, added in order
FEW = 32  # pixels that are summed in the arrays' own precision, before the sum goes to float64


@njit
def _sums(tickets, pieces, x, origin, totals, squares):
    piece = take(tickets)
    while piece < len(pieces):
        _sums_of_piece(x, origin, pieces[piece, 0], pieces[piece, 1], totals[piece], squares[piece])
        piece = take(tickets)


@inner
def _sums_of_piece(x, origin, first, last, total, square):
    # Differences from a value of the channel, so that a large mean does not swallow a small variance.
    channels = x.shape[1]
    few, few_squares = np.zeros(channels, x.dtype), np.zeros(channels, x.dtype)
    for start in range(first, last, FEW):
        few[:], few_squares[:] = 0, 0
        for p in range(start, min(start + FEW, last)):
            row = x[p]
            for c in range(channels):
                value = row[c] - origin[c]
                few[c] += value
                few_squares[c] += value * value
        for c in range(channels):
            total[c] += few[c]
            square[c] += few_squares[c]


@njit
def _forward(tickets, pieces, x, factor, constant, relu, out):
    zero = x.dtype.type(0)
    piece = take(tickets)
    while piece < len(pieces):
        for p in range(pieces[piece, 0], pieces[piece, 1]):
            row, target = x[p], out[p]
            if relu:
                for c in range(len(row)):
                    value = row[c] * factor[c] + constant[c]
                    target[c] = zero if value < zero else value  # in this order NaN stays NaN
            else:
                for c in range(len(row)):
                    target[c] = row[c] * factor[c] + constant[c]
        piece = take(tickets)


@njit
def _backward_sums(tickets, pieces, dout, x, out, relu, mean, dshift, dscale):
    piece = take(tickets)
    while piece < len(pieces):
        first, last = pieces[piece, 0], pieces[piece, 1]
        _backward_sums_of_piece(dout, x, out, relu, mean, first, last, dshift[piece], dscale[piece])
        piece = take(tickets)


@inner
def _backward_sums_of_piece(dout, x, out, relu, mean, first, last, dshift, dscale):
    channels, zero = x.shape[1], x.dtype.type(0)
    few, few_scaled = np.zeros(channels, x.dtype), np.zeros(channels, x.dtype)
    for start in range(first, last, FEW):
        few[:], few_scaled[:] = 0, 0
        for p in range(start, min(start + FEW, last)):
            row, above, value = dout[p], out[p], x[p]
            for c in range(channels):
                gradient = row[c] if not relu or above[c] > zero else zero
                few[c] += gradient
                few_scaled[c] += gradient * (value[c] - mean[c])
        for c in range(channels):
            dshift[c] += few[c]
            dscale[c] += few_scaled[c]


@njit
def _backward(tickets, pieces, dout, x, out, relu, factor, along, constant, dx):
    zero = x.dtype.type(0)
    piece = take(tickets)
    while piece < len(pieces):
        for p in range(pieces[piece, 0], pieces[piece, 1]):
            row, above, value, target = dout[p], out[p], x[p], dx[p]
            for c in range(len(row)):
                gradient = row[c] if not relu or above[c] > zero else zero
                target[c] = gradient * factor[c] - value[c] * along[c] - constant[c]
        piece = take(tickets)


def forward_factors(mean, variance, scale, shift, epsilon, dtype):
    """Return factor and constant (C,) of that dtype: the output is x times the factor, plus the constant."""
    factor = scale / np.sqrt(variance + dtype.type(epsilon))
    return factor.astype(dtype), (shift - mean * factor).astype(dtype)


def sums_of_gradient(dout, x, out, relu, mean, variance, epsilon):
    """Return dscale and dshift (C,) in float64 for dout, x, out (P, C); with relu, dout counts where out > 0."""
    pieces = spans(len(x), PIXELS)
    sums = np.zeros((2, len(pieces), x.shape[1]))
    parallel(lambda tickets: _backward_sums(tickets, pieces, dout, x, out, relu, mean, *sums), len(pieces))
    dshift, dscale = sums.sum(axis=1)
    return dscale / np.sqrt(variance + x.dtype.type(epsilon)).astype(np.float64), dshift


def backward_factors(dscale, dshift, mean, variance, scale, epsilon, count, dtype):
    """Return factor, along, constant (C,) of that dtype, with which dx = factor dout - along x - constant.

    count: how many values of each channel the statistics came from; None if they did not come from x.
    """
    deviation = np.sqrt(variance + dtype.type(epsilon)).astype(np.float64)
    factor = scale / deviation
    along = constant = np.zeros(len(mean))
    if count is not None:
        # dx = factor (dout - dshift / n - (x - mean) / deviation * dscale / n), with what is constant taken out
        along = factor * dscale / (count * deviation)
        constant = factor * dshift / count - mean * along
    return tuple(a.astype(dtype) for a in (factor, along, constant))


def batchnorm_statistics(x):
    """Return mean and variance (C,) of each channel; see reference/batchnorm.py."""
    check_not_empty("x", x)
    flat = np.ascontiguousarray(x).reshape(-1, x.shape[3])  # (N H W, C)
    pieces = spans(len(flat), PIXELS)
    sums = np.zeros((2, len(pieces), x.shape[3]))
    parallel(lambda tickets: _sums(tickets, pieces, flat, flat[0], *sums), len(pieces))
    mean, square = sums.sum(axis=1) / len(flat)  # (C,) each, about flat[0]
    variance = np.maximum(square - mean * mean, 0)
    return (mean + flat[0]).astype(x.dtype), variance.astype(x.dtype)


def batchnorm_forward(x, mean, variance, scale, shift, epsilon=1e-5, relu=False):
    """Normalize, scale and shift each channel: one multiplication and one addition; see reference/batchnorm.py."""
    check_channels(x, mean=mean, variance=variance, scale=scale, shift=shift)
    flat = np.ascontiguousarray(x).reshape(-1, x.shape[3])
    factor, constant = forward_factors(mean, variance, scale, shift, epsilon, x.dtype)
    out = empty(flat.shape, x.dtype)
    pieces = spans(len(flat), PIXELS)
    parallel(lambda tickets: _forward(tickets, pieces, flat, factor, constant, relu, out), len(pieces))
    return out.reshape(x.shape)


def batchnorm_backward(dout, x, mean, variance, scale, epsilon=1e-5, batch_statistics=True, out=None):
    """Return dx, dscale, dshift; see reference/batchnorm.py for the meaning of every argument."""
    check_same_shape("dout", dout, x.shape)
    check_channels(x, mean=mean, variance=variance, scale=scale)
    channels = x.shape[3]
    flat, flat_dout = np.ascontiguousarray(x).reshape(-1, channels), np.ascontiguousarray(dout).reshape(-1, channels)
    relu = out is not None
    flat_out = np.ascontiguousarray(out).reshape(-1, channels) if relu else flat
    pieces = spans(len(flat), PIXELS)
    dscale, dshift = sums_of_gradient(flat_dout, flat, flat_out, relu, mean, variance, epsilon)
    count = len(flat) if batch_statistics else None
    factor, along, constant = backward_factors(dscale, dshift, mean, variance, scale, epsilon, count, x.dtype)
    dx = empty(flat.shape, x.dtype)
    arrays = flat_dout, flat, flat_out, relu, factor, along, constant, dx
    parallel(lambda tickets: _backward(tickets, pieces, *arrays), len(pieces))
    return dx.reshape(x.shape), dscale.astype(x.dtype), dshift.astype(x.dtype)
