"""Whole arrays: add, scale, concatenate, split, and the step of stochastic gradient descent."""

import math

import numpy as np

from numpyssd.kernels.shapes import check_same_shape


def add(a, b):
    """Return a + b for two arrays of one shape: where trunk and branch meet, gradients add."""
    check_same_shape("b", b, a.shape)
    return a + b


def moving_average(running, new, momentum):
    """Return the moving average momentum running + (1 - momentum) new, for two arrays of one shape."""
    check_same_shape("new", new, running.shape)
    return momentum * running + (1 - momentum) * new


def scale(a, factor):
    """Multiply a by a number, in place."""
    a *= factor


def norm(arrays):
    """Return the L2 norm of all arrays together, as of one vector: a Python float."""
    return math.sqrt(sum(float(np.vdot(a, a)) for a in arrays))


def concatenate(maps, values):
    """Reshape each map (N, ...) to (N, rows, values), and return all of them along the second axis: (N, K, values)."""
    counts = [math.prod(a.shape[1:]) // values for a in maps]
    return np.concatenate([a.reshape(len(a), count, values) for a, count in zip(maps, counts)], axis=1)


def split(concatenated, shapes):
    """Undo ``concatenate``: return the maps of these shapes, (N, ...) each, from an array (N, K, values)."""
    edges = np.cumsum([0] + [math.prod(shape[1:]) // concatenated.shape[2] for shape in shapes])
    return [concatenated[:, a:b].reshape(shape) for a, b, shape in zip(edges, edges[1:], shapes)]


def rows(array, start, stop):
    """Return rows start .. stop - 1 of the first axis, a view."""
    return array[start:stop]


def sgd_step(value, grad, velocity, lr, momentum, weight_decay):
    """Change in place: velocity = momentum velocity + lr (grad + weight_decay value), then value -= velocity.

    All three have one shape. The rate is inside the velocity, as in Caffe (sgd_solver.cpp), so that a drop of the
    learning rate does not touch the steps already under way.
    """
    check_same_shape("grad", grad, value.shape)
    check_same_shape("velocity", velocity, value.shape)
    velocity *= momentum
    velocity += lr * (grad + weight_decay * value)
    value -= velocity
