"""Batch normalization, ReLU and max pooling in one pass over memory, and backward in another.

    normalized = np.maximum(x * factor + constant, 0)          # never written: of each window only the largest stays
    out, argmax = windows(normalized).max(), windows(normalized).argmax()

Of the first maps of a network these three steps cost more time than its convolutions, and all of it goes to moving
maps of 300 x 300 pixels through memory. In one pass such a map is read once and not written. Backward, only the winner
of a window has a gradient, so its sums run over the winners, which forward kept.
"""

import numpy as np

from numpyssd.kernels.cpu.batchnorm import (
    backward_factors,
    batchnorm_backward,
    batchnorm_forward,
    forward_factors,
    sums_of_gradient,
)
from numpyssd.kernels.cpu.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.cpu.relu import relu_backward
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, load, relu, store, where_equal, where_greater, zero
from numpyssd.kernels.shapes import check_channels, check_pool2d, check_windows

MIN_CHANNELS = 16  # a vector of the widest processors, so that every processor takes the same way


@njit
def _forward(tickets, rows, x, shape, factor, constant, size, windows, out, winners, positions):
    """Fill rows of out and of what backward needs; windows: rows and columns of them."""
    height, width, channels = shape[1], shape[2], shape[3]
    lanes = REGISTER_BYTES // x.itemsize
    none, one = zero(x), x.dtype.type(1)
    row = take(tickets)
    while row < rows:
        top = row % windows[0] * size
        image_row = row // windows[0] * height + top
        for column in range(windows[1]):
            left = column * size
            at, to = (image_row * width + left) * channels, (row * windows[1] + column) * channels
            for start in range(0, channels, lanes):
                c = min(start, channels - lanes)  # the last vector may overlap the one before
                slope, offset = load(factor, c), load(constant, c)
                winner = load(x, at + c)
                best = relu(winner * slope + offset)
                place, number = one + none, one
                for i in range(min(size, height - top)):
                    for j in range(min(size, width - left)):
                        if i + j > 0:
                            number = x.dtype.type(i * size + j + 1)
                            other = load(x, at + (i * width + j) * channels + c)
                            value = relu(other * slope + offset)
                            winner = where_greater(value, best, other, winner)
                            place = where_greater(value, best, number + none, place)
                            best = where_greater(value, best, value, best)
                store(out, to + c, best)
                store(winners, to + c, winner)
                # Where the ReLU is off, or the value is NaN, nothing has won.
                place = where_equal(best, best, where_greater(best, none, place, none), none)
                store(positions, to + c, place)
        row = take(tickets)


@njit
def _backward(tickets, rows, dout, positions, x, shape, size, windows, factor, along, constant, dx):
    """Fill rows of dx; what is in no window has no gradient of its own."""
    height, width, channels = shape[1], shape[2], shape[3]
    lanes = REGISTER_BYTES // x.itemsize
    none = zero(x)
    row = take(tickets)
    while row < rows:
        y = row % height
        window_row, at = y // size, row * width * channels
        for column in range(width):
            window = (row // height * windows[0] + window_row) * windows[1] + column // size
            inside = window_row < windows[0] and column // size < windows[1]
            here = x.dtype.type((y % size) * size + column % size + 1) + none
            for start in range(0, channels, lanes):
                c = min(start, channels - lanes)
                gradient = none
                if inside:
                    place = load(positions, window * channels + c)
                    gradient = where_equal(place, here, load(dout, window * channels + c), none)
                through = gradient * load(factor, c) - load(x, at + c) * load(along, c)
                store(dx, at + c, through - load(constant, c))
            at += channels
        row = take(tickets)


def batchnorm_maxpool_forward(x, mean, variance, scale, shift, size, ceil_mode=False, epsilon=1e-5):
    """Normalize, ReLU, and take the maximum of windows side by side; see reference/batchnorm_maxpool.py."""
    shape = check_pool2d(x, size, size, 0, ceil_mode)
    check_channels(x, mean=mean, variance=variance, scale=scale, shift=shift)
    if shape[3] < MIN_CHANNELS:
        normalized = batchnorm_forward(x, mean, variance, scale, shift, epsilon, relu=True)
        out, argmax = maxpool2d_forward(normalized, size, size, 0, ceil_mode)
        return out, (out, argmax)
    out, winners, positions = (empty(shape, x.dtype) for _ in range(3))
    factors = forward_factors(mean, variance, scale, shift, epsilon, x.dtype)
    flat, *kept = (np.ascontiguousarray(a).reshape(-1) for a in (x, out, winners, positions))
    rows = shape[0] * shape[1]
    parallel(lambda tickets: _forward(tickets, rows, flat, x.shape, *factors, size, shape[1:3], *kept), rows)
    return out, (winners, positions)


def batchnorm_maxpool_backward(dout, kept, x, mean, variance, scale, size, epsilon=1e-5, batch_statistics=True):
    """Return dx, dscale, dshift; see reference/batchnorm_maxpool.py for the meaning of every argument."""
    check_windows(dout, kept[0], x, size)
    check_channels(x, mean=mean, variance=variance, scale=scale)
    channels, dtype = x.shape[3], x.dtype
    if channels < MIN_CHANNELS:
        out, argmax = kept
        dnormalized = maxpool2d_backward(relu_backward(dout, out), argmax, x.shape, size, size)
        return batchnorm_backward(dnormalized, x, mean, variance, scale, epsilon, batch_statistics)
    winners, positions = kept
    windows = dout.shape[1:3]
    dout, x_flat = np.ascontiguousarray(dout, dtype), np.ascontiguousarray(x).reshape(-1)
    by_pixel = (a.reshape(-1, channels) for a in (dout, winners, positions))
    dscale, dshift = sums_of_gradient(*by_pixel, True, mean, variance, epsilon)
    count = x.size // channels if batch_statistics else None
    factors = backward_factors(dscale, dshift, mean, variance, scale, epsilon, count, dtype)
    dx = empty(x.shape, dtype)
    arrays = dout.reshape(-1), positions.reshape(-1), x_flat, x.shape, size, windows, *factors
    rows, flat_dx = x.shape[0] * x.shape[1], dx.reshape(-1)
    parallel(lambda tickets: _backward(tickets, rows, *arrays, flat_dx), rows)
    return dx, dscale.astype(dtype), dshift.astype(dtype)
