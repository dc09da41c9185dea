"""Exercise windows_as_rows of lesson 24: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def windows_as_rows(x, size):
    rows = []
    for i in range(x.shape[0] - size + 1):
        for j in range(x.shape[1] - size + 1):
            rows.append(x[i : i + size, j : j + size].reshape(-1))  # (size * size * C,)
    return np.array(rows)  # (H' * W', size * size * C)


def windows_channels_first(x, size):
    count = x.shape[2]
    rows = windows_as_rows(x, size).reshape(-1, size * size, count)
    return rows.transpose(0, 2, 1).reshape(len(rows), -1)


def windows_as_columns(x, size):
    return windows_as_rows(x, size).T


def windows_side_by_side(x, size):
    high, wide = (x.shape[0] // size) * size, (x.shape[1] // size) * size
    starts = [(i, j) for i in range(0, high, size) for j in range(0, wide, size)]
    return np.array([x[i : i + size, j : j + size].reshape(-1) for i, j in starts])


def windows_too_few(x, size):
    return windows_as_rows(x[:-1, :-1], size)


def windows_down_first(x, size):
    high, wide = x.shape[0] - size + 1, x.shape[1] - size + 1
    return windows_as_rows(x, size).reshape(high, wide, -1).swapaxes(0, 1).reshape(high * wide, -1)


def windows_transposed_inside(x, size):
    rows = windows_as_rows(x, size).reshape(-1, size, size, x.shape[2])
    return rows.swapaxes(1, 2).reshape(len(rows), -1)


def windows_summed_channels(x, size):
    return windows_as_rows(x.sum(axis=2, keepdims=True), size)


def windows_first_channel(x, size):
    return windows_as_rows(x[:, :, :1], size)


def windows_row_for_each_channel(x, size):
    return np.concatenate([windows_as_rows(x[:, :, [c]], size) for c in range(x.shape[2])])


def windows_too_few_in_shape(x, size):
    return windows_too_few(x, size).reshape(-1, size * size * x.shape[2])


def images():
    rng = np.random.default_rng(14)
    shapes = ((2, 2, 1), (3, 3, 1), (3, 4, 2), (4, 4, 3))
    return [(np.arange(np.prod(s)).reshape(s).astype(float), 2) for s in shapes] + [
        (rng.integers(0, 9, (5, 6, 2)).astype(float), 3)
    ]


EXERCISE = Exercise(
    question="Return every size x size window of x (H, W, C) as a row: (H' * W', size * size * C).",
    answer=windows_as_rows,
    cases=images,
    hints=(
        "There are H - size + 1 places down and W - size + 1 across; go through them in the order of reading.",
        "x[i : i + size, j : j + size] is the window (size, size, C), and .reshape(-1) makes it a row.",
    ),
    mistakes={
        "channels first": Mistake(
            windows_channels_first,
            "your rows have all pixels of one channel, then those of the next. Here the channels of a pixel lie "
            "together, as in weight.reshape(-1, C_out).",
        ),
        "columns": Mistake(windows_as_columns, "your windows are the columns; they should be the rows."),
        "side by side": Mistake(
            windows_side_by_side, "your windows do not overlap: the next one begins one pixel farther, not size."
        ),
        "too few": Mistake(
            windows_too_few,
            "the last windows are missing: there are H - size + 1 of them down, not H - size.",
            variants=(windows_too_few_in_shape,),
        ),
        "down first": Mistake(windows_down_first, "the windows come down the columns; row by row is wanted."),
        "transposed inside": Mistake(
            windows_transposed_inside, "inside each window you go down the columns. Read it row by row."
        ),
        "one channel": Mistake(
            windows_first_channel, "only one channel is left. A row has all channels of its window."
        ),
        "channels summed": Mistake(windows_summed_channels, "you add up the channels. They stay apart in a row."),
        "a row for each channel": Mistake(
            windows_row_for_each_channel, "each channel has rows of its own. A row has all channels of its window."
        ),
    },
)
