"""Box coding: the network does not predict a box but its offsets from a default box.

Paper: the offsets g-hat of equation 2. Caffe divides them further by four "variances", which the paper does not
mention; they are only scales that bring the targets near unit size, so that all four weigh alike in the loss.
"""

import numpy as np

from numpyssd.boxes import as_boxes, cxcywh_to_xyxy, xyxy_to_cxcywh
from numpyssd.config import VARIANCES
from numpyssd.drawing import COLORS, draw_boxes, draw_image


def encode(boxes, default_boxes, variances=VARIANCES):
    """Return the offsets (K, 4) from each default box to the box in the same row.

    boxes: (K, 4) xyxy; default_boxes: (K, 4) cxcywh, same unit. An offset is (dx, dy, dw, dh): the distance of the
    centers in sizes of the default box over 0.1, and the log of the ratio of the sizes over 0.2; variances: these two
    numbers. Raises ValueError that names the row of a box without width or height, whose logarithm would be minus
    infinity. Paper: equation 2; Caffe: EncodeBBox in bbox_util.cpp (CENTER_SIZE).
    """
    boxes, default_boxes = _same_rows(boxes, default_boxes, "boxes")
    sized = (boxes[:, 2:] > boxes[:, :2]).all(axis=1) & np.isfinite(boxes).all(axis=1)  # (K,)
    if not sized.all():
        row = int(np.argmin(sized))
        raise ValueError(f"boxes row {row} is {boxes[row].tolist()} (xyxy): it has no width or height to encode")
    boxes = xyxy_to_cxcywh(boxes)
    center = (boxes[:, :2] - default_boxes[:, :2]) / default_boxes[:, 2:] / variances[0]  # (K, 2)
    size = np.log(boxes[:, 2:] / default_boxes[:, 2:]) / variances[1]  # (K, 2)
    return np.concatenate([center, size], axis=1)  # (K, 4)


def decode(loc, default_boxes, size_limit=None, variances=VARIANCES):
    """Return the boxes (K, 4) xyxy that the offsets describe: the inverse of encode.

    - loc: (K, 4) offsets; default_boxes: (K, 4) cxcywh.
    - size_limit: how many times as wide or high as its default box a box may become; torchvision has 62.5 (1000 / 16).
      None, as in Caffe: no limit.
    - variances: those that the offsets were encoded with.

    The boxes are not clipped to the image. Without a limit, an offset beyond about 440 (float32) silently overflows to
    a box from -inf to inf, and one below about -520 gives size 0. Finite offsets never give NaN.
    Raises ValueError for other shapes, or for a size_limit that is not positive.
    """
    loc, default_boxes = _same_rows(loc, default_boxes, "loc")
    if size_limit is not None:
        if not size_limit > 0:
            raise ValueError(f"size_limit must be positive, or None for no limit, not {size_limit}")
        limit = np.log(size_limit) / variances[1]
        loc = np.concatenate([loc[:, :2], np.minimum(loc[:, 2:], loc.dtype.type(limit))], axis=1)  # (K, 4)
    with np.errstate(over="ignore"):
        center = default_boxes[:, :2] + loc[:, :2] * variances[0] * default_boxes[:, 2:]  # (K, 2)
        size = default_boxes[:, 2:] * np.exp(loc[:, 2:] * variances[1])  # (K, 2)
    return cxcywh_to_xyxy(np.concatenate([center, size], axis=1))  # (K, 4)


def _same_rows(array, default_boxes, name):
    array, default_boxes = as_boxes(array, name), as_boxes(default_boxes, "default_boxes")
    if len(array) != len(default_boxes):
        raise ValueError(f"{name} {array.shape} and default_boxes {default_boxes.shape} need the same number of rows")
    return array, default_boxes


# ---------------------------------------------------------------------------------------------------------------------


def draw_offsets(ax, image, box, default_box):
    """Draw the offsets from a default box (4,) cxcywh to an object's box (4,) xyxy, in pixels, and their numbers."""
    offsets = encode([box], [default_box])[0]
    (gx, gy, gw, gh), (dx, dy, dw, dh) = xyxy_to_cxcywh([box])[0], default_box
    draw_image(ax, 255 - (255 - image) // 6)  # very pale, so that a gray box stands out
    draw_boxes(ax, [box], "ground truth", linewidth=3)
    draw_boxes(ax, cxcywh_to_xyxy([default_box]), "default box", linewidth=3)
    ax.plot([dx], [dy], "o", color=COLORS["default box"], markersize=6)
    arrow = {"arrowstyle": "-|>", "color": COLORS["positive"], "linewidth": 2.5, "mutation_scale": 18}
    ax.annotate("", (gx, gy), (dx, dy), arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    lines = (
        f"dx = ({gx:5.1f} - {dx:5.1f}) / {dw:5.1f} / 0.1 = {offsets[0]:+.2f}",
        f"dy = ({gy:5.1f} - {dy:5.1f}) / {dh:5.1f} / 0.1 = {offsets[1]:+.2f}",
        f"dw = log({gw:5.1f} / {dw:5.1f})      / 0.2 = {offsets[2]:+.2f}",
        f"dh = log({gh:5.1f} / {dh:5.1f})      / 0.2 = {offsets[3]:+.2f}",
    )
    ax.set_xlabel("\n".join(lines), family="monospace", fontsize=11)
    ax.set_title("four offsets lead from the default box (dotted) to the object (green)", fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.box_coding")
