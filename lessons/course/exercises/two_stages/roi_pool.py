"""Exercise roi_pool of lesson 21: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.two_stages.cells_of_region import cells_of_region
from lessons.course.exercises.two_stages.shared import cells_halves_to_even, cells_rounded_down, cells_without_one


def roi_pool(x, box, size):
    x1, y1, columns, rows = cells_of_region(box, 1)
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            top, bottom = y1 + i * rows // size, y1 + -(-(i + 1) * rows // size)
            left, right = x1 + j * columns // size, x1 + -(-(j + 1) * columns // size)
            bin_ = x[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]  # a slice stops at the end by itself
            if bin_.size:
                out[i, j] = bin_.max()
    return out


def _pool_cells(x, x1, y1, columns, rows, size, best=np.max, up=True):
    out = np.zeros((size, size))
    for i, j in np.ndindex(out.shape):
        edges = []
        for place, start, count in ((i, y1, rows), (j, x1, columns)):
            low = place * count // size
            high = -(-(place + 1) * count // size) if up else max((place + 1) * count // size, low + 1)
            edges.append(slice(max(start + low, 0), max(start + high, 0)))
        window = x[edges[0], edges[1]]
        if window.size:
            out[i, j] = best(window)
    return out


def roi_pool_halves_to_even(x, box, size):
    return _pool_cells(x, *cells_halves_to_even(box, 1), size)


def roi_pool_rounded_down(x, box, size):
    return _pool_cells(x, *cells_rounded_down(box, 1), size)


def roi_pool_without_one(x, box, size):
    x1, y1, columns, rows = cells_without_one(box, 1)
    return _pool_cells(x, x1, y1, max(columns, 1), max(rows, 1), size)


def roi_pool_bins_apart(x, box, size):
    return _pool_cells(x, *cells_of_region(box, 1), size, up=False)


def roi_pool_mean(x, box, size):
    return _pool_cells(x, *cells_of_region(box, 1), size, best=np.mean)


def roi_pool_transposed(x, box, size):
    return roi_pool(x, box, size).T


def roi_pool_from_zero(x, box, size):
    return np.maximum(roi_pool(x, box, size), 0)


def roi_pool_bins_may_be_empty(x, box, size):
    x1, y1, columns, rows = cells_of_region(box, 1)
    out = np.zeros((size, size))
    for i, j in np.ndindex(out.shape):
        top, bottom = max(y1 + i * rows // size, 0), max(y1 + (i + 1) * rows // size, 0)
        left, right = max(x1 + j * columns // size, 0), max(x1 + (j + 1) * columns // size, 0)
        if x[top:bottom, left:right].size:
            out[i, j] = x[top:bottom, left:right].max()
    return out


def roi_pool_smallest(x, box, size):
    return -roi_pool(-x, box, size)


def roi_pool_exchanged(x, box, size):
    return roi_pool(x.T, box, size)


def roi_pool_whole_bins(x, box, size):
    x1, y1, columns, rows = cells_of_region(box, 1)
    out, height, width = np.zeros((size, size)), max(rows // size, 1), max(columns // size, 1)
    for i, j in np.ndindex(out.shape):
        window = x[max(y1 + i * height, 0) : max(y1 + (i + 1) * height, 0)]
        window = window[:, max(x1 + j * width, 0) : max(x1 + (j + 1) * width, 0)]
        if window.size:
            out[i, j] = window.max()
    return out


def roi_pool_rounded_up_bins(x, box, size):
    x1, y1, columns, rows = cells_of_region(box, 1)
    out, height, width = np.zeros((size, size)), -(-rows // size), -(-columns // size)
    for i, j in np.ndindex(out.shape):
        window = x[max(y1 + i * height, 0) : max(y1 + (i + 1) * height, 0)]
        window = window[:, max(x1 + j * width, 0) : max(x1 + (j + 1) * width, 0)]
        if window.size:
            out[i, j] = window.max()
    return out


def roi_pool_of_the_map(x, box, size):
    return roi_pool(x, (0, 0, x.shape[1] - 1, x.shape[0] - 1), size)


def roi_pool_minus_infinity(x, box, size):
    found = roi_pool(x - x.max() - 1, box, size)
    return np.where(found < 0, found + x.max() + 1, -np.inf)


def roi_pool_empty_is_an_error(x, box, size):
    x1, y1, columns, rows = cells_of_region(box, 1)
    out = np.zeros((size, size))
    for i, j in np.ndindex(out.shape):
        top, bottom = y1 + i * rows // size, y1 - (-(i + 1) * rows // size)
        left, right = x1 + j * columns // size, x1 - (-(j + 1) * columns // size)
        out[i, j] = x[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)].max()
    return out


def maps_with_boxes():
    grid = np.arange(16).reshape(4, 4) * 7 % 16
    tiny = [
        (grid, (0, 0, 1, 1), 1),
        (grid, (0, 0, 3, 3), 2),
        (grid, (0.5, 1, 2.5, 3), 2),  # halves: columns 1 to 3
        (grid, (1, 0, 3, 2), 2),  # three cells for two bins
        (-grid, (0, 0, 3, 3), 2),
        (grid, (2, 2, 5, 5), 2),  # partly outside
        (grid, (1, 1, 1.4, 1.4), 2),  # one cell
    ]
    rng = np.random.default_rng(71)
    more = [(rng.permutation(48).reshape(6, 8), np.array([1.5, 0.5, 6.5, 4.2]) + d, 3) for d in (0, 0.25)]
    return [(np.array(x, float), np.array(box, float), size) for x, box, size in (*tiny, *more)]


EXERCISE = Exercise(
    question="Return the maxima (size, size) of a region of the map x (H, W), its box (4,) given in cells.",
    answer=roi_pool,
    cases=maps_with_boxes,
    hints=(
        "First the cells, as in the last exercise with a step of 1. Then bin j of n columns begins at j * n // size "
        "of them.",
        "It ends before -(-(j + 1) * n // size), which is rounded up; so bins overlap. Cut the slice at 0, and leave "
        "0 where it is empty.",
    ),
    mistakes={
        "halves to even": Mistake(
            roi_pool_halves_to_even, "your halves go to the even number: from 0.5 to 2.5 is columns 1 to 3."
        ),
        "rounded down": Mistake(roi_pool_rounded_down, "the corners are rounded, not cut off."),
        "without one": Mistake(roi_pool_without_one, "the last cell is missing: from 0 to 3 are 4 columns."),
        "bins apart": Mistake(
            roi_pool_bins_apart,
            "your bins do not overlap. The end is rounded up: three cells and two bins are 0 to 2 and 1 to 3.",
            variants=(roi_pool_bins_may_be_empty, roi_pool_whole_bins, roi_pool_rounded_up_bins),
        ),
        "from zero": Mistake(
            roi_pool_from_zero,
            "your maximum starts at 0, and 0 wins where all numbers of a bin are negative. Only an *empty* bin gives 0.",
        ),
        "smallest": Mistake(roi_pool_smallest, "these are the smallest numbers; RoI pooling takes the largest."),
        "x and y exchanged": Mistake(
            roi_pool_exchanged, "x and y of the box are exchanged: x chooses the columns, y the rows."
        ),
        "whole map": Mistake(roi_pool_of_the_map, "you pool the whole map. Only the cells of the box count."),
        "empty bin": Mistake(
            roi_pool_minus_infinity,
            "a bin beyond the map is empty. It gives 0; the maximum of nothing is an error.",
            variants=(roi_pool_empty_is_an_error,),
        ),
        "mean": Mistake(roi_pool_mean, "this is the mean of each bin; RoI pooling takes the maximum."),
        "transposed": Mistake(roi_pool_transposed, "rows and columns are exchanged: y chooses the row."),
    },
)
