"""What the widgets of lessons 01 and 08 show: the IoU of two boxes, and the rows and cells of the default boxes."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, drag, hover, line, rows
from numpyssd.model.default_boxes import cell_sizes, centers, map_boxes


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
    return rows(f"All {count} rows: slide, or step one by one.", maps, config.image_size, pale(image, 6), first)


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
        cells.append((column * step, row * step, step, step, words, [box(each, "default box") for each in own]))
    whole = int(feature_map.size * step)
    label = f"Point at a cell of {feature_map.name}, or walk by the arrow keys."
    return hover(label, (side, side), cells, feature_map.size, pale(image, 6), first=first, shown=(whole, whole))
