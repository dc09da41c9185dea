"""Exercise input_gradient_as_convolution of lesson 04: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.convolution.shared import draw_grids
from lessons.course.exercises.convolution_backward.shared import input_cases
from lessons.course.exercises.exercise import Exercise, Mistake


def input_gradient_as_convolution(dout, weight):
    rim = weight.shape[0] - 1
    padded, flipped = np.pad(dout, rim), weight[::-1, ::-1]
    side = padded.shape[0] - rim, padded.shape[1] - rim
    dx = np.zeros(side)
    for i, j in np.ndindex(flipped.shape):
        dx += flipped[i, j] * padded[i : i + side[0], j : j + side[1]]
    return dx


def full_not_flipped(dout, weight):
    return input_gradient_as_convolution(dout, weight[::-1, ::-1])


def full_transposed(dout, weight):
    return input_gradient_as_convolution(dout, weight.T)


def full_without_rim(dout, weight):
    rim = weight.shape[0] - 1
    return input_gradient_as_convolution(dout, weight)[rim:-rim, rim:-rim]


def full_flipped_down(dout, weight):
    return input_gradient_as_convolution(dout, weight[:, ::-1])  # which the answer flips once more


def full_flipped_across(dout, weight):
    return input_gradient_as_convolution(dout, weight[::-1])


def full_turned_once(dout, weight):
    return input_gradient_as_convolution(dout, np.rot90(weight))


def full_turned_back(dout, weight):
    return input_gradient_as_convolution(dout, np.rot90(weight, -1))


def full_half_padding(dout, weight):
    size = len(weight)
    padded, flipped = np.pad(dout, size // 2), weight[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, flipped.shape)
    return (windows * flipped).sum(axis=(2, 3))


def full_whole_padding(dout, weight):
    padded, flipped = np.pad(dout, len(weight)), weight[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, flipped.shape)
    return (windows * flipped).sum(axis=(2, 3))


def full_transposed_only(dout, weight):
    return input_gradient_as_convolution(dout, weight.T[::-1, ::-1])  # which the answer flips back


def full_cases():
    return [(dout, weight) for dout, weight, _, stride in input_cases() if stride == 1] + [
        (np.arange(12.0).reshape(3, 4), np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0], [1.0, 0.0, 2.0]]))
    ]


EXERCISE = Exercise(
    question="Return dx for stride 1 as a convolution of the padded dout with the flipped kernel.",
    answer=input_gradient_as_convolution,
    cases=full_cases,
    draw=draw_grids,
    hints=(
        "Pad dout by kernel - 1 zeros on each side, so that the corners of x get windows too.",
        "Flip the kernel, weight[::-1, ::-1], and convolve as in lesson 03.",
    ),
    mistakes={
        "not flipped": Mistake(
            full_not_flipped, "the kernel is not flipped: what weight (i, j) read i rows below goes back i rows up."
        ),
        "transposed": Mistake(
            full_transposed,
            "transposing is not flipping: use weight[::-1, ::-1].",
            variants=(full_transposed_only,),
        ),
        "without rim": Mistake(full_without_rim, "dout is not padded, so dx is smaller than x."),
        "half flipped": Mistake(
            full_flipped_down,
            "the kernel is flipped along one axis only: weight[::-1, ::-1] flips both.",
            variants=(full_flipped_across,),
        ),
        "turned": Mistake(
            full_turned_once,
            "the kernel is turned by a quarter. Flipping both axes is half a turn: weight[::-1, ::-1].",
            variants=(full_turned_back,),
        ),
        "half padding": Mistake(
            full_half_padding,
            "you pad by half the kernel, as for a map that keeps its size. dx is larger than dout: pad by k - 1.",
        ),
        "too much padding": Mistake(
            full_whole_padding, "you pad by k. With k - 1 the first window holds one number of dout: pad by that."
        ),
    },
)
