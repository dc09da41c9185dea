"""What the widgets of lessons 03 and 05 show: grids of numbers under convolution and under pooling."""

import numpy as np

from numpyssd.kernels.reference.conv2d import conv2d_forward
from numpyssd.kernels.reference.maxpool2d import maxpool2d_forward
from lessons.course.widgets.widget import box, hover, text, toggle

SIDE = 32  # of the square of a number, in units of the drawing
HEAD = 20  # room for the names of the grids


def convolution(x, weight, first=0):
    """Return the widget of a convolution (H, W) by (kh, kw): point at an output number to see where it comes from.

    Drawn are the input, the kernel and the output; each number of the window has its weight beside it.
    """
    out = conv2d_forward(x[None, :, :, None], weight[:, :, None, None], np.zeros(1, x.dtype))[0, :, :, 0]
    side, (height, width), (kh, kw) = 34, x.shape, weight.shape
    middle, right = (width + 0.5) * side, (width + kw + 1) * side  # where the kernel and the output begin
    marks = _numbers(x, 0, side, HEAD, lift=5) + _numbers(weight, middle, side, HEAD) + _numbers(out, right, side, HEAD)
    for left, name in ((0, "input"), (middle, "kernel"), (right, "output")):
        marks.append(text(left, HEAD - 6, name, anchor="start"))
    marks.append(box((middle, HEAD, middle + kw * side, HEAD + kh * side), "positive"))
    cells = []
    for (i, j), value in np.ndenumerate(out):
        window = x[i : i + kh, j : j + kw]
        terms = " + ".join(f"{a:g}·{_signed(b)}" for a, b in zip(window.flat, weight.flat))
        corners = np.array([j * side, HEAD + i * side, (j + kw) * side, HEAD + (i + kh) * side])
        own = [box(corners, "positive", kind="fill"), box(corners, "positive")]
        for (m, n), factor in np.ndenumerate(weight):
            at = (j + n + 1) * side - 3, HEAD + (i + m + 1) * side - 4  # the lower right corner of a square
            own.append(text(*at, f"×{factor:g}", "positive", "end"))
        words = f"output ({i}, {j}) = {terms} = {value:g}"
        cells.append((right + j * side, HEAD + i * side, side, side, words, own))
    size = (right + out.shape[1] * side + 2, HEAD + height * side + 2)
    label = f"Input {height} x {width}, kernel and output: point at a number of the output, or walk by the arrow keys."
    return hover(label, size, cells, out.shape[1], marks=marks, first=first)


def _signed(value):
    return f"({value:g})" if value < 0 else f"{value:g}"


def _numbers(grid, left, side, top=0, lift=0):
    """Return the marks of a grid of numbers, each ``lift`` above the middle of its square."""
    marks = []
    for (i, j), value in np.ndenumerate(grid):
        x, y = left + j * side, top + i * side
        marks += [box((x, y, x + side, y + side), "faint"), text(x + side / 2, y + side / 2 + 4 - lift, f"{value:g}")]
    return marks


def winners(grid, first=0):
    """Return the widget of a grid (H, W) pooled 2 x 2, rounded up: each maximum shows its window and its winner."""
    out, places = _pooled(grid, 2, 2, 0, True)
    left, cells = (grid.shape[1] + 2) * SIDE, []
    for (row, column), value in np.ndenumerate(out):
        window = grid[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        y, x = places[row, column]
        marks = [_square(2 * column, 2 * row, 2, "positive", "box"), _square(x, y, 1, "prediction", "fill")]
        tie = ", the first of equals" if (window == value).sum() > 1 else ""
        words = f"largest of {', '.join(f'{v:g}' for v in window.ravel())}: {value:g}, from row {y}, column {x}{tie}"
        cells.append((left + column * SIDE, row * SIDE, SIDE, SIDE, words, marks))
    size = (left + out.shape[1] * SIDE + 2, 2 * out.shape[0] * SIDE + 2)
    label = "Point at a maximum (right), or walk by the arrow keys: blue is its window, orange the winner."
    marks = _numbers(grid, 0, SIDE) + _numbers(out, left, SIDE)
    return hover(label, size, cells, out.shape[1], marks=marks, first=first)


def poolings(grid, first=0):
    """Return the widget that pools a grid (H, W) in three ways: rounded down, rounded up, and as pool5 does."""
    states, modes = [], (("2 x 2, down", 2, 2, 0, False), ("2 x 2, up", 2, 2, 0, True), ("pool5", 3, 1, 1, False))
    left = (grid.shape[1] + 2) * SIDE
    for name, size, stride, padding, ceil_mode in modes:
        out, places = _pooled(grid, size, stride, padding, ceil_mode)
        won = sorted(set(map(tuple, places.reshape(-1, 2).tolist())))
        marks = [_square(x, y, 1, "prediction", "fill") for y, x in won]
        # The windows of pool5 lie over each other: one of them, in the middle, stands for all.
        shown = np.ndindex(out.shape) if stride == size else [(out.shape[0] // 2, out.shape[1] // 2)]
        marks += [_square(c * stride - padding, r * stride - padding, size, "positive", "box") for r, c in shown]
        reach = np.minimum((np.array(out.shape) - 1) * stride + size - padding, grid.shape)
        say = f"{grid.shape[0]} x {grid.shape[1]} becomes {out.shape[0]} x {out.shape[1]}; "
        say += f"numbers in no window: {grid.size - reach.prod()}; winners: {len(won)}"
        marks += _numbers(grid, 0, SIDE) + _numbers(out, left, SIDE)
        states.append({"name": name, "say": say, "marks": marks})
    size = (left + grid.shape[1] * SIDE + 2, (grid.shape[0] + 1) * SIDE + 2)
    return toggle("One grid, pooled in three ways. Orange has won.", size, states, first=first)


def _pooled(grid, size, stride, padding, ceil_mode):
    """Return the maxima (H', W') of a grid, and row and column (H', W', 2) of each winner."""
    x = np.asarray(grid, float)[None, :, :, None]
    out, argmax = (a[0, :, :, 0] for a in maxpool2d_forward(x, size, stride, padding, ceil_mode))
    places = np.indices(out.shape) * stride - padding + np.stack(np.divmod(argmax.astype(int), size))  # (2, H', W')
    return out, places.transpose(1, 2, 0)


def _square(column, row, count, role, kind):
    """Return the mark of count x count squares of a grid of numbers."""
    low = np.array([column, row])
    return box((*(low * SIDE + 2), *((low + count) * SIDE - 2)), role, kind=kind)
