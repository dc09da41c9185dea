"""Exercises of lesson 21: the cells of a region, RoI pooling and its gradient, smooth L1 with sigma, labels of anchors."""

import numpy as np

from numpyssd.training.losses import smooth_l1
from lessons.course.exercises.exercise import Exercise, Mistake


def _rounded(x):
    return int(np.floor(abs(x) + 0.5)) * (1 if x >= 0 else -1)  # halves away from zero, as C has it


def _to_even(x):
    return int(np.rint(x))


def _down(x):
    return int(np.floor(x))


def cells_of_region(box, step):
    x1, y1, x2, y2 = (_rounded(corner / step) for corner in box)
    return x1, y1, x2 - x1 + 1, y2 - y1 + 1


def _cells_by(box, step, rounding, one=1):
    x1, y1, x2, y2 = (rounding(corner / step) for corner in box)
    return x1, y1, x2 - x1 + one, y2 - y1 + one


def cells_halves_to_even(box, step):
    return _cells_by(box, step, _to_even)


def cells_rounded_down(box, step):
    return _cells_by(box, step, _down)


def cells_without_one(box, step):
    return _cells_by(box, step, _rounded, 0)


def cells_size_rounded(box, step):
    x1, y1, x2, y2 = (corner / step for corner in box)
    return _rounded(x1), _rounded(y1), _rounded(x2 - x1) + 1, _rounded(y2 - y1) + 1


def cells_rows_first(box, step):
    x, y, columns, rows = cells_of_region(box, step)
    return y, x, rows, columns


def cells_corners(box, step):
    return tuple(_rounded(corner / step) for corner in box)


def cells_halves_up(box, step):
    return _cells_by(box, step, lambda x: int(np.floor(x + 0.5)))


def cells_cut(box, step):
    return _cells_by(box, step, int)


def cells_rounded_up(box, step):
    return _cells_by(box, step, lambda x: int(np.ceil(x)))


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
    x1, y1, x2, y2 = (_rounded(corner / step) for corner in box)
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


