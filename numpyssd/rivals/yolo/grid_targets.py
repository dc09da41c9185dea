"""Which cell of the grid answers for which object, and what it should say (YOLO, section 2, "Unified Detection").

The image is cut into grid x grid cells. The cell that holds the center of an object answers for it, and a cell answers
for one object only, however many boxes it predicts. Of two objects in one cell the network never learns the second.

Cell i is row * grid + column. A cell's box is (x, y, width, height): x and y from the cell's upper left corner in units
of the cell, width and height in units of the image.
"""

import numpy as np

from numpyssd.boxes import as_boxes, xyxy_to_cxcywh
from numpyssd.drawing import COLORS, draw_image

MIN_SIDE = 0.005  # of the image; Darknet leaves out thinner objects (data.c, fill_truth_region)


def objects_of_cells(boxes, grid, rng=None, min_side=MIN_SIDE):
    """Return for each cell the index of its object or -1, (grid²,) int64.

    boxes: (M, 4) xyxy in [0, 1]. Of the objects of one cell the first stays. rng: shuffles the objects before, as
    Darknet does, so that over the epochs each of them has its turn; None: as they come. min_side: an object with a
    thinner side, in units of the image, has no cell. Many ports let the last object win, in the order of the file.
    """
    boxes = as_boxes(boxes)
    order = np.arange(len(boxes)) if rng is None else rng.permutation(len(boxes))
    order = order[(boxes[order, 2:] - boxes[order, :2] >= min_side).all(axis=1)]
    cells = cells_of_boxes(boxes[order], grid)
    found, first = np.unique(cells, return_index=True)  # of each cell the first place in the order
    objects = np.full(grid * grid, -1, dtype=np.int64)  # (grid²,)
    objects[found] = order[first]
    return objects


def cells_of_boxes(boxes, grid):
    """Return the cell that holds the center of each box (M, 4) xyxy in [0, 1]: (M,) int64.

    A center on the right or lower edge of the image belongs to the last column or row; there is none after it.
    """
    column, row = np.clip(np.floor(xyxy_to_cxcywh(boxes)[:, :2] * grid).astype(np.int64), 0, grid - 1).T  # (M,) each
    return row * grid + column


def grid_targets(boxes, labels, grid, rng=None, min_side=MIN_SIDE):
    """Return what the network should say of one image: cell_boxes (grid², 4) and cell_labels (grid²,) int64.

    boxes: (M, 4) xyxy in [0, 1], labels: (M,) from 1 on. A cell without an object has label 0 and a box of zeros. The
    other arguments: see objects_of_cells. Raises ValueError for other shapes or a label below 1.
    """
    boxes, labels = as_boxes(boxes), np.asarray(labels)
    if labels.shape != (len(boxes),) or (labels < 1).any():
        raise ValueError(f"labels must be {len(boxes)} numbers of 1 or more, one for each box, not {labels}")
    objects = objects_of_cells(boxes, grid, rng, min_side)
    cells = np.flatnonzero(objects >= 0)  # (P,)
    objects = objects[cells]  # (P,)
    cell_boxes = np.zeros((grid * grid, 4), boxes.dtype)  # (grid², 4)
    cell_boxes[cells] = xyxy_to_cxcywh(boxes[objects])
    cell_boxes[cells, :2] = cell_boxes[cells, :2] * grid - np.stack([cells % grid, cells // grid], axis=1)
    cell_labels = np.zeros(grid * grid, np.int64)  # (grid²,)
    cell_labels[cells] = labels[objects]
    return cell_boxes, cell_labels


# ---------------------------------------------------------------------------------------------------------------------


def draw_cells(ax, image, boxes, grid):
    """Draw the grid, each object joined to the middle of its cell, and in red the objects that no cell answers for.

    image: (S, S, 3); boxes: (M, 4) xyxy in pixels.
    """
    size = len(image)
    objects, cells = objects_of_cells(boxes / size, grid), cells_of_boxes(boxes / size, grid)
    draw_image(ax, 255 - (255 - image) // 2)  # pale, so that the lines stand out
    for line in range(1, grid):
        ax.axvline(line * size / grid, color="black", linewidth=0.6)
        ax.axhline(line * size / grid, color="black", linewidth=0.6)
    dropped = 0
    for m, (x1, y1, x2, y2) in enumerate(boxes):
        has_cell = m in objects
        dropped += not has_cell
        color, style = (COLORS["ground truth"], "-") if has_cell else (COLORS["negative"], "-.")
        ax.add_patch(_outline(x1, y1, x2, y2, color, style))
        center, middle = ((x1 + x2) / 2, (y1 + y2) / 2), (np.array(divmod(cells[m], grid))[::-1] + 0.5) * size / grid
        ax.plot(*zip(center, middle), color=color, linewidth=1.6, linestyle=style)
        ax.plot(*center, "o", color=color, markersize=5)
    title = f"{grid} x {grid} cells:\n{len(boxes) - dropped} of {len(boxes)} objects have a cell of their own"
    ax.set_title(title, fontsize=10)  # two lines, since the figure may be narrow


def _outline(x1, y1, x2, y2, color, style):
    from matplotlib.patches import Rectangle

    return Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=color, linestyle=style, linewidth=2)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("rivals.grid_targets")
