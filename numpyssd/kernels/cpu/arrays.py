"""Whole arrays: add, and the step of stochastic gradient descent, in pieces that are spread over the threads."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.shapes import check_same_shape

PIECE = 1 << 16  # values that a thread takes at once


@njit
def _add(tickets, pieces, a, b, out):
    piece = take(tickets)
    while piece < len(pieces):
        part = slice(pieces[piece, 0], pieces[piece, 1])
        left, right, target = a[part], b[part], out[part]
        for i in range(len(target)):
            target[i] = left[i] + right[i]
        piece = take(tickets)


@njit
def _sgd_step(tickets, pieces, value, grad, velocity, lr, momentum, weight_decay):
    piece = take(tickets)
    while piece < len(pieces):
        part = slice(pieces[piece, 0], pieces[piece, 1])
        values, gradients, speeds = value[part], grad[part], velocity[part]
        for i in range(len(values)):
            speeds[i] = momentum * speeds[i] + lr * (gradients[i] + weight_decay * values[i])
            values[i] -= speeds[i]
        piece = take(tickets)


def add(a, b):
    """Return a + b; see reference/arrays.py."""
    check_same_shape("b", b, a.shape)
    out = empty(a.shape, a.dtype)
    flat_a, flat_b, flat = (np.ascontiguousarray(array).reshape(-1) for array in (a, b, out))
    pieces = spans(flat.size, PIECE)
    parallel(lambda tickets: _add(tickets, pieces, flat_a, flat_b, flat), len(pieces))
    return out


def sgd_step(value, grad, velocity, lr, momentum, weight_decay):
    """Change value and velocity in place; see reference/arrays.py."""
    check_same_shape("grad", grad, value.shape)
    check_same_shape("velocity", velocity, value.shape)
    flat, flat_grad, flat_velocity = value.reshape(-1), np.ascontiguousarray(grad).reshape(-1), velocity.reshape(-1)
    rates = [value.dtype.type(rate) for rate in (lr, momentum, weight_decay)]
    pieces = spans(flat.size, PIECE)
    parallel(lambda tickets: _sgd_step(tickets, pieces, flat, flat_grad, flat_velocity, *rates), len(pieces))
    for array, changed in ((value, flat), (velocity, flat_velocity)):
        if not array.flags.c_contiguous:  # then reshape made a copy
            array[...] = changed.reshape(array.shape)
