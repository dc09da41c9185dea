"""Exercise max_pool of lesson 05: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.pooling.shared import draw_pair, grids


def max_pool(x):
    out = np.zeros(((x.shape[0] + 1) // 2, (x.shape[1] + 1) // 2))
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]  # a slice stops at the edge by itself
            out[row, column] = window.max()
    return out


def max_pool_rounded_down(x):
    return max_pool(x[: len(x) // 2 * 2, : x.shape[1] // 2 * 2])


def max_pool_average(x):
    out = max_pool(x)
    for row, column in np.ndindex(out.shape):
        out[row, column] = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].mean()
    return out


def max_pool_zero_padded(x):
    return max_pool(np.pad(x, ((0, x.shape[0] % 2), (0, x.shape[1] % 2))))


def max_pool_stride_one(x):
    out = np.zeros(((x.shape[0] + 1) // 2, (x.shape[1] + 1) // 2))
    for row, column in np.ndindex(out.shape):
        out[row, column] = x[row : row + 2, column : column + 2].max()
    return out


def max_pool_from_zero(x):
    return np.maximum(max_pool(x), 0)


def max_pool_one_number(x):
    return x[::2, ::2]


def max_pool_smallest(x):
    return -max_pool(-x)


def max_pool_one_more(x):
    padded = np.pad(x.astype(float), ((0, 2 - x.shape[0] % 2), (0, 2 - x.shape[1] % 2)), constant_values=-np.inf)
    return max_pool(padded)


def max_pool_zeros_left(x):
    out, found = np.zeros_like(max_pool(x)), max_pool_rounded_down(x)
    out[: found.shape[0], : found.shape[1]] = found
    return out


def max_pool_one_more_zeros(x):
    padded = np.pad(x.astype(float), ((0, 2 - x.shape[0] % 2), (0, 2 - x.shape[1] % 2)), constant_values=-np.inf)
    return np.where(np.isinf(max_pool(padded)), 0, max_pool(padded))


EXERCISE = Exercise(
    question="Return the maxima of 2 x 2 windows with stride 2 of a grid (H, W), rounded up.",
    answer=max_pool,
    cases=grids,
    draw=draw_pair,
    hints=(
        "The window of output (row, column) is x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].",
        "The output has (H + 1) // 2 rows. A slice that reaches beyond the edge simply holds fewer numbers, which "
        "is just what the hanging windows need.",
    ),
    mistakes={
        "rounded down": Mistake(
            max_pool_rounded_down, "the last row or column of an odd grid is lost: you rounded down (75 to 37)."
        ),
        "average": Mistake(max_pool_average, "this is average pooling; take the largest number."),
        "zero padded": Mistake(
            max_pool_zero_padded,
            "you filled the hanging windows with 0, and where all numbers are negative the 0 wins. Nothing that "
            "is not in the map may win.",
        ),
        "stride 1": Mistake(max_pool_stride_one, "your windows move by 1; they move by 2."),
        "from zero": Mistake(
            max_pool_from_zero,
            "your maximum starts at 0, and 0 wins where all numbers of a window are negative. Start at -np.inf.",
        ),
        "one number": Mistake(
            max_pool_one_number, "this is the first number of each window. A slice of two is 2 * row : 2 * row + 2."
        ),
        "smallest": Mistake(max_pool_smallest, "these are the smallest numbers; take the largest."),
        "zeros left": Mistake(
            max_pool_zeros_left, "the hanging windows at the edges are left out, and their outputs stay 0."
        ),
        "one window more": Mistake(
            max_pool_one_more,
            "an even side gets a window more than it has: (H + 1) // 2, not H // 2 + 1.",
            variants=(max_pool_one_more_zeros,),
        ),
    },
)
