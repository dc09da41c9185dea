"""Adding, the step of stochastic gradient descent, and the compilation of every kernel beforehand."""

import numba
import numpy as np

from numpyssd.kernels.cpu import batchnorm, conv2d, l2norm, maxpool2d, relu
from numpyssd.kernels.cpu.threads import parallel, spans
from numpyssd.kernels.shapes import check_same_shape

PIECE = 1 << 16  # values that a thread takes at once


@numba.njit(nogil=True, cache=True)
def _sgd_step(value, grad, velocity, lr, momentum, weight_decay):
    for i in range(len(value)):
        velocity[i] = momentum * velocity[i] + lr * (grad[i] + weight_decay * value[i])
        value[i] -= velocity[i]


def to_device(array):
    """Return the array where the backend computes; here it stays where it is."""
    return array


def to_host(array):
    """Return the array as a NumPy array."""
    return array


def add(a, b):
    """Return a + b; see reference/arrays.py."""
    check_same_shape("b", b, a.shape)
    out = np.empty_like(a)
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


def warm_up():
    """Compile every kernel for float32, or load it from Numba's cache: seconds the first time, then much less."""
    x = np.ones((1, 2, 2, 1), np.float32)
    one = np.ones(1, np.float32)
    out = conv2d.conv2d_forward(x, np.ones((3, 3, 1, 1), np.float32), one, padding=1)
    conv2d.conv2d_backward(out, x, np.ones((3, 3, 1, 1), np.float32), padding=1)
    pooled, argmax = maxpool2d.maxpool2d_forward(x, 2, 2)
    maxpool2d.maxpool2d_backward(pooled, argmax, x.shape, 2, 2)
    relu.relu_backward(x, relu.relu_forward(x))
    l2norm.l2norm_forward(x, one)
    l2norm.l2norm_backward(x, x, one)
    mean, variance = batchnorm.batchnorm_statistics(x)
    batchnorm.batchnorm_forward(x, mean, variance, one, one)
    batchnorm.batchnorm_backward(x, x, mean, variance, one)
    sgd_step(one, one.copy(), one.copy(), 0.1, 0.9, 0.0)
