"""What the widgets of lesson 20 show: two objects that may share a cell, and a crowd under finer and finer grids."""

import numpy as np

from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import UNIT, box, cells, line, threshold
from numpyssd.rivals.yolo.grid_targets import grid_targets, objects_of_cells

GRIDS = (5, 7, 10, 19)
STEPS, STEP = 40, 10  # places along a side of the drawing, and its units between them
SIDE = STEPS * STEP


def lost_of(scenes, grid):
    """Return how many objects have no cell of their own, and how many objects there are.

    scenes: for each image the boxes (M, 4) xyxy in [0, 1] of its objects.
    """
    objects = sum(len(boxes) for boxes in scenes)
    return objects - sum(int((objects_of_cells(boxes, grid) >= 0).sum()) for boxes in scenes), objects


def two_objects(scenes, first=1):
    """Return the widget of two objects to drag over a grid, with the lost objects of some scenes; see lost_of."""
    things = [
        {"name": "the tall object", "role": "ground truth", "x": 6, "y": 9, "w": 6, "h": 12},
        {"name": "the flat object", "role": "ground truth", "x": 24, "y": 22, "w": 10, "h": 4},
    ]
    grids = []
    for grid in GRIDS:
        lost, objects = lost_of(scenes, grid)
        words = f"{100 * lost / objects:.1f}\u00a0% ({lost} of {objects})"
        counts = [(f"{grid} x {grid} cells", "", "positive"), (f"{len(scenes)} scenes lose", words, "negative")]
        grids.append({"size": SIDE / grid, "marks": _lines(grid), "counts": counts, "at": _columns(grid)})
    words = {
        "place": "row {0}, column {2} (x {3}, y {1})",
        "apart": "Tall: {0}. Flat: {1}. Two cells, both are learned.",
        "lost": "Tall: {0}. Flat: {1}. One cell: the flat object is lost.",
    }
    label = "Drag the objects, or move them by the arrow keys. The slider makes the grid finer."
    return cells(label, (SIDE, SIDE), things, grids, STEP, words, first)


def _columns(grid):
    """Return for each center along a side, in half steps, its column and where in it, as the library has them."""
    found = []
    for center in np.arange(2 * STEPS + 1) / (2 * STEPS):
        middle, half = np.array([center, 0.5 / grid]), 0.005
        corners = np.concatenate([middle - half, middle + half])[None]
        cell_boxes, cell_labels = grid_targets(corners, [1], grid)
        cell = int(np.flatnonzero(cell_labels)[0])
        found.append((cell % grid, f"{cell_boxes[cell, 0]:.2f}"))
    return found


def _lines(grid, role="grid"):
    """Return the marks of the lines of a grid; role: "number" is darker, to be seen on an image."""
    ends = [SIDE * k / grid for k in range(1, grid)]
    return [line(x, 0, x, SIDE, role) for x in ends] + [line(0, y, SIDE, y, role) for y in ends]


def crowd_under_grids(image, boxes, first=1):
    """Return the widget of a crowd under finer and finer grids, and which of its objects are lost.

    image: (S, S, 3); boxes: (M, 4) xyxy in [0, 1].
    """
    states = []
    for grid in GRIDS:
        kept = objects_of_cells(boxes, grid)
        kept = set(kept[kept >= 0].tolist())
        roles = ["ground truth" if m in kept else "negative" for m in range(len(boxes))]
        marks = _lines(grid, "number") + [box(corners * SIDE, role) for corners, role in zip(boxes, roles)]
        lost = len(boxes) - len(kept)
        say = f"{grid} x {grid} cells: {lost} of {len(boxes)} objects are lost, {100 * lost / len(boxes):.0f}\u00a0%"
        counts = [("learned", len(kept), "ground truth"), ("lost", lost, "negative")]
        states.append({"say": say, "marks": marks, "counts": counts, "point": (grid / 20, lost / len(boxes))})
    curve, axes = [state["point"] for state in states], ("cells along a side", "fraction lost")
    ticks = [(n / 20, f"{n}") for n in (0, 5, 10, 15, 20)], UNIT
    label = "Make the grid finer: which objects have no cell of their own (red)?"
    return threshold(label, (SIDE, SIDE), states, pale(image), (), curve, axes, first, ticks)