def smooth_l1_of_sigma(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma**2, gradient


def sigma_not_divided(x, sigma):
    return smooth_l1(sigma**2 * x)


def sigma_in_the_gradient(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma**2, gradient / sigma**2


def sigma_chain_rule_only(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma**2, gradient * sigma**2


def sigma_not_squared(x, sigma):
    value, gradient = smooth_l1(sigma * x)
    return value / sigma, gradient


def sigma_left_out(x, sigma):
    return smooth_l1(x)


def sigma_divided_once(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value / sigma, gradient


def sigma_inside_not_squared(x, sigma):
    value, gradient = smooth_l1(sigma * x)
    return value / sigma**2, gradient


def sigma_divided_inside(x, sigma):
    value, gradient = smooth_l1(x / sigma**2)
    return value * sigma**2, gradient


def sigma_times_value(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value * sigma**2, gradient


def sigma_value_of_one(x, sigma):
    return smooth_l1(x)[0], smooth_l1(sigma**2 * x)[1]


def sigma_gradient_of_one(x, sigma):
    return smooth_l1(sigma**2 * x)[0] / sigma**2, smooth_l1(x)[1]


def sigma_limit_not_squared(x, sigma):
    near = np.abs(x) < 1 / sigma
    value = np.where(near, 0.5 * (sigma * x) ** 2, np.abs(x) - 0.5 / sigma**2)
    return value, np.where(near, sigma**2 * x, np.sign(x))


def sigma_limit_of_one(x, sigma):
    near = np.abs(x) < 1
    value = np.where(near, 0.5 * (sigma * x) ** 2, np.abs(x) - 0.5 / sigma**2)
    return value, np.where(near, sigma**2 * x, np.sign(x))


def errors_and_sigmas():
    some = [[0.0], [0.5], [0.05], [-0.05], [2.0], [-2.0, -0.2, 0.1, 1.0]]
    return [(np.array(x), sigma) for sigma in (1.0, 3.0, 2.0) for x in some]


def label_anchors(overlaps, positive, negative):
    labels = np.full(overlaps.shape[1], -1)
    best = overlaps.max(axis=0, initial=0)  # (K,)
    labels[best < negative] = 0
    for row in overlaps:
        if row.max() > 0:  # no anchor touches this object
            labels[row == row.max()] = 1
    labels[best >= positive] = 1
    return labels


def labels_with_ties_at_zero(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    for row in overlaps:
        labels[row == row.max()] = 1
    return labels


def labels_negative_last(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    labels[overlaps.max(axis=0, initial=0) < negative] = 0
    return labels


def labels_first_tie_only(overlaps, positive, negative):
    labels = labels_threshold_only(overlaps, positive, negative)
    for row in overlaps:
        if row.max() > 0:
            labels[row.argmax()] = 1
    return labels


def labels_threshold_only(overlaps, positive, negative):
    best = overlaps.max(axis=0, initial=0)
    return np.where(best >= positive, 1, np.where(best < negative, 0, -1))


def labels_nothing_ignored(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    return np.where(labels < 0, 0, labels)


def labels_no_objects(overlaps, positive, negative):
    overlaps.max(axis=0)  # an error without rows
    return label_anchors(overlaps, positive, negative)


def labels_above_positive(overlaps, positive, negative):
    return label_anchors(overlaps, positive + 1e-9, negative)


def labels_up_to_negative(overlaps, positive, negative):
    return label_anchors(overlaps, positive, negative + 1e-9)


def labels_best_only(overlaps, positive, negative):
    return label_anchors(overlaps, 2.0, negative)


def labels_exchanged(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    return np.choose(labels + 1, (0, -1, 1))


def labels_of_the_largest(overlaps, positive, negative):
    labels = labels_threshold_only(overlaps, positive, negative)
    if overlaps.size and overlaps.max() > 0:
        labels[(overlaps == overlaps.max()).any(axis=0)] = 1
    return labels


def tables_of_overlaps():
    tiny = [
        [[0.8, 0.5, 0.1]],
        [[0.7, 0.3, 0.2]],
        [[0.2, 0.1, 0.0]],  # the best is below 0.3
        [[0.5, 0.5, 0.1]],  # two tie
        [[0.0, 0.0, 0.0], [0.8, 0.4, 0.0]],  # no anchor touches the first object
        [[0.6, 0.1, 0.2], [0.1, 0.25, 0.1]],
    ]
    rng = np.random.default_rng(4)
    tables = [np.array(t) for t in tiny] + [np.zeros((0, 4))] + [rng.integers(0, 10, (3, 6)) / 10 for _ in range(3)]
    return [(table, 0.7, 0.3) for table in tables]


EXERCISES = {
    "cells_of_region": Exercise(
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
            "without one": Mistake(
                cells_without_one, "the cell of the lower right corner belongs to the region: add 1."
            ),
            "size rounded": Mistake(
                cells_size_rounded, "you rounded width and height; the corners are rounded, and the size follows."
            ),
            "rows first": Mistake(cells_rows_first, "you return rows first; the order here is x, y, columns, rows."),
        },
    ),
    "roi_pool": Exercise(
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
    ),
    "roi_pool_gradient": Exercise(
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
                "= instead of +=: a cell that two regions read has two ways to the loss, and their slopes add up.",
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
    ),
    "smooth_l1_of_sigma": Exercise(
        question="Return value and gradient (N,) of smooth L1 with sigma, from ``smooth_l1(x)``, which returns both.",
        answer=smooth_l1_of_sigma,
        cases=errors_and_sigmas,
        hints=(
            "The square ends at 1 where sigma = 1, and at 1 / sigma² here. So what has to go into smooth_l1?",
            "The value is smooth_l1(sigma² x) / sigma². In its derivative, the chain rule's sigma² and the 1 / sigma² "
            "cancel.",
        ),
        mistakes={
            "not divided": Mistake(sigma_not_divided, "far from 0 the value must be |x| - ...: divide it by sigma²."),
            "gradient divided": Mistake(
                sigma_in_the_gradient, "the gradient is divided once too often: the chain rule multiplies by sigma²."
            ),
            "gradient multiplied": Mistake(
                sigma_chain_rule_only, "the chain rule's sigma² is there, but not the 1 / sigma² of the value."
            ),
            "not squared": Mistake(
                sigma_not_squared,
                "sigma stands in the square: it is sigma² everywhere.",
                variants=(sigma_divided_once, sigma_inside_not_squared),
            ),
            "left out": Mistake(sigma_left_out, "this is smooth L1 of SSD, with sigma = 1."),
            "upside down": Mistake(
                sigma_divided_inside,
                "multiply x by sigma², and divide the value by it: the square ends at 1 / sigma².",
                variants=(sigma_times_value,),
            ),
            "one of the two": Mistake(
                sigma_value_of_one,
                "value and gradient belong to different functions: both come from smooth_l1(sigma² x).",
                variants=(sigma_gradient_of_one,),
            ),
            "limit": Mistake(
                sigma_limit_not_squared,
                "the square ends at another place: at |x| = 1 / sigma², where both pieces have the gradient 1.",
                variants=(sigma_limit_of_one,),
            ),
        },
    ),
    "label_anchors": Exercise(
        question="Return a label (K,) for each anchor: 1 object, 0 background, -1 neither, from overlaps (M, K).",
        answer=label_anchors,
        cases=tables_of_overlaps,
        hints=(
            "Three rules, a later one wins: below ``negative`` with every object: 0. Each object's best, and its ties: "
            "1. From ``positive`` on: 1.",
            "overlaps.max(axis=0, initial=0) also works without objects. An object whose largest overlap is 0 has no "
            "best anchor at all.",
        ),
        mistakes={
            "ties at zero": Mistake(
                labels_with_ties_at_zero,
                "an object that no anchor touches has a largest IoU of 0, and all anchors beside it tie for that. "
                "This is the released code's (py-faster-rcnn).",
            ),
            "negative last": Mistake(
                labels_negative_last,
                "a weak best anchor became background again: the order of the rules is part of the rule.",
            ),
            "first tie only": Mistake(labels_first_tie_only, "argmax returns the first of equals; all of them count."),
            "threshold only": Mistake(
                labels_threshold_only, "each object's best anchor is positive too, however small its IoU is."
            ),
            "nothing ignored": Mistake(
                labels_nothing_ignored, "between the thresholds is neither: -1, and no part of the loss."
            ),
            "no objects": Mistake(
                labels_no_objects,
                "an image may have no object. The maximum over no rows is an error: max(axis=0, initial=0).",
            ),
            "above": Mistake(
                labels_above_positive, "an IoU of exactly ``positive`` is enough for an object: >=, not >."
            ),
            "up to": Mistake(
                labels_up_to_negative, "an IoU of exactly ``negative`` is neither: only what is *below* is background."
            ),
            "best only": Mistake(
                labels_best_only, "an anchor with ``positive`` or more is an object too, even if another fits better."
            ),
            "exchanged": Mistake(labels_exchanged, "0 and -1 are exchanged: background is 0, and neither is -1."),
            "best of all": Mistake(
                labels_of_the_largest,
                "you look for the best anchor of the whole table. *Each* object has its own best one.",
            ),
        },
    ),
}
