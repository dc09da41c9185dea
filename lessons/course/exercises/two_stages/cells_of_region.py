"""Exercise cells_of_region of lesson 21: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.two_stages.shared import (
    cells_by,
    cells_halves_to_even,
    cells_rounded_down,
    cells_without_one,
    rounded,
)


def cells_of_region(box, step):
    # Half a cell away from zero, and then cut off, as C rounds.
    x1, y1, x2, y2 = (int(np.trunc(corner / step + np.copysign(0.5, corner))) for corner in box)
    return x1, y1, x2 - x1 + 1, y2 - y1 + 1


def cells_size_rounded(box, step):
    x1, y1, x2, y2 = (corner / step for corner in box)
    return rounded(x1), rounded(y1), rounded(x2 - x1) + 1, rounded(y2 - y1) + 1


def cells_rows_first(box, step):
    x, y, columns, rows = cells_of_region(box, step)
    return y, x, rows, columns


def cells_corners(box, step):
    return tuple(rounded(corner / step) for corner in box)


def cells_halves_up(box, step):
    return cells_by(box, step, lambda x: int(np.floor(x + 0.5)))


def cells_cut(box, step):
    return cells_by(box, step, int)


def cells_rounded_up(box, step):
    return cells_by(box, step, lambda x: int(np.ceil(x)))


def cells_outwards(box, step):
    x1, y1, x2, y2 = (corner / step for corner in box)
    first_x, first_y = int(np.floor(x1)), int(np.floor(y1))
    return first_x, first_y, int(np.ceil(x2)) - first_x, int(np.ceil(y2)) - first_y


def cells_outwards_and_one(box, step):
    x, y, columns, rows = cells_outwards(box, step)
    return x, y, columns + 1, rows + 1


def cells_not_rounded(box, step):
    x1, y1, x2, y2 = (corner / step for corner in box)
    return x1, y1, x2 - x1 + 1, y2 - y1 + 1


def cells_last_column_and_row(box, step):
    x1, y1, x2, y2 = (rounded(corner / step) for corner in box)
    return x1, y1, x2 + 1, y2 + 1


def cells_columns_rows_exchanged(box, step):
    x, y, columns, rows = cells_of_region(box, step)
    return x, y, rows, columns


def boxes_with_steps():
    tiny = [
        ((0, 0, 16, 16), 16),
        ((0, 16, 48, 64), 16),
        ((8, 0, 40, 16), 16),  # 0.5 and 2.5
        ((24, 40, 45, 61), 16),
        ((5, 3, 30, 12), 8),
        ((4, 12, 20, 28), 8),  # halves only
        ((-8, -4, 20, 12), 8),
    ]
    rng = np.random.default_rng(17)
    low, sizes = rng.integers(0, 60, (3, 2)), rng.integers(5, 60, (3, 2))
    return [(np.array(b, float), s) for b, s in [*tiny, *(((*a, *(a + d)), 16) for a, d in zip(low, sizes))]]


EXERCISE = Exercise(
    question="Return first column, first row, number of columns and of rows of a box (4,) in pixels on a map whose "
    "cells are ``step`` pixels large.",
    answer=cells_of_region,
    cases=boxes_with_steps,
    hints=(
        "Divide the corners by the step and round them; halves go away from zero, 2.5 becomes 3.",
        "np.floor(c + 0.5) rounds halves up for c >= 0; for a negative corner round its absolute value. The last "
        "cell belongs to the region: columns = x2 - x1 + 1.",
    ),
    mistakes={
        "halves to even": Mistake(
            cells_halves_to_even,
            "NumPy's rint and Python's round send halves to the even number, 2.5 to 2; C sends them away from zero.",
        ),
        "rounded down": Mistake(
            cells_rounded_down, "you cut the fraction off; the corners are rounded.", variants=(cells_cut,)
        ),
        "rounded up": Mistake(
            cells_rounded_up,
            "you round up or outwards. Both corners are rounded to the nearest cell.",
            variants=(cells_outwards, cells_outwards_and_one),
        ),
        "halves up": Mistake(
            cells_halves_up,
            "floor(c + 0.5) takes a negative half up, -0.5 to 0. Away from zero it is -1.",
        ),
        "not rounded": Mistake(cells_not_rounded, "the corners are not rounded: there are whole cells only."),
        "last column and row": Mistake(
            cells_corners,
            "the last two are the last column and row. Return how many columns and rows there are: last - first + 1.",
            variants=(cells_last_column_and_row,),
        ),
        "columns and rows exchanged": Mistake(
            cells_columns_rows_exchanged, "the numbers of columns and rows are exchanged: columns come first."
        ),
        "without one": Mistake(cells_without_one, "the cell of the lower right corner belongs to the region: add 1."),
        "size rounded": Mistake(
            cells_size_rounded, "you rounded width and height; the corners are rounded, and the size follows."
        ),
        "rows first": Mistake(cells_rows_first, "you return rows first; the order here is x, y, columns, rows."),
    },
)
