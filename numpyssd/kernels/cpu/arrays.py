"""Whole arrays: add, and the step of stochastic gradient descent, in pieces that are spread over the threads."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.shapes import check_same_shape

PIECE = 1 << 16  # values that a thread takes at once


@njit
def _sgd_step(value, grad, velocity, lr, momentum, weight_decay):
    for i in range(len(value)):
        velocity[i] = momentum * velocity[i] + lr * (grad[i] + weight_decay * value[i])
        value[i] -= velocity[i]


def add(a, b):
    """Return a + b; see reference/arrays.py."""
    check_same_shape("b", b, a.shape)
    out = empty(a.shape, a.dtype)
    pieces = spans(len(a), 1)
    parallel(lambda p: np.add(a[slice(*pieces[p])], b[slice(*pieces[p])], out=out[slice(*pieces[p])]), len(pieces))
    return out


def sgd_step(value, grad, velocity, lr, momentum, weight_decay):
    """Change value and velocity in place; see reference/arrays.py."""
    check_same_shape("grad", grad, value.shape)
    check_same_shape("velocity", velocity, value.shape)
    flat, flat_grad, flat_velocity = value.reshape(-1), np.ascontiguousarray(grad).reshape(-1), velocity.reshape(-1)
    rates = [value.dtype.type(rate) for rate in (lr, momentum, weight_decay)]
    pieces = [slice(*span) for span in spans(flat.size, PIECE)]

    def piece(p):
        part = pieces[p]
        _sgd_step(flat[part], flat_grad[part], flat_velocity[part], *rates)

    parallel(piece, len(pieces))
    for array, changed in ((value, flat), (velocity, flat_velocity)):
        if not array.flags.c_contiguous:  # then reshape made a copy
            array[...] = changed.reshape(array.shape)
