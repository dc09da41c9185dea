"""What the exercises of lesson 21 have in common."""

import numpy as np


def rounded(x):
    return int(np.floor(abs(x) + 0.5)) * (1 if x >= 0 else -1)  # halves away from zero, as C has it


def to_even(x):
    return int(np.rint(x))


def down(x):
    return int(np.floor(x))


def cells_by(box, step, rounding, one=1):
    x1, y1, x2, y2 = (rounding(corner / step) for corner in box)
    return x1, y1, x2 - x1 + one, y2 - y1 + one


def cells_halves_to_even(box, step):
    return cells_by(box, step, to_even)


def cells_rounded_down(box, step):
    return cells_by(box, step, down)


def cells_without_one(box, step):
    return cells_by(box, step, rounded, 0)
