"""From the network's raw outputs to boxes and scores, on the device: model/box_coding.decode and softmax.

A score at or below the threshold becomes NaN, which takes no part in any ranking. Scores lie class by class, so
that the threads that rank a class read neighboring numbers. Rounding differs from NumPy's in the last bits.
"""

import math

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.config import VARIANCES
from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty
from numpyssd.kernels.cuda.ssd.losses import largest_of, sum_of_powers
from numpyssd.kernels.cuda.ssd.ranking import NAN

OF_CENTER, OF_SIZE = map(np.float32, VARIANCES)


@cuda.jit(device=True, inline="always")
def clipped(x, low, high):
    """Return x clipped to [low, high]; NaN stays NaN."""
    return low if x < low else (high if x > high else x)


def decode_kernel(loc, default_boxes, boxes, most, low, high):
    """One thread = one default box of one image; grid: all of them; nothing is shared.

    loc and boxes (N K, 4), default_boxes (K, 4); most: the largest offset of a size; low, high: where boxes end.
    """
    row = uint32(cuda.grid(1))
    if row < uint32(loc.shape[0]):
        default = uint32(row % uint32(default_boxes.shape[0]))
        for axis in range(uint32(2)):
            size = default_boxes[default, uint32(axis + 2)]
            center = default_boxes[default, axis] + loc[row, axis] * OF_CENTER * size
            half = size * math.exp(min(loc[row, uint32(axis + 2)], most) * OF_SIZE) * float32(0.5)
            boxes[row, axis] = clipped(center - half, low, high)
            boxes[row, uint32(axis + 2)] = clipped(center + half, low, high)


def scores_kernel(loc, conf, scores, threshold):
    """One thread = one default box of one image; grid: all of them; nothing is shared.

    loc (N K, 4), conf (N K, C); scores (N, C - 1, K): the probability of each class but background where it is over
    the threshold, else NaN.
    """
    row = uint32(cuda.grid(1))
    if row < uint32(loc.shape[0]):
        image = uint32(row // uint32(scores.shape[2]))
        box = uint32(row - image * uint32(scores.shape[2]))
        top = largest_of(conf, row)
        total = sum_of_powers(conf, row, top)
        for i in range(4):
            if loc[row, i] - loc[row, i] != float32(0.0):  # infinite or NaN
                total = NAN
        for c in range(uint32(1), uint32(conf.shape[1])):
            score = math.exp(conf[row, c] - top) / total
            scores[image, uint32(c - 1), box] = score if score > threshold else NAN


def decode(loc, default_boxes, size_limit=None, low=-np.inf, high=np.inf):
    """Return boxes (N, K, 4) xyxy for offsets loc (N, K, 4) and default boxes (K, 4), cut at low and high.

    See model/box_coding.py. Raises ValueError for a size_limit that is not positive.
    """
    if size_limit is not None and not size_limit > 0:
        raise ValueError(f"size_limit must be positive, or None for no limit, not {size_limit}")
    most = np.inf if size_limit is None else np.log(size_limit) / VARIANCES[1]
    boxes, rows = empty(loc.shape), loc.size // 4
    numbers = map(np.float32, (most, low, high))
    launch(
        decode_kernel, blocks_for(rows, 128), 128, loc.reshape(rows, 4), default_boxes, boxes.reshape(rows, 4), *numbers
    )
    return boxes


def scores_by_class(loc, conf, threshold):
    """Return (N, C - 1, K): the softmax of conf (N, K, C) without background where it is over the threshold, else NaN.

    A default box whose loc (N, K, 4) is not finite has no scores.
    """
    images, boxes, classes = conf.shape
    scores, rows = empty((images, classes - 1, boxes)), images * boxes
    inputs = loc.reshape(rows, 4), conf.reshape(rows, classes)
    launch(scores_kernel, blocks_for(rows, 128), 128, *inputs, scores, np.float32(threshold))
    return scores
