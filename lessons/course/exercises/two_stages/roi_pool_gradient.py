"""Exercise roi_pool_gradient of lesson 21: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def roi_pool_gradient(dout, argmax, shape):
    dx = np.zeros(shape)
    for place, value in np.ndenumerate(dout):
        if argmax[place] >= 0:  # an empty bin has no winner
            dx[np.unravel_index(argmax[place], shape)] += value
    return dx


def gradient_last_wins(dout, argmax, shape):
    dx = np.zeros(shape)
    for place, value in np.ndenumerate(dout):
        if argmax[place] >= 0:
            dx[np.unravel_index(argmax[place], shape)] = value
    return dx


def gradient_of_empty_bins(dout, argmax, shape):
    dx = np.zeros(shape)
    for place, value in np.ndenumerate(dout):
        dx.reshape(-1)[argmax[place]] += value
    return dx


def gradient_mean(dout, argmax, shape):
    wins = np.bincount(argmax[argmax >= 0], minlength=int(np.prod(shape))).reshape(shape)
    return roi_pool_gradient(dout, argmax, shape) / np.maximum(wins, 1)


def gradient_over_regions(dout, argmax, shape):
    return roi_pool_gradient(dout, argmax, shape) / len(dout)


def gradient_once_a_region(dout, argmax, shape):
    return sum(gradient_last_wins(dout[[r]], argmax[[r]], shape) for r in range(len(dout)))


def gradient_first_region(dout, argmax, shape):
    return roi_pool_gradient(dout[:1], argmax[:1], shape)


def gradient_counts(dout, argmax, shape):
    return roi_pool_gradient(np.ones_like(dout), argmax, shape)


def gradient_row_and_column_exchanged(dout, argmax, shape):
    dx = np.zeros(shape)
    for place, value in np.ndenumerate(dout):
        if argmax[place] >= 0:
            dx[argmax[place] % shape[0], argmax[place] // shape[0]] += value
    return dx


def gradient_by_height(dout, argmax, shape):
    dx = np.zeros(shape)
    for place, value in np.ndenumerate(dout):
        if argmax[place] >= 0:
            dx[argmax[place] // shape[0] % shape[0], argmax[place] % shape[0]] += value
    return dx


def gradient_without_place_zero(dout, argmax, shape):
    return roi_pool_gradient(dout, np.where(argmax > 0, argmax, -1), shape)


def gradient_flat(dout, argmax, shape):
    return roi_pool_gradient(dout, argmax, shape).ravel()


def gradients_of_regions():
    tiny = [
        ([[[5]]], [[[3]]], (2, 2)),
        ([[[1, 2], [3, 4]]], [[[0, 1], [3, 5]]], (2, 3)),
        ([[[1, 2], [3, 4]]], [[[4, 4], [4, 5]]], (2, 3)),  # one cell has won three bins
        ([[[1]], [[10]]], [[[2]], [[2]]], (2, 2)),  # two regions share a winner
        ([[[1, 2], [3, 4]]], [[[0, -1], [2, -1]]], (2, 2)),  # two bins are empty
    ]
    rng = np.random.default_rng(7)
    more = [(rng.integers(-9, 10, (3, 2, 2)), rng.integers(-1, 6, (3, 2, 2)), (2, 3)) for _ in range(2)]
    return [(np.array(dout, float), np.array(argmax), shape) for dout, argmax, shape in (*tiny, *more)]


EXERCISE = Exercise(
    question="Return the gradient of a map of ``shape`` (H, W) for dout and argmax, both (R, size, size).",
    answer=roi_pool_gradient,
    cases=gradients_of_regions,
    hints=(
        "argmax is row * W + column of the winner of each bin; -1 says that the bin was empty. A cell may win often.",
        "np.unravel_index(argmax, shape) is row and column. Add with +=, and skip -1: it would be the last cell.",
    ),
    mistakes={
        "last wins": Mistake(
            gradient_last_wins,
            "= instead of +=: a cell that two regions read has two ways to the loss, and their gradients add up.",
        ),
        "empty bins": Mistake(
            gradient_of_empty_bins, "-1 means that no cell has won. As an index it is the last cell of the map."
        ),
        "mean": Mistake(gradient_mean, "you divide by the number of wins. A gradient is a sum over all ways."),
        "over regions": Mistake(
            gradient_over_regions, "you divide by the number of regions; the loss has done that already."
        ),
        "once a region": Mistake(
            gradient_once_a_region, "within a region a cell may win several bins, too; add these as well."
        ),
        "first region": Mistake(gradient_first_region, "this is the first region alone. Add up all of them."),
        "counts": Mistake(gradient_counts, "you count the wins. Add the number of dout each time, not 1."),
        "by height": Mistake(
            gradient_by_height,
            "argmax is row * W + column: divide it by the *width* to get the row.",
            variants=(gradient_row_and_column_exchanged,),
        ),
        "without place 0": Mistake(
            gradient_without_place_zero, "the cell in place 0 can win, too: ask for argmax >= 0, not for > 0."
        ),
        "flat": Mistake(gradient_flat, "the numbers are right, but in one long row: reshape(shape)."),
    },
)
