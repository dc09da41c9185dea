"""What the widgets of the lessons on pooling show, like numpyssd.learn.scenes."""

import numpy as np

from numpyssd.kernels.reference.maxpool2d import maxpool2d_forward
from numpyssd.learn.widgets import _html, box, hover, text

UNIT = 34  # a number's square, in units of the drawing


def winners(grid, size=2, stride=2, first=0):
    """Return the widget of a pooled grid (H, W): point at a maximum and see its window and its winner."""
    out, places = _pooled(grid, size, stride, 0, True)
    left = _left(grid)
    cells = []
    for (row, column), value in np.ndenumerate(out):
        y, x = places[row, column]
        inside = np.asarray(grid)[row * stride : row * stride + size, column * stride : column * stride + size]
        corner = np.array([column * stride, row * stride])
        marks = [box((*corner * UNIT, *(corner + size) * UNIT), "positive"), _square(x, y, "prediction")]
        tie = ", the first of equals" if (inside == value).sum() > 1 else ""
        words = f"largest of {', '.join(f'{v:g}' for v in inside.ravel())}: {value:g}, at row {y}, column {x}{tie}"
        cells.append((left + column * UNIT, row * UNIT, UNIT, UNIT, words, marks))
    marks = _numbers(grid, 0) + _numbers(out, left)
    label = "Point at a maximum (right), or walk by the arrow keys: blue is its window, orange the winner."
    return hover(label, _extent(grid, out), cells, out.shape[1], marks=marks, first=first)


def rounding(grid):
    """Return the widget that pools a grid (H, W) in three ways: rounded down, rounded up, and as pool5 does."""
    states, extent = [], _extent(grid, grid)
    for name, size, stride, padding, ceil_mode in (
        ("2 x 2, rounded down", 2, 2, 0, False), ("2 x 2, rounded up", 2, 2, 0, True), ("pool5", 3, 1, 1, False),
    ):  # fmt: skip
        out, places = _pooled(grid, size, stride, padding, ceil_mode)
        won = {tuple(place) for place in places.reshape(-1, 2).tolist()}
        marks = [_square(x, y, "prediction") for y, x in sorted(won)]
        if stride > 1:
            for row, column in np.ndindex(out.shape):
                corner = np.array([column, row]) * stride
                marks.append(box((*corner * UNIT + 1, *(corner + size) * UNIT - 1), "positive"))
        else:
            marks.append(box((-UNIT, -UNIT, 2 * UNIT, 2 * UNIT), "positive", "the first window"))
        lost = _lost(grid, out, size, stride, padding)
        say = f"{_sides(grid)} becomes {_sides(out)}; {lost} numbers are in no window"
        states.append({"name": name, "say": say, "marks": marks + _numbers(grid, 0) + _numbers(out, _left(grid))})
    label = "One grid, pooled in three ways. Orange won at least one window."
    return _html("toggle", label, extent, None, [], margin=UNIT, states=states, first=1)


def _pooled(grid, size, stride, padding, ceil_mode):
    """Return the maxima (H', W') and the row and column (H', W', 2) of each winner."""
    x = np.asarray(grid, np.float32)[None, :, :, None]
    out, argmax = (a[0, :, :, 0] for a in maxpool2d_forward(x, size, stride, padding, ceil_mode))
    places = np.indices(out.shape) * stride - padding + np.stack(np.divmod(argmax.astype(int), size))
    return out, places.transpose(1, 2, 0)


def _lost(grid, out, size, stride, padding):
    reach = (np.array(out.shape) - 1) * stride + size - padding
    return int(np.size(grid) - np.minimum(reach, np.shape(grid)).prod())


def _sides(grid):
    return f"{np.shape(grid)[0]} x {np.shape(grid)[1]}"


def _left(grid):
    return (np.shape(grid)[1] + 2) * UNIT


def _extent(grid, out):
    return _left(grid) + np.shape(out)[1] * UNIT, (np.shape(grid)[0] + 1) * UNIT


def _square(x, y, role):
    return box((x * UNIT + 3, y * UNIT + 3, (x + 1) * UNIT - 3, (y + 1) * UNIT - 3), role, kind="fill")


def _numbers(grid, left):
    marks = []
    for (row, column), value in np.ndenumerate(np.asarray(grid)):
        x, y = left + column * UNIT, row * UNIT
        marks.append(["box", "grid", x, y, UNIT, UNIT])
        marks.append(text(x + UNIT / 2, y + UNIT / 2 + 4, f"{value:g}"))
    return marks
