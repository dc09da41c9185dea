"""Which of a cell's boxes is trained on its object: the one that is best already (YOLO, section 2.2).

The paper: "responsible" is the box with the highest IoU with the truth, as the network predicts them now. So the boxes
of a cell specialize in sizes and shapes. What the paper leaves out stands in Darknet (detection_layer.c): where no box
of the cell overlaps the object, the box with the smallest distance is responsible. Without that rule box 0 would be,
always, and a box that never wins is never trained: the loss counts the wins of each.
"""

import numpy as np

from numpyssd.drawing import COLORS, draw_boxes, draw_image


def responsible_boxes(boxes, cell_boxes, grid):
    """Return the responsible box of each cell (P,) int64, and the IoU of each box with the cell's object, (P, B).

    boxes: (P, B, 4) x, y, a, b as the network outputs them; cell_boxes: (P, 4) x, y, width, height (grid_targets.py).

    - The largest IoU wins; of equal ones the lower index.
    - If all are 0: the smallest root of squared differences of x, y, width and height, in units of the image.
    """
    found = np.concatenate([boxes[..., :2] / grid, boxes[..., 2:] ** 2], axis=-1)  # (P, B, 4) cxcywh
    truths = np.concatenate([cell_boxes[:, :2] / grid, cell_boxes[:, 2:]], axis=-1)[:, None]  # (P, 1, 4) cxcywh
    # Both lack the column and row of the cell, which is the same for both: no IoU changes.
    overlaps = paired_iou(found, truths)  # (P, B)
    apart = np.sqrt(((found - truths) ** 2).sum(axis=-1))  # (P, B)
    best = np.where(overlaps.max(axis=1) > 0, overlaps.argmax(axis=1), apart.argmin(axis=1))  # (P,)
    return best, overlaps


def paired_iou(a, b):
    """Return the IoU of boxes a and b, (..., 4) cxcywh each in one unit, which broadcast: (...).

    Centers and sizes, not corners: a port that takes the numbers of the network for corners gets a number as well. A
    box without area has IoU 0.
    """
    low = np.maximum(a[..., :2] - a[..., 2:] / 2, b[..., :2] - b[..., 2:] / 2)  # (..., 2)
    high = np.minimum(a[..., :2] + a[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2)  # (..., 2)
    intersection = np.maximum(high - low, 0).prod(axis=-1)
    union = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - intersection
    return np.where(intersection > 0, intersection / np.maximum(union, np.finfo(union.dtype).tiny), 0)


# ---------------------------------------------------------------------------------------------------------------------


def draw_responsible(ax, image, truth, boxes):
    """Draw an object and the boxes of its cell: the responsible one and, in red, the others, which learn "nothing".

    image: (S, S, 3); truth: (4,) and boxes: (B, 4), all xyxy in pixels.
    """
    size = len(image)

    def of_cell(corners):
        center, sides = (corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]
        return np.concatenate([center, sides], axis=-1) / size

    outputs = of_cell(boxes) ** [1, 1, 0.5, 0.5]
    best, overlaps = responsible_boxes(outputs[None], of_cell(truth)[None], 1)
    draw_image(ax, 255 - (255 - image) // 2)
    draw_boxes(ax, [truth], "ground truth", linewidth=3)
    for index, box in enumerate(boxes):
        won = index == best[0]
        target = f"confidence should be {overlaps[0, index]:.2f}, its IoU" if won else "confidence should be 0"
        draw_boxes(ax, [box], "positive" if won else "negative", [f"box {index + 1}: {target}"], linewidth=2.5)
    x, y = (truth[:2] + truth[2:]) / 2
    ax.plot(x, y, "o", color=COLORS["ground truth"], markersize=7)
    ax.set_title("Of the boxes of a cell, the best one learns the object", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("rivals.responsibility")
