"""Batch normalisation in few passes over memory, which is what it costs: two to normalise, two to go back."""

import numba
import numpy as np

from numpyssd.kernels.cpu.threads import parallel, spans
from numpyssd.kernels.shapes import check_channels, check_not_empty, check_same_shape

PIXELS = 2048  # that a thread takes at once; each such piece has sums of its own, added in order


@numba.njit(nogil=True, cache=True)
def _sums(x, origin, first, last, total, square):
    # Differences from a value of the channel, so that a large mean does not swallow a small variance.
    for p in range(first, last):
        for c in range(x.shape[1]):
            value = np.float64(x[p, c] - origin[c])
            total[c] += value
            square[c] += value * value


@numba.njit(nogil=True, cache=True)
def _forward(x, factor, constant, first, last, out):
    for p in range(first, last):
        for c in range(x.shape[1]):
            out[p, c] = x[p, c] * factor[c] + constant[c]


@numba.njit(nogil=True, cache=True)
def _backward_sums(dout, x, mean, first, last, dshift, dscale):
    for p in range(first, last):
        for c in range(x.shape[1]):
            dshift[c] += dout[p, c]
            dscale[c] += dout[p, c] * (x[p, c] - mean[c])


@numba.njit(nogil=True, cache=True)
def _backward(dout, x, factor, along, constant, first, last, dx):
    for p in range(first, last):
        for c in range(x.shape[1]):
            dx[p, c] = dout[p, c] * factor[c] - x[p, c] * along[c] - constant[c]


def batchnorm_statistics(x):
    """Return mean and variance (C,) of each channel; see reference/batchnorm.py."""
    check_not_empty("x", x)
    flat = np.ascontiguousarray(x).reshape(-1, x.shape[3])  # (N H W, C)
    pieces = spans(len(flat), PIXELS)
    sums = np.zeros((2, len(pieces), x.shape[3]))
    parallel(lambda p: _sums(flat, flat[0], *pieces[p], sums[0, p], sums[1, p]), len(pieces))
    mean, square = sums.sum(axis=1) / len(flat)  # (C,) each, about flat[0]
    variance = np.maximum(square - mean * mean, 0)
    return (mean + flat[0]).astype(x.dtype), variance.astype(x.dtype)


def batchnorm_forward(x, mean, variance, scale, shift, epsilon=1e-5):
    """Normalise, scale and shift each channel: one multiplication and one addition; see reference/batchnorm.py."""
    check_channels(x, mean=mean, variance=variance, scale=scale, shift=shift)
    flat = np.ascontiguousarray(x).reshape(-1, x.shape[3])
    factor = scale / np.sqrt(variance + x.dtype.type(epsilon))  # (C,)
    constant = shift - mean * factor
    out = np.empty_like(flat)
    pieces = spans(len(flat), PIXELS)
    parallel(lambda p: _forward(flat, factor, constant, *pieces[p], out), len(pieces))
    return out.reshape(x.shape)


def batchnorm_backward(dout, x, mean, variance, scale, epsilon=1e-5, batch_statistics=True):
    """Return dx, dscale, dshift; see reference/batchnorm.py for the meaning of every argument."""
    check_same_shape("dout", dout, x.shape)
    check_channels(x, mean=mean, variance=variance, scale=scale)
    channels = x.shape[3]
    flat, flat_dout = np.ascontiguousarray(x).reshape(-1, channels), np.ascontiguousarray(dout).reshape(-1, channels)
    pieces = spans(len(flat), PIXELS)
    sums = np.zeros((2, len(pieces), channels))
    parallel(lambda p: _backward_sums(flat_dout, flat, mean, *pieces[p], sums[0, p], sums[1, p]), len(pieces))
    deviation = np.sqrt(variance + x.dtype.type(epsilon)).astype(np.float64)
    dshift, dscale = sums.sum(axis=1)
    dscale /= deviation
    factor = scale / deviation
    along = constant = np.zeros(channels)
    if batch_statistics:
        # dx = factor (dout - dshift / n - (x - mean) / deviation * dscale / n), with what is constant taken out
        along = factor * dscale / (len(flat) * deviation)
        constant = factor * dshift / len(flat) - mean * along
    factor, along, constant = (a.astype(x.dtype) for a in (factor, along, constant))
    dx = np.empty_like(flat)
    parallel(lambda p: _backward(flat_dout, flat, factor, along, constant, *pieces[p], dx), len(pieces))
    return dx.reshape(x.shape), dscale.astype(x.dtype), dshift.astype(x.dtype)
