"""A loss for boxes that looks at their overlap, beside smooth L1 of the offsets: GIoU (Rezatofighi et al., 2019).

Smooth L1 adds up four errors as if they had nothing to do with each other. The overlap of a box with its object, which
is what the evaluation asks for, is one number of all four: 1 - IoU. But two boxes that do not touch have IoU 0 however
far apart they are, so there it has no gradient. GIoU goes on from there by the smallest box around both, C:

    IoU = I / U        GIoU = IoU - (C - U) / C        loss = 1 - GIoU = 2 - I / U - U / C

with I the area of the intersection and U that of the union. The loss is 0 for the right box and below 2 for any other.
"""

import numpy as np

from numpyssd.config import VARIANCES
from numpyssd.drawing import COLORS
from numpyssd.model.box_coding import decode


def giou_loss(boxes, targets):
    """Return 1 - GIoU of each box and its target (P,), and the gradient with respect to the boxes (P, 4).

    boxes, targets: (P, 4) xyxy in any unit, each with a width and a height. Where two edges meet exactly, the gradient
    is that of one of the two sides.
    """
    boxes, targets = np.asarray(boxes), np.asarray(targets)
    low, high, target_low, target_high = boxes[:, :2], boxes[:, 2:], targets[:, :2], targets[:, 2:]  # (P, 2) each
    inner = np.minimum(high, target_high) - np.maximum(low, target_low)  # (P, 2) sides of the intersection
    outer = np.maximum(high, target_high) - np.minimum(low, target_low)  # (P, 2) sides of the box around both
    touch = (inner > 0).all(axis=1, keepdims=True)  # (P, 1)
    inner = np.where(touch, inner, 0)
    own = high - low
    intersection, around = _area(inner), _area(outer)  # (P, 1) each
    union = _area(own) + _area(target_high - target_low) - intersection
    loss = 2 - intersection / union - union / around

    # An area changes with one of its sides as fast as the other side is long: by + for a high edge, by - for a low one.
    dinner, douter, down = inner[:, ::-1], outer[:, ::-1], own[:, ::-1]  # (P, 2) each
    dintersection = np.concatenate([-dinner * (low > target_low), dinner * (high < target_high)], axis=1)  # (P, 4)
    daround = np.concatenate([-douter * (low < target_low), douter * (high > target_high)], axis=1)
    dunion = np.concatenate([-down, down], axis=1) - dintersection
    gradient = (intersection * dunion - union * dintersection) / union**2
    gradient += (union * daround - around * dunion) / around**2
    return loss[:, 0], gradient


def _area(sides):
    return sides[:, :1] * sides[:, 1:]


def giou_loss_of_offsets(loc, loc_targets, default_boxes):
    """Return the GIoU loss (P, 1) of boxes that are given by their offsets, and its gradient (P, 4) along the offsets.

    loc, loc_targets: (P, 4) offsets from default_boxes (P, 4) cxcywh. The box is decoded (model/box_coding.py), and the
    gradient goes back the same way: the center moves both edges, the size moves them apart.
    """
    boxes, targets = decode(loc, default_boxes), decode(loc_targets, default_boxes)  # (P, 4) xyxy
    loss, dboxes = giou_loss(boxes, targets)
    dlow, dhigh = dboxes[:, :2], dboxes[:, 2:]
    dcenter = (dlow + dhigh) * VARIANCES[0] * default_boxes[:, 2:]  # center = ... + loc * 0.1 * size of the default box
    dsize = (dhigh - dlow) / 2 * VARIANCES[1] * (boxes[:, 2:] - boxes[:, :2])  # size = ... * exp(0.2 * loc)
    return loss[:, None], np.concatenate([dcenter, dsize], axis=1)


# ---------------------------------------------------------------------------------------------------------------------


def draw_giou(ax):
    """Draw 1 - IoU and 1 - GIoU of two equal boxes over the distance between them, and the gradient of the latter."""
    shift = np.linspace(-3, 3, 601)
    target = np.tile([0.0, 0, 1, 1], (len(shift), 1))
    boxes = target + shift[:, None] * [1, 0, 1, 0]
    loss, gradient = giou_loss(boxes, target)
    inner = np.maximum(0, 1 - np.abs(shift))
    ax.plot(shift, 1 - inner / (2 - inner), color=COLORS["default box"], linestyle="--", label="1 - IoU")
    ax.plot(shift, loss, color=COLORS["positive"], linewidth=2.5, label="1 - GIoU")
    slope = gradient[:, 0] + gradient[:, 2]
    ax.plot(shift, slope, color=COLORS["prediction"], linewidth=2, label="its gradient along the shift")
    ax.set_xlabel("how far the box is beside its object, in widths")
    ax.set_title("1 - IoU is flat where the boxes do not touch, 1 - GIoU still leads back", fontsize=11)
    ax.legend(fontsize=9)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.iou_loss")
