"""Exercise im2col of lesson 03: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.convolution.shared import draw_grids
from lessons.course.exercises.exercise import Exercise, Mistake


def im2col(x, kh, kw):
    rows = []
    for i in range(x.shape[0] - kh + 1):
        for j in range(x.shape[1] - kw + 1):
            rows.append(x[i : i + kh, j : j + kw].ravel())
    return np.array(rows)  # (windows, kh * kw)


def im2col_transposed(x, kh, kw):
    return im2col(x, kh, kw).T


def im2col_tiles(x, kh, kw):
    rows = [
        x[i : i + kh, j : j + kw].ravel()
        for i in range(0, x.shape[0] - kh + 1, kh)
        for j in range(0, x.shape[1] - kw + 1, kw)
    ]
    return np.array(rows)


def im2col_columns_first(x, kh, kw):
    windows = im2col(x, kh, kw).reshape(x.shape[0] - kh + 1, x.shape[1] - kw + 1, -1)
    return windows.swapaxes(0, 1).reshape(-1, kh * kw)


def im2col_down_the_window(x, kh, kw):
    return im2col(x, kh, kw).reshape(-1, kh, kw).transpose(0, 2, 1).reshape(-1, kh * kw)


def im2col_sides_exchanged(x, kh, kw):
    return im2col(x, kw, kh)


def im2col_too_few(x, kh, kw):
    return im2col(x[:-1, :-1], kh, kw)


def im2col_flat(x, kh, kw):
    return im2col(x, kh, kw).ravel()


def im2col_cases():
    x = np.arange(1, 21, dtype=float).reshape(4, 5)
    return [(x[:2, :2], 1, 1), (x[:3, :3], 2, 2), (x, 3, 2), (x, 2, 4), (x, 2, 2)]


EXERCISE = Exercise(
    question="Return every window (kh, kw) of x (H, W), row by row, as a row of a matrix (windows, kh * kw).",
    answer=im2col,
    cases=im2col_cases,
    draw=draw_grids,
    hints=(
        "The same two loops as in the convolution; but keep the window instead of multiplying it.",
        "x[i : i + kh, j : j + kw].ravel() is a row. (Without loops: np.lib.stride_tricks.sliding_window_view.)",
    ),
    mistakes={
        "transposed": Mistake(im2col_transposed, "windows are rows, not columns: transpose it."),
        "tiles": Mistake(im2col_tiles, "these are tiles that do not overlap; the window moves by one pixel."),
        "columns first": Mistake(im2col_columns_first, "the windows come down the columns; row by row is wanted."),
        "down the window": Mistake(
            im2col_down_the_window, "inside each window you go down the columns. Read it row by row: ravel()."
        ),
        "sides exchanged": Mistake(
            im2col_sides_exchanged, "kh and kw are exchanged: a window has kh rows and kw columns."
        ),
        "too few": Mistake(
            im2col_too_few, "the last windows are missing: there are H - kh + 1 of them down, not H - kh."
        ),
        "flat": Mistake(im2col_flat, "all windows stand in one long row. Each window is a row of its own."),
    },
)
