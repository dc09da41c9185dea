"""Exercise pool_gradient of lesson 05: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.pooling.shared import draw_pair


def pool_gradient(x, dout):
    dx = np.zeros(x.shape)
    for row in range(dout.shape[0]):
        for column in range(dout.shape[1]):
            window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            i, j = np.unravel_index(window.argmax(), window.shape)  # of equals the first
            dx[2 * row + i, 2 * column + j] += dout[row, column]
    return dx


def _spread(x, dout, weights):
    dx = np.zeros(x.shape)
    for row, column in np.ndindex(dout.shape):
        place = slice(2 * row, 2 * row + 2), slice(2 * column, 2 * column + 2)
        dx[place] += weights(x[place]) * dout[row, column]
    return dx


def pool_gradient_to_all_equals(x, dout):
    return _spread(x, dout, lambda window: window == window.max())


def pool_gradient_shared_by_equals(x, dout):
    return _spread(x, dout, lambda window: (window == window.max()) / (window == window.max()).sum())


def pool_gradient_average(x, dout):
    return _spread(x, dout, lambda window: np.full(window.shape, 1 / window.size))


def pool_gradient_times_x(x, dout):
    return pool_gradient(x, dout) * x


def pool_gradient_last(x, dout):
    return pool_gradient(x[::-1, ::-1], dout[::-1, ::-1])[::-1, ::-1]


def pool_gradient_to_everyone(x, dout):
    return _spread(x, dout, np.ones_like)


def pool_gradient_without_offset(x, dout):
    dx = np.zeros(x.shape)
    for row, column in np.ndindex(dout.shape):
        window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        dx[np.unravel_index(window.argmax(), window.shape)] += dout[row, column]
    return dx


def pool_gradient_to_the_corner(x, dout):
    dx = np.zeros(x.shape)
    dx[::2, ::2] = dout
    return dx


def pool_gradient_by_columns(x, dout):
    return pool_gradient(x.T, dout.T).T


def pool_gradient_mask(x, dout):
    return pool_gradient(x, np.ones_like(dout))


def pool_gradient_place_exchanged(x, dout):
    dx = np.zeros(x.shape)
    for row, column in np.ndindex(dout.shape):
        i, j = divmod(int(x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].argmax()), 2)
        dx[2 * row + j, 2 * column + i] += dout[row, column]
    return dx


def grids_with_gradients():
    tiny = [
        ([[1, 2], [4, 3]], [[10]]),
        ([[7, 7], [7, 7]], [[10]]),  # all equal: the first
        ([[1, 5, 2, 2], [0, 3, 4, 2]], [[1, 2]]),
        ([[1, 5, 5, 9], [5, 3, 9, 9], [0, 0, 2, 1], [0, 0, 2, 2]], [[1, 2], [3, 4]]),
    ]
    rng = np.random.default_rng(5)
    more = [(rng.integers(-3, 4, (2 * h, 2 * w)), rng.integers(-9, 10, (h, w))) for h, w in ((1, 3), (2, 2), (3, 2))]
    return [(np.array(x, float), np.array(dout, float)) for x, dout in (*tiny, *more)]


EXERCISE = Exercise(
    question="Return dx (H, W) of 2 x 2 pooling with stride 2 for x (H, W) and dout (H / 2, W / 2).",
    answer=pool_gradient,
    cases=grids_with_gradients,
    draw=draw_pair,
    hints=(
        "Start from zeros of the shape of x. Each number of dout goes, whole, to one place.",
        "np.unravel_index(window.argmax(), window.shape) is row and column of the winner in its window; argmax "
        "takes the first of equals.",
    ),
    mistakes={
        "to all equals": Mistake(
            pool_gradient_to_all_equals,
            "every number that equals the maximum got the whole gradient. This is x == max: with ties, "
            "more comes out than went in.",
        ),
        "shared by equals": Mistake(
            pool_gradient_shared_by_equals,
            "you divide the gradient among equals. That rule is possible, but here the first takes all.",
        ),
        "average": Mistake(pool_gradient_average, "this is the gradient of average pooling."),
        "times x": Mistake(
            pool_gradient_times_x,
            "you multiply by x. The winner is passed on as it is, times 1, and so is its gradient.",
        ),
        "last of equals": Mistake(pool_gradient_last, "of equals you take the last; the first one wins."),
        "to everyone": Mistake(
            pool_gradient_to_everyone, "every number of a window gets the gradient. Only the largest one does."
        ),
        "without offset": Mistake(
            pool_gradient_without_offset,
            "argmax gives the place in the window. In x the window begins at (2 * row, 2 * column): add that.",
        ),
        "to the corner": Mistake(
            pool_gradient_to_the_corner, "the first number of each window gets the gradient. The largest one does."
        ),
        "by columns": Mistake(
            pool_gradient_by_columns,
            "of equals the first in the order of reading wins, row by row, not by columns.",
        ),
        "mask": Mistake(pool_gradient_mask, "this says who has won. Put the number of dout there, not 1."),
        "place exchanged": Mistake(
            pool_gradient_place_exchanged, "row and column of the winner inside its window are exchanged."
        ),
    },
)
