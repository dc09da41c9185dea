"""What is left of a training step: adding gradients, moving arrays, and the step of stochastic gradient descent."""

import math

import numpy as np

from numpyssd.kernels.shapes import check_same_shape


def to_device(array):
    """Return the array where the backend computes: here it stays where it is, and what is on a card is fetched."""
    return to_host(array)


def to_host(array):
    """Return the array as a NumPy array."""
    return array.fetch() if hasattr(array, "fetch") else array  # of another backend, which was active before


def synchronize():
    """Wait until everything that was asked for is computed; here nothing is ever left."""


def add(a, b):
    """Return a + b for two arrays of one shape: where trunk and branch meet, gradients add."""
    check_same_shape("b", b, a.shape)
    return a + b


def average(running, new, momentum):
    """Return momentum running + (1 - momentum) new, for two arrays of one shape: a running average goes on."""
    check_same_shape("new", new, running.shape)
    return momentum * running + (1 - momentum) * new


def multiply(a, factor):
    """Multiply a by a number, in place."""
    a *= factor


def length(arrays):
    """Return the length of all arrays together as one vector, a Python float."""
    return math.sqrt(sum(float(np.vdot(a, a)) for a in arrays))


def join(maps, values):
    """Return (N, K, values): what lies in the maps (N, ...), row after row, one map after the other."""
    counts = [math.prod(a.shape[1:]) // values for a in maps]
    return np.concatenate([a.reshape(len(a), count, values) for a, count in zip(maps, counts)], axis=1)


def split(joined, shapes):
    """Return the maps of these shapes, (N, ...) each, that ``join`` made into one array (N, K, values)."""
    edges = np.cumsum([0] + [math.prod(shape[1:]) // joined.shape[2] for shape in shapes])
    return [joined[:, a:b].reshape(shape) for a, b, shape in zip(edges, edges[1:], shapes)]


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


def forget_weights():
    """Give back the memory of what was prepared of weights because they came twice; nothing here."""


def warm_up():
    """Compile whatever the backend compiles; nothing here."""
