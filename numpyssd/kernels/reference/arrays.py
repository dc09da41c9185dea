"""What is left of a training step: adding gradients, moving arrays, and the step of stochastic gradient descent."""

from numpyssd.kernels.shapes import check_same_shape


def to_device(array):
    """Return the array where the backend computes; here it stays where it is."""
    return array


def to_host(array):
    """Return the array as a NumPy array."""
    return array


def add(a, b):
    """Return a + b for two arrays of one shape: where trunk and branch meet, gradients add."""
    check_same_shape("b", b, a.shape)
    return a + b


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
