"""What the widgets of the lessons show: each a component of the library, for every position of its control."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.kernels.reference.conv2d import conv2d_forward
from numpyssd.kernels.reference.maxpool2d import maxpool2d_forward
from lessons.course.widgets.widget import box, drag, hover, line, rows, text, toggle
from numpyssd.model.default_boxes import cell_sizes, centers, map_boxes

SIDE = 32  # of the square of a number, in units of the drawing


def pale(image):
    """Return an image (H, W, 3) nearly white, so that what is drawn over it stands out."""
    return 255 - (255 - image) // 3


def two_boxes(columns=24, rows=14, step=15):
    """Return the widget of two boxes and their IoU, for every way that one may lie to the other."""
    first = {"name": "the green box", "role": "ground truth", "x": 6, "y": 3, "w": 8, "h": 6}
    variants = []
    for name, w, h in (("equal", 8, 6), ("smaller", 4, 3), ("tall", 4, 10), ("larger", 12, 10)):
        second = {"name": "the orange box", "role": "prediction", "x": 10, "y": 5, "w": w, "h": h}
        variants.append({"name": name, "things": [dict(first), second], "states": _overlaps(first, w, h, step)})
    marks = [line(x * step, 0, x * step, rows * step, "grid") for x in range(columns + 1)]
    marks += [line(0, y * step, columns * step, y * step, "grid") for y in range(rows + 1)]
    label = "Drag the boxes, or move them by the arrow keys. The sides of the squares are 1."
    return drag(label, (columns * step, rows * step), variants, step, marks=marks, relative=True)


def _overlaps(first, w, h, step):
    """Return words and the shared part for each way from the first box's corner to that of a box of w x h."""
    states, areas = {}, first["w"] * first["h"] + w * h
    a = np.array([[0, 0, first["w"], first["h"]]], float)
    for dy in range(-h + 1, first["h"]):
        for dx in range(-w + 1, first["w"]):
            b = np.array([[dx, dy, dx + w, dy + h]], float)
            low, high = np.maximum(a[0, :2], b[0, :2]), np.minimum(a[0, 2:], b[0, 2:])
            shared = int((high - low).prod())
            words = f"shared {shared} / covered {areas - shared} = IoU {iou(a, b)[0, 0]:.3f}"
            states[f"{dx},{dy}"] = (words, [box(np.concatenate([low, high]) * step, "positive", kind="fill")])
    states["other"] = (f"shared 0 / covered {areas} = IoU 0.000", [])
    return states


def all_rows(config, image, first=0):
    """Return the widget of a network's default boxes, one row of its output after the other; first: where it begins."""
    maps, count = rows_of_maps(config)
    return rows(f"All {count} rows: slide, or step one by one.", maps, config.image_size, pale(image), first)


def rows_of_maps(config):
    """Return for each map what the widget of rows has to know, and how many rows there are."""
    maps, before = [], 0
    for feature_map in config.feature_maps:
        sizes = cell_sizes(feature_map, config.whole_pixels)  # (B, 2)
        names = ["small square", "large square"] + ["wide", "tall"] * len(feature_map.aspect_ratios)
        middles = centers(feature_map, config.image_size, config.center_rule)
        maps.append({
            "name": feature_map.name, "size": feature_map.size, "step": feature_map.step, "first": before,
            "centers": middles.round(3).tolist(),
            "shapes": [(*np.round(size, 2).tolist(), name) for size, name in zip(sizes, names)],
        })  # fmt: skip
        before += feature_map.size**2 * len(sizes)
    return maps, before


def boxes_of_cells(config, index, image, first=0):
    """Return the widget of a feature map's cells: point at one to see its default boxes and their rows."""
    feature_map, side = config.feature_maps[index], config.image_size
    per_cell, step = feature_map.boxes_per_cell, feature_map.step
    before = sum(m.size**2 * m.boxes_per_cell for m in config.feature_maps[:index])
    boxes = cxcywh_to_xyxy(map_boxes(feature_map, config)).reshape(-1, per_cell, 4) * side
    cells = []
    for cell, own in enumerate(boxes):
        row, column = divmod(cell, feature_map.size)
        start = before + cell * per_cell
        words = f"cell (row {row}, column {column}) of {feature_map.name}: rows {start} to {start + per_cell - 1}"
        cells.append((column * step, row * step, step, step, words, [box(each, "positive") for each in own]))
    whole = int(feature_map.size * step)
    label = f"Point at a cell of {feature_map.name}, or walk by the arrow keys."
    return hover(label, (side, side), cells, feature_map.size, pale(image), first=first, shown=(whole, whole))


def convolution(x, weight, first=0):
    """Return the widget of a convolution (H, W) by (kh, kw): point at an output number to see where it comes from."""
    out = conv2d_forward(x[None, :, :, None], weight[:, :, None, None], np.zeros(1, x.dtype))[0, :, :, 0]
    side, (height, width), (kh, kw) = 30, x.shape, weight.shape
    left = (width + 1) * side  # where the output begins
    marks = _numbers(x, 0, side) + _numbers(out, left, side)
    cells = []
    for (i, j), value in np.ndenumerate(out):
        window = x[i : i + kh, j : j + kw]
        terms = " + ".join(f"{a:g}·{_signed(b)}" for a, b in zip(window.flat, weight.flat) if b)
        corners = np.array([j, i, j + kw, i + kh]) * side
        words = f"output ({i}, {j}) = {terms} = {value:g}"
        own = [box(corners, "positive", kind="fill"), box(corners, "positive")]
        cells.append((left + j * side, i * side, side, side, words, own))
    size = (left + out.shape[1] * side + 2, height * side + 2)
    label = f"Input {height} x {width} and output {out.shape[0]} x {out.shape[1]}: point at a number of the output."
    return hover(label, size, cells, out.shape[1], marks=marks, first=first)


def _signed(value):
    return f"({value:g})" if value < 0 else f"{value:g}"


def _numbers(grid, left, side):
    """Return the marks of a grid of numbers."""
    marks = []
    for (i, j), value in np.ndenumerate(grid):
        x, y = left + j * side, i * side
        marks += [box((x, y, x + side, y + side), "faint"), text(x + side / 2, y + side / 2 + 4, f"{value:g}")]
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
    states, ways = [], (("2 x 2, down", 2, 2, 0, False), ("2 x 2, up", 2, 2, 0, True), ("pool5", 3, 1, 1, False))
    left = (grid.shape[1] + 2) * SIDE
    for name, size, stride, padding, ceil_mode in ways:
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
