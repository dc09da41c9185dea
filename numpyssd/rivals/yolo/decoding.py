"""From the outputs of the network to boxes and scores (YOLO, section 2, equation 1).

The network outputs (N, S, S, 5 B + C): in each cell of the S x S grid B boxes of five numbers, then C classes.

| number | meaning                                                                              |
| ------ | ------------------------------------------------------------------------------------ |
| x, y   | center of the box, from the cell's upper left corner, in units of the cell           |
| a, b   | roots of width and height, in units of the image; squaring them makes no side negative |
| C      | confidence: how large the IoU of the box with an object is                           |
| p(c)   | of the whole cell: probability of class c, if there is an object                     |

All are linear, so a score C p(c) may be below 0 or above 1. There is no class for background.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import MAX_COORDINATE
from numpyssd.drawing import COLORS, draw_boxes, draw_image


class Outputs(NamedTuple):
    """The outputs of the network by their meaning: views, so that writing to them writes to the array."""

    boxes: np.ndarray  # (N, S², B, 4) x, y, a, b
    confidences: np.ndarray  # (N, S², B)
    classes: np.ndarray  # (N, S², C)


def split_outputs(out, boxes_per_cell):
    """Return the Outputs in an array (N, S, S, 5 B + C)."""
    cells = out.reshape(len(out), -1, out.shape[-1])  # (N, S², 5 B + C)
    values = 5 * boxes_per_cell
    rows = cells[..., :values].reshape(*cells.shape[:2], boxes_per_cell, 5)  # (N, S², B, 5)
    return Outputs(rows[..., :4], rows[..., 4], cells[..., values:])


def image_boxes(boxes, grid):
    """Return boxes (..., S², B, 4) x, y, a, b of cells as boxes (..., S², B, 4) xyxy in units of the image.

    Here the cell's column and row are added, which a loss need not do: both its boxes are of one cell.
    """
    cells = np.arange(grid * grid)
    corners = np.stack([cells % grid, cells // grid], axis=1)[:, None]  # (S², 1, 2) column, row
    centers = (boxes[..., :2] + corners.astype(boxes.dtype)) / grid  # (..., S², B, 2)
    half = boxes[..., 2:] ** 2 / 2  # (..., S², B, 2)
    return np.concatenate([centers - half, centers + half], axis=-1)  # (..., S², B, 4)


def decode(out, boxes_per_cell):
    """Return boxes (N, S² B, 4) xyxy in units of the image, not clipped, and scores (N, S² B, 1 + C).

    out: (N, S, S, 5 B + C). Column 0 of the scores stands for background and is 0. Boxes run row, column, box.
    """
    images, grid = out.shape[:2]
    boxes, confidences, classes = split_outputs(out, boxes_per_cell)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is cut at MAX_COORDINATE, or detects nothing
        found = np.clip(image_boxes(boxes, grid), -MAX_COORDINATE, MAX_COORDINATE)  # (N, S², B, 4)
        scores = confidences[..., None] * classes[:, :, None]  # (N, S², B, C), equation 1
    scores = np.concatenate([np.zeros_like(scores[..., :1]), scores], axis=-1)  # (N, S², B, 1 + C)
    return found.reshape(images, -1, 4), scores.reshape(images, -1, scores.shape[-1])


def from_darknet(flat, grid, boxes_per_cell):
    """Return what Darknet's last layer outputs, (N, S² (5 B + C)), in the order of ours: (N, S, S, 5 B + C).

    Darknet's order is not cell by cell: it has the classes of all cells, then the confidences of all, then all boxes
    (detection_layer.c). Read as (S, S, 5 B + C), it is scrambled, and no shape tells.
    """
    cells = grid * grid
    classes = flat.shape[1] // cells - 5 * boxes_per_cell
    at = cells * classes, cells * (classes + boxes_per_cell)
    probabilities = flat[:, : at[0]].reshape(len(flat), cells, classes)
    confidences = flat[:, at[0] : at[1]].reshape(len(flat), cells, boxes_per_cell, 1)
    boxes = flat[:, at[1] :].reshape(len(flat), cells, boxes_per_cell, 4)
    rows = np.concatenate([boxes, confidences], axis=-1).reshape(len(flat), cells, -1)  # (N, S², 5 B)
    return np.concatenate([rows, probabilities], axis=-1).reshape(len(flat), grid, grid, -1)


# ---------------------------------------------------------------------------------------------------------------------


def draw_decoding(axes, image, out, boxes_per_cell, class_names, score_threshold=0.2):
    """Draw the class of each cell, all boxes as thick as they are sure, and those with a score above a threshold.

    axes: three; image: (S', S', 3); out: (S, S, 5 B + C) of it; score_threshold: a number, or one for each label. There
    is no NMS. Figure 2 of the paper.
    """
    import matplotlib

    size, grid = len(image), len(out)
    boxes, scores = (array[0] for array in decode(out[None], boxes_per_cell))
    _, confidences, classes = (array[0] for array in split_outputs(out[None], boxes_per_cell))
    colors = matplotlib.colormaps["Set2"].colors
    for ax in axes:
        draw_image(ax, 255 - (255 - image) // 2)
    cells = np.array(colors)[classes.argmax(axis=1)].reshape(grid, grid, 3)
    axes[0].imshow(cells, extent=(0, size, size, 0), alpha=0.6, interpolation="nearest")
    for c in np.unique(classes.argmax(axis=1)):
        axes[0].plot([], [], "s", color=colors[c], label=class_names[c])
    axes[0].legend(fontsize=8, loc="upper right")
    axes[0].set_title(f"each of {grid} x {grid} cells says one class", fontsize=11)
    for box, confidence in zip(boxes * size, confidences.ravel()):
        draw_boxes(axes[1], [box], "default box", linestyle="-", linewidth=0.3 + 3 * max(0, confidence))
    axes[1].set_title(f"each says {boxes_per_cell} boxes, the thicker the surer", fontsize=11)
    best, labels = scores.max(axis=1), scores.argmax(axis=1)
    thresholds = np.broadcast_to(score_threshold, (len(class_names),))
    shown = np.flatnonzero(best > thresholds[labels - 1])
    texts = [f"{class_names[labels[k] - 1]} {best[k]:.2f}" for k in shown]
    draw_boxes(axes[2], boxes[shown] * size, "prediction", texts)
    for x, y in (boxes[shown].reshape(-1, 2, 2).mean(axis=1)) * size:
        axes[2].plot(x, y, "o", color=COLORS["prediction"], markersize=5)
    axes[2].set_title(f"the scores decide: {len(shown)} of {len(boxes)} boxes, before NMS", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("rivals.decoding")
