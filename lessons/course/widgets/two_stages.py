"""What the widgets of lesson 21 show: proposals before and after NMS, and the cells that a region reads."""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.nms import nms
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import UNIT, box, drag, line, text, threshold
from numpyssd.rivals.faster_rcnn.roi_align import interpolation, sample_points
from numpyssd.rivals.faster_rcnn.roi_pooling import cells_read

THRESHOLDS = (None, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)  # of NMS; None is without
FOUND = 0.5  # a proposal with this IoU counts as one of the object
CELLS, QUARTER = 5, 15  # the map has so many rows and columns; a quarter of a cell in units of the drawing
SIZES = (("small: 20 px", 5), ("medium: 56 px", 14), ("large: 72 px", 18))  # of a box, in quarters of a cell of 16 px


def proposals_and_nms(image, boxes, scores, objects, shown=30, first=0.7):
    """Return the widget of the best ``shown`` proposals that NMS leaves, at one threshold after the other.

    boxes: (K, 4) xyxy and objects: (M, 4) xyxy in pixels of the image; scores: (K,).
    """
    states, curve, image_side = [], [], image.shape[0]
    objects_marks = [box(each, "ground truth") for each in objects]
    for n, limit in enumerate(THRESHOLDS):
        kept = np.argsort(-scores, kind="stable") if limit is None else nms(boxes, scores, limit)
        best = boxes[kept[:shown]]  # (P, 4)
        overlaps = iou(objects, best).max(axis=1)  # (M,)
        found = int((overlaps >= FOUND).sum())
        curve.append((n / (len(THRESHOLDS) - 1), float(overlaps.mean())))
        name = "without NMS" if limit is None else f"NMS at {limit:g}"
        states.append({
            "say": f"{name}: {len(kept)} boxes left, the best {len(best)} are shown; "
            f"{found} of {len(objects)} objects have one with an IoU of {FOUND:g} or more",
            "marks": [*(box(each, "prediction") for each in best[::-1]), *objects_marks],
            "counts": [("found", found, "positive"), ("missed", len(objects) - found, "negative")],
            "point": curve[-1],
        })  # fmt: skip
    label = "Move the threshold of NMS, from none (left) to 0.3: which proposals are left?"
    at, axes, last = THRESHOLDS.index(first), ("threshold of NMS", "mean best IoU"), len(THRESHOLDS) - 1
    ticks = [(n / last, "none" if limit is None else f"{limit:g}") for n, limit in enumerate(THRESHOLDS)][::2], UNIT
    size = (image_side, image_side)
    return threshold(label, size, states, pale(image), curve=curve, axes=axes, first=at, ticks=ticks)


def cells_of_a_region():
    """Return the widget of a box over a map: the cells that RoI pooling reads, and how RoIAlign weighs them.

    One variant for each size of a box; it moves by quarters of a cell.
    """
    side, variants = 4 * CELLS, []
    for name, length in SIZES:
        at = (side - length) // 2 // 4 * 4 + 2  # half a cell beside a corner: where rounding decides
        thing = {
            "name": "the box",
            "role": "ground truth",
            "x": min(at, side - length),
            "y": 2,
            "w": length,
            "h": length,
        }
        places = [(x, y) for x in range(side - length + 1) for y in range(side - length + 1)]
        variants.append(
            {"name": name, "things": [thing], "states": {f"{x},{y}": _read(x, y, length) for x, y in places}}
        )
    size, step = side * QUARTER, 4 * QUARTER
    grid = [line(n * step, 0, n * step, size, "grid") for n in range(CELLS + 1)]
    grid += [line(0, n * step, size, n * step, "grid") for n in range(CELLS + 1)]
    label = (
        "Drag the green box over the cells, or move it by the arrow keys. Orange: what RoI pooling reads. "
        "Numbers: RoIAlign's weights, in percent."
    )
    return drag(label, (size, size), variants, QUARTER, marks=grid)


def _read(x, y, length):
    """Return words and marks for the box whose corner is (x, y), in quarters of a cell."""
    region = np.array([[x, y, x + length, y + length]]) / (4 * CELLS)  # (1, 4) xyxy in [0, 1]
    read = cells_read(region, CELLS, CELLS, CELLS)  # (1, 4)
    columns, rows = np.round((read[0, 2:] - read[0, :2]) * CELLS).astype(int)
    marks = [
        box(read[0] * 4 * CELLS * QUARTER, "prediction", kind="fill"),
        box(read[0] * 4 * CELLS * QUARTER, "prediction"),
    ]
    weights = cell_weights(region)
    step = 4 * QUARTER
    for (i, j), weight in np.ndenumerate(weights):
        if round(100 * weight):
            marks.append(text((j + 0.5) * step, (i + 0.5) * step + 4, round(100 * weight)))
    without = cells_read(region, CELLS, CELLS, CELLS, plus_one=False)
    values = [iou(region, each)[0, 0] for each in (read, without)]
    words = "RoI pooling reads {} x {} cells: IoU {:.2f}; without the +1 {:.2f}"
    return words.format(columns, rows, *values), marks


def cell_weights(region, cells=CELLS, size=7):
    """Return how much each cell (cells, cells) weighs in the mean of all bins of RoIAlign; region: (1, 4) xyxy."""
    rows, columns = (
        interpolation(points, cells, size)[0].mean(axis=0) for points in sample_points(region, cells, size)
    )
    return np.outer(rows, columns)
