"""Stochastic gradient descent with momentum (Caffe: sgd_solver.cpp; lr_mult and decay_mult in model_libs.py)."""


def step(value, gradient, velocity, lr, momentum, weight_decay, is_bias):
    """Return the next value and velocity of one number: a bias learns at twice the rate and is not decayed.

    The rate is part of the velocity, so that a change of the rate leaves the steps under way as they are.
    """
    rate, decay = (2 * lr, 0.0) if is_bias else (lr, weight_decay)
    velocity = momentum * velocity + rate * (gradient + decay * value)
    return value - velocity, velocity
