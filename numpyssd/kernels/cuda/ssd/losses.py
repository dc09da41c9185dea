"""The two losses on the device, each with its gradient: training/losses.py, one thread for each row or number.

The arithmetic is in device functions, which multibox_loss.py uses as well. Sums go through a row from the left, and a
GPU may round a product and a sum once instead of twice (fma), so the last bits can differ from NumPy's.
"""

import math

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.shapes import check_same_shape


@cuda.jit(device=True, inline="always")
def largest_of(logits, row):
    """Return the maximum of logits[row]; NaN if there is one."""
    top = logits[row, 0]
    for c in range(uint32(1), uint32(logits.shape[1])):
        if logits[row, c] > top or logits[row, c] != logits[row, c]:
            top = logits[row, c]
    return top


@cuda.jit(device=True, inline="always")
def sum_of_powers(logits, row, top):
    """Return the sum of exp(logit - top) over logits[row]: at least 1, if top is the maximum."""
    total = float32(0.0)
    for c in range(uint32(logits.shape[1])):
        total += math.exp(logits[row, c] - top)
    return total


@cuda.jit(device=True, inline="always")
def clip(x):
    """Return x clipped to [-1, 1]: the gradient of smooth L1. NaN stays NaN."""
    return float32(-1.0) if x < float32(-1.0) else (float32(1.0) if x > float32(1.0) else x)


def softmax_cross_entropy_kernel(logits, labels, loss, gradient):
    """One thread = one row of logits (M, C); grid: all rows; nothing is shared."""
    row = uint32(cuda.grid(1))
    if row < uint32(logits.shape[0]):
        top = largest_of(logits, row)
        log_sum = math.log(sum_of_powers(logits, row, top))
        label, found = uint32(labels[row]), float32(math.nan)  # a label that is no class leaves the NaN
        for c in range(uint32(logits.shape[1])):
            log_probability = (logits[row, c] - top) - log_sum
            dlogit = math.exp(log_probability)
            if c == label:
                found = -log_probability
                dlogit -= float32(1.0)
            gradient[row, c] = dlogit
        loss[row] = found


def smooth_l1_kernel(x, value, gradient):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(x.size):
        clipped = clip(x[index])
        value[index] = clipped * (x[index] - clipped * float32(0.5))
        gradient[index] = clipped


def softmax_cross_entropy(logits, labels):
    """Return the loss (...,) and its gradient (..., C) for logits (..., C) and labels (...,) int32.

    See training/losses.py. A label that is no class cannot raise anything here: its loss is NaN.
    """
    check_same_shape("labels", labels, logits.shape[:-1])
    logits, labels = to_device(logits), to_device(labels)
    loss, gradient, rows = empty(labels.shape), empty(logits.shape), (labels.size, logits.shape[-1])
    flat = logits.reshape(*rows), labels.reshape(labels.size), loss.reshape(labels.size), gradient.reshape(*rows)
    launch(softmax_cross_entropy_kernel, blocks_for(labels.size, 128), 128, *flat)
    return loss, gradient


def smooth_l1(x):
    """Return the value and its gradient, both of x's shape; see training/losses.py."""
    x = to_device(x)
    value, gradient = empty(x.shape, np.float32), empty(x.shape, np.float32)
    launch(smooth_l1_kernel, blocks_for(x.size, 256), 256, *(a.reshape(x.size) for a in (x, value, gradient)))
    return value, gradient
