"""Smooth L1 and softmax cross-entropy with their gradients (paper, equations 2 and 3)."""

import math

from tests.golden.rules.exact import exp, log


def smooth_l1(x):
    """Return the loss of one number and its gradient: x^2 / 2 between -1 and 1, |x| - 1/2 outside."""
    if abs(x) < 1:
        return x * x / 2, x
    return abs(x) - 0.5, math.copysign(1.0, x)


def log_softmax(logits):
    """Return the logarithms of the probabilities of one row; the row's own maximum is taken off first."""
    top = max(logits)
    total = log(math.fsum(exp(value - top) for value in logits))
    return [value - top - total for value in logits]


def softmax(logits):
    """Return the probabilities of one row."""
    top = max(logits)
    powers = [exp(value - top) for value in logits]
    return [power / math.fsum(powers) for power in powers]


def softmax_cross_entropy(logits, label):
    """Return -log of the label's probability, and its gradient by the logits."""
    gradient = softmax(logits)
    gradient[label] -= 1
    return -log_softmax(logits)[label], gradient
