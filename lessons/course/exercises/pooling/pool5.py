"""Exercise pool5 of lesson 05: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.pooling.shared import draw_pair, grids


def pool5(x):
    height, width = x.shape
    padded = np.pad(x.astype(float), 1, constant_values=-np.inf)  # nothing loses against minus infinity
    out = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            out[row, column] = padded[row : row + 3, column : column + 3].max()
    return out


def pool5_zero_padded(x):
    padded = np.pad(x.astype(float), 1)
    return np.array([[padded[r : r + 3, c : c + 3].max() for c in range(x.shape[1])] for r in range(len(x))])


def pool5_not_centered(x):
    return np.array([[x[r : r + 3, c : c + 3].max() for c in range(x.shape[1])] for r in range(len(x))])


def pool5_not_padded(x):
    height, width = x.shape
    return np.array([[x[r : r + 3, c : c + 3].max() for c in range(max(width - 2, 0))] for r in range(height - 2)])


def pool5_above_and_left(x):
    return np.array([[_clipped(x, r - 1, r + 1, c - 1, c + 1) for c in range(x.shape[1])] for r in range(len(x))])


def pool5_below_and_right(x):
    return np.array([[_clipped(x, r, r + 2, c, c + 2) for c in range(x.shape[1])] for r in range(len(x))])


def _clipped(x, top, bottom, left, right):
    return x[max(top, 0) : bottom, max(left, 0) : right].max()


def pool5_negative_index(x):
    return np.array([[x[r - 1 : r + 2, c - 1 : c + 2].max() for c in range(x.shape[1])] for r in range(len(x))])


def pool5_edges_kept(x):
    out = x.astype(float).copy()
    out[1:-1, 1:-1] = pool5(x)[1:-1, 1:-1]
    return out


def pool5_edges_zero(x):
    out = np.zeros(x.shape)
    out[1:-1, 1:-1] = pool5(x)[1:-1, 1:-1]
    return out


def pool5_from_zero(x):
    return np.maximum(pool5(x), 0)


def pool5_stride_two(x):
    return pool5(x)[::2, ::2]


def pool5_windows_only(x):
    return np.lib.stride_tricks.sliding_window_view(x, (3, 3)).max(axis=(2, 3))


def pool5_negative_index_guarded(x):
    windows = [[x[r - 1 : r + 2, c - 1 : c + 2] for c in range(x.shape[1])] for r in range(len(x))]
    return np.array([[window.max() if window.size else 0 for window in row] for row in windows])


EXERCISE = Exercise(
    question="Return the maxima of 3 x 3 windows with stride 1 and padding 1 of a grid (H, W), of the same size.",
    answer=pool5,
    cases=grids,
    draw=draw_pair,
    hints=(
        "The window of output (row, column) has (row, column) in its middle. At the edges it holds fewer numbers.",
        "np.pad(x, 1, constant_values=-np.inf) puts a frame around x that can't win, and then the window of "
        "(row, column) is padded[row : row + 3, column : column + 3].",
    ),
    mistakes={
        "zero padded": Mistake(
            pool5_zero_padded, "the frame of zeros wins where all numbers are negative. Pad by -np.inf."
        ),
        "not centered": Mistake(
            pool5_not_centered, "your windows begin at (row, column); that place is to be in their middle."
        ),
        "not padded": Mistake(
            pool5_not_padded,
            "without padding the map shrinks by 2. pool5 keeps the size, 19 stays 19.",
            variants=(pool5_windows_only,),
        ),
        "window too short": Mistake(
            pool5_above_and_left,
            "your windows are 2 x 2: a slice ends *before* its second number. From row - 1 to row + 1 is "
            "row - 1 : row + 2.",
            variants=(pool5_below_and_right,),
        ),
        "negative index": Mistake(
            pool5_negative_index,
            "at the edge your slice begins at -1, and that is the *last* row or column: max(row - 1, 0).",
            variants=(pool5_negative_index_guarded,),
        ),
        "edges left out": Mistake(
            pool5_edges_zero,
            "the numbers at the edges have windows as well, which hold fewer numbers.",
            variants=(pool5_edges_kept,),
        ),
        "from zero": Mistake(
            pool5_from_zero,
            "your maximum starts at 0, and 0 wins where all numbers of a window are negative. Start at -np.inf.",
        ),
        "stride 2": Mistake(pool5_stride_two, "your windows move by 2; those of pool5 move by 1."),
    },
)
