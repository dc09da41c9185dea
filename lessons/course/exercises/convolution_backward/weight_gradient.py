"""Exercise weight_gradient of lesson 04: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.convolution.shared import draw_grids
from lessons.course.exercises.exercise import Exercise, Mistake


def weight_gradient(dout, x, kernel, stride):
    dweight = np.zeros((kernel, kernel))
    for r, c in np.ndindex(dout.shape):
        top, left = r * stride, c * stride
        dweight += dout[r, c] * x[top : top + kernel, left : left + kernel]
    return dweight


def weight_without_stride(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, 1)


def weight_mean(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, stride) / dout.size


def weight_last(dout, x, kernel, stride):
    top, left = ((side - 1) * stride for side in dout.shape)
    return dout[-1, -1] * x[top : top + kernel, left : left + kernel].astype(float)


def weight_flipped(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, stride)[::-1, ::-1]


def weight_transposed(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, stride).T


def weight_of_x_only(dout, x, kernel, stride):
    return weight_gradient(np.ones_like(dout), x, kernel, stride)


def weight_dout_transposed(dout, x, kernel, stride):
    return weight_gradient(dout.T, x, kernel, stride)


def _weight_by_strides(dout, x, kernel, down, across):
    dweight = np.zeros((kernel, kernel))
    for r, c in np.ndindex(dout.shape):
        dweight += dout[r, c] * x[r * down : r * down + kernel, c * across : c * across + kernel]
    return dweight


def weight_stride_down(dout, x, kernel, stride):
    return _weight_by_strides(dout, x, kernel, stride, 1)


def weight_stride_across(dout, x, kernel, stride):
    return _weight_by_strides(dout, x, kernel, 1, stride)


def weight_of_summed_windows(dout, x, kernel, stride):
    summed = weight_gradient(dout, x, kernel, stride).sum()
    return np.full((kernel, kernel), summed)


def weight_cases():
    rng = np.random.default_rng(6)
    first = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]), 2, 1
    cases = [first]
    for side, kernel, stride in ((5, 3, 1), (5, 3, 2), (6, 2, 2), (7, 3, 2)):
        shape = ((side - kernel) // stride + 1,) * 2
        x = rng.integers(0, 5, (side, side)).astype(float)
        cases.append((rng.integers(-3, 4, shape).astype(float), x, kernel, stride))
    return cases


EXERCISE = Exercise(
    question="Return dweight (kernel, kernel) for dout (H', W') and x (H, W), without padding.",
    answer=weight_gradient,
    cases=weight_cases,
    draw=draw_grids,
    hints=(
        "Output (r, c) multiplied weight[i, j] by a pixel of its window: that pixel is the factor.",
        "dweight += dout[r, c] * (the window of x of output (r, c)), for all r and c.",
    ),
    mistakes={
        "without stride": Mistake(
            weight_without_stride,
            "right for stride 1 only: the window of output (r, c) begins at row r * stride, column c * stride.",
            variants=(weight_stride_down, weight_stride_across),
        ),
        "windows summed": Mistake(
            weight_of_summed_windows,
            "you add up each window. Every weight has a number of its own in it: keep them.",
        ),
        "mean": Mistake(weight_mean, "it is divided by the number of outputs. The loss may do so; the layer must not."),
        "last only": Mistake(weight_last, "only the last output is left: = where += is wanted."),
        "flipped": Mistake(weight_flipped, "dweight is flipped: its first row and column stand last."),
        "transposed": Mistake(weight_transposed, "rows and columns of dweight are exchanged."),
        "without dout": Mistake(
            weight_of_x_only, "you add up the windows alone. Each is multiplied by the gradient of its output."
        ),
        "dout transposed": Mistake(
            weight_dout_transposed, "rows and columns of dout are exchanged: dout[r, c] belongs to row r of x."
        ),
    },
)
