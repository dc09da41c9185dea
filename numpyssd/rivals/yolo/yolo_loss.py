"""The loss of YOLO: a sum of squares over cells and boxes (YOLO, section 2.2, equation 3).

What the released code, Darknet, does (detection_layer.c):

| argument          | value     | who                  | effect                                                  |
| ----------------- | --------- | -------------------- | ------------------------------------------------------- |
| confidence_target | "iou"     | paper, its yolo.cfg  | a confidence learns the IoU of its box (rescore=1)      |
|                   | "one"     | Darknet, rescore=0   | it learns 1                                             |
| divisor           | "objects" | here, as SSD's N     | one rate suits data sets of many and of few objects     |
|                   | "images"  | Darknet              | an image of thirty objects pulls thirty times as hard   |

Darknet goes along half of the gradient, without the 2 of a square, so its rates are ours times two. The cost that it
prints is another number: the squares of what it goes along, with 25 and 0.25 in place of 5 and 0.5.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.rivals.yolo.decoding import split_outputs
from numpyssd.rivals.yolo.responsibility import responsible_boxes

DIVISORS = ("objects", "images")
CONFIDENCE_TARGETS = ("iou", "one")


class Terms(NamedTuple):
    """The five sums of equation 3, with their weights and divisors in them, and how often each box of a cell won."""

    coordinates: float  # x, y of the responsible boxes
    sizes: float  # roots of their widths and heights
    confidence: float  # of the responsible boxes
    other_confidence: float  # of all other boxes
    classes: float  # of the cells with an object
    wins: tuple[int, ...]  # (B,) a box that never wins is never trained

    @property
    def total(self):
        """The loss."""
        return sum(self[:5])


def yolo_loss(
    out, cell_boxes, cell_labels, boxes_per_cell=2, lambda_coord=5.0, lambda_noobj=0.5,
    *, divisor="objects", confidence_target="iou",
):  # fmt: skip
    """Return the loss of a batch, its gradient dout (N, S, S, 5 B + C), and its Terms.

    - out: (N, S, S, 5 B + C), see decoding.py; cell_boxes: (N, S², 4) and cell_labels: (N, S²), see grid_targets.py.
    - lambda_coord, lambda_noobj: the weights of the boxes, and of confidences that should be 0.
    - divisor: a word of the table above, or what the loss of each image is divided by, (N,); see ``divisors``.

    The IoU that a confidence learns is a constant: no gradient goes through it. Raises ValueError for other shapes or
    another word.
    """
    _check(out, cell_boxes, cell_labels, boxes_per_cell, confidence_target)
    boxes, confidences, classes = split_outputs(out, boxes_per_cell)
    dout = np.zeros(out.shape, out.dtype)
    dboxes, dconfidences, dclasses = split_outputs(dout, boxes_per_cell)  # views: what is written stands in dout
    weight = (1 / divisors(cell_labels, divisor)).astype(out.dtype)  # (N,)

    image, cell = np.nonzero(cell_labels)  # (P,) each: the cells with an object
    truths = cell_boxes[image, cell].astype(out.dtype)  # (P, 4) x, y, width, height
    best, overlaps = responsible_boxes(boxes[image, cell], truths, out.shape[1])  # (P,), (P, B)
    responsible, per_object = (image, cell, best), weight[image]  # (P,)

    # The boxes, at the responsible ones only. The network's outputs a and b are the roots themselves: with the root of
    # an output the gradient would be infinite at 0, and NaN below.
    roots = np.concatenate([truths[:, :2], np.sqrt(truths[:, 2:])], axis=1)  # (P, 4)
    error = boxes[responsible] - roots  # (P, 4)
    box_loss = lambda_coord * error**2 * per_object[:, None]  # (P, 4)
    dboxes[responsible] = 2 * lambda_coord * error * per_object[:, None]

    # The confidence of the responsible boxes.
    target = overlaps[np.arange(len(best)), best] if confidence_target == "iou" else 1  # (P,)
    error = confidences[responsible] - target  # (P,)
    confidence_loss = error**2 * per_object  # (P,)
    dconfidences[responsible] = 2 * error * per_object

    # The confidence of every other box of every cell, also of the other boxes of a cell with an object.
    other = np.ones(confidences.shape, bool)  # (N, S², B)
    other[responsible] = False
    error = np.where(other, confidences, 0)  # (N, S², B)
    other_loss = lambda_noobj * error**2 * weight[:, None, None]
    dconfidences += 2 * lambda_noobj * error * weight[:, None, None]

    # The classes of the cells with an object.
    one_hot = np.eye(classes.shape[-1], dtype=out.dtype)[cell_labels[image, cell] - 1]  # (P, C)
    error = classes[image, cell] - one_hot  # (P, C)
    class_loss = error**2 * per_object[:, None]  # (P, C)
    dclasses[image, cell] = 2 * error * per_object[:, None]

    parts = box_loss[:, :2], box_loss[:, 2:], confidence_loss, other_loss, class_loss
    sums = (float(part.sum(dtype=np.float64)) for part in parts)
    terms = Terms(*sums, tuple(np.bincount(best, minlength=boxes_per_cell).tolist()))
    return terms.total, dout, terms


def divisors(cell_labels, divisor="objects"):
    """Return by what the loss of each image is divided, (N,); cell_labels: (N, S²), 0 for no object.

    divisor: "objects" of the whole batch, at least 1; "images"; or a number, or one for each image.
    """
    return divisors_of(np.count_nonzero(cell_labels, axis=1), divisor)


def divisors_of(objects, divisor="objects"):
    """Return what ``divisors`` does for the numbers of objects (N,) of the images of a whole batch."""
    images = len(objects)
    if not isinstance(divisor, str):
        return np.broadcast_to(np.asarray(divisor, np.float64), (images,))
    if divisor not in DIVISORS:
        raise ValueError(f"divisor must be one of {', '.join(map(repr, DIVISORS))} or a number, not {divisor!r}")
    count = max(1, int(np.sum(objects))) if divisor == "objects" else images
    return np.full(images, count, np.float64)


def _check(out, cell_boxes, cell_labels, boxes_per_cell, confidence_target):
    images, rows, columns, values = out.shape
    cells, classes = (images, rows * columns), values - 5 * boxes_per_cell
    if rows != columns or classes < 1 or cell_boxes.shape != (*cells, 4) or cell_labels.shape != cells:
        raise ValueError(
            "the shapes must be out (N, S, S, 5 B + C), cell_boxes (N, S², 4) and cell_labels (N, S²), but are "
            f"{out.shape}, {cell_boxes.shape}, {cell_labels.shape} with B = {boxes_per_cell}"
        )
    if ((cell_labels < 0) | (cell_labels > classes)).any():
        raise ValueError(f"cell_labels must be 0 to {classes}, but hold {cell_labels.min()} to {cell_labels.max()}")
    if confidence_target not in CONFIDENCE_TARGETS:
        words = " or ".join(map(repr, CONFIDENCE_TARGETS))
        raise ValueError(f"confidence_target must be {words}, not {confidence_target!r}")


# ---------------------------------------------------------------------------------------------------------------------


def draw_roots(ax):
    """Draw what a width that is too large by 0.05 of the image costs, over the true width, with and without roots."""
    width, error = np.linspace(0.02, 1, 200), 0.05
    ax.plot(width, 5 * ((width + error) ** 0.5 - width**0.5) ** 2, color=COLORS["positive"], label="of roots")
    ax.axhline(5 * error**2, color=COLORS["default box"], linestyle="--", label="of widths")
    ax.set_xlabel("true width, in units of the image")
    ax.set_ylabel("loss of a width that is too large by 0.05")
    ax.set_title("Roots make the same error cost more in a small box", fontsize=11)
    ax.set_ylim(0)
    ax.legend(fontsize=9)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("rivals.yolo_loss")
