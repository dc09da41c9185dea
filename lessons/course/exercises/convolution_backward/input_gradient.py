"""Exercise input_gradient of lesson 04: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.convolution.shared import draw_grids
from lessons.course.exercises.convolution_backward.shared import input_cases
from lessons.course.exercises.exercise import Exercise, Mistake


def input_gradient(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    for r, c in np.ndindex(dout.shape):
        for i, j in np.ndindex(weight.shape):
            dx[r * stride + i, c * stride + j] += dout[r, c] * weight[i, j]
    return dx


def input_overwritten(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    for r, c in np.ndindex(dout.shape):
        for i, j in np.ndindex(weight.shape):
            dx[r * stride + i, c * stride + j] = dout[r, c] * weight[i, j]
    return dx


def input_without_stride(dout, weight, x_shape, stride):
    return input_gradient(dout, weight, x_shape, 1)


def input_flipped(dout, weight, x_shape, stride):
    return input_gradient(dout, weight[::-1, ::-1], x_shape, stride)


def input_cut(dout, weight, x_shape, stride):
    dx = input_gradient(dout, weight, x_shape, stride)
    rows, columns = ((side - 1) * stride + k for side, k in zip(dout.shape, weight.shape))
    return dx[: rows - 1, : columns - 1]


def input_of_the_windows_size(dout, weight, x_shape, stride):
    rows, columns = ((side - 1) * stride + k for side, k in zip(dout.shape, weight.shape))
    return input_gradient(dout, weight, (rows, columns), stride)


def input_transposed(dout, weight, x_shape, stride):
    return input_gradient(dout, weight.T, x_shape, stride)


def input_weight_only(dout, weight, x_shape, stride):
    return input_gradient(np.ones_like(dout), weight, x_shape, stride)


def input_mean(dout, weight, x_shape, stride):
    windows = input_gradient(np.ones_like(dout), np.ones_like(weight), x_shape, stride)
    return input_gradient(dout, weight, x_shape, stride) / np.maximum(windows, 1)


EXERCISE = Exercise(
    question="Return dx of shape x_shape for dout (H', W') and weight (kh, kw), without padding.",
    answer=input_gradient,
    cases=input_cases,
    draw=draw_grids,
    hints=(
        "Go through the outputs as in the forward pass, but write to dx where the forward pass read from x.",
        "dx[r * stride + i, c * stride + j] += dout[r, c] * weight[i, j].",
    ),
    mistakes={
        "overwritten": Mistake(
            input_overwritten,
            "windows overlap, and the last one wipes out what the others left: += and not =.",
        ),
        "without stride": Mistake(
            input_without_stride, "right for stride 1 only: the window of output r begins at row r * stride."
        ),
        "flipped": Mistake(
            input_flipped,
            "the kernel is flipped. It is only flipped if you *gather* (dx as a convolution of dout).",
        ),
        "cut": Mistake(
            input_cut,
            "dx is too small: it has the shape of x, even where no window reaches.",
            variants=(input_of_the_windows_size,),
        ),
        "transposed": Mistake(input_transposed, "rows and columns of the weights are exchanged."),
        "without dout": Mistake(
            input_weight_only, "you add up the weights alone. Each window is multiplied by its output's gradient."
        ),
        "mean": Mistake(
            input_mean,
            "you divide by the number of windows that a number is in. A gradient is a sum over all ways.",
        ),
    },
)
