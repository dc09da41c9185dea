"""What the first stage should answer: object, background or nothing for each anchor, and where its object is.

Faster R-CNN, section 3.1.2. The order of the rules is that of the released code (anchor_target_layer.py).
"""

import numpy as np

from numpyssd.boxes import as_boxes, cxcywh_to_xyxy, iou
from numpyssd.drawing import COLORS, draw_boxes, draw_image
from numpyssd.model.box_coding import encode
from numpyssd.rivals.faster_rcnn.anchors import inside_image
from numpyssd.rivals.faster_rcnn.config import RPN_VARIANCES

POSITIVE, NEGATIVE, IGNORED = 1, 0, -1


def label_anchors(gt_boxes, anchors, positive_iou=0.7, negative_iou=0.3, inside_only=False):
    """Return for each anchor POSITIVE, NEGATIVE or IGNORED, and the index of its best object: (K,) int64 each.

    gt_boxes: (M, 4) xyxy, anchors: (K, 4) cxcywh, both in units of the image. In this order, and a later rule wins:

    1. an anchor is negative if its IoU with every object is less than negative_iou;
    2. for each object, every anchor whose IoU with it is the largest is positive, however small that is; all of them,
       if several tie. But not at an IoU of 0: without this condition, which the released code lacks, an object that no
       anchor touches makes every anchor positive that does not touch it;
    3. an anchor is positive if its IoU with some object is at least positive_iou;
    4. anything else is ignored; and with inside_only, every anchor that crosses the edge of the image.

    The best object is the anchor's own (ties: the lowest), even if rule 2 made it positive for another; -1 without one.
    """
    anchors, gt_boxes = as_boxes(anchors, "anchors"), as_boxes(gt_boxes, "gt_boxes")
    used = np.flatnonzero(inside_image(anchors)) if inside_only else np.arange(len(anchors))  # (U,)
    labels, best = np.full(len(anchors), IGNORED, np.int64), np.full(len(anchors), -1, np.int64)
    overlaps = iou(gt_boxes, cxcywh_to_xyxy(anchors[used]))  # (M, U)
    if not overlaps.size:
        labels[used] = NEGATIVE
        return labels, best
    best_iou = overlaps.max(axis=0)  # (U,)
    best[used] = np.where(best_iou > 0, overlaps.argmax(axis=0), -1)
    labels[used[best_iou < negative_iou]] = NEGATIVE
    highest = overlaps.max(axis=1, keepdims=True)  # (M, 1)
    labels[used[((overlaps == highest) & (highest > 0)).any(axis=0)]] = POSITIVE
    labels[used[(best_iou >= positive_iou) & (best_iou > 0)]] = POSITIVE
    return labels, best


def sample_anchors(labels, rng, count=256, positive_fraction=0.5):
    """Return labels (K,) in which at most ``count`` anchors are left; the others are IGNORED.

    At most positive_fraction of them are positive; negatives fill up the rest. An image has hundreds of times as many
    negatives as positives, and without sampling they would decide the loss. SSD takes the hard ones instead.
    """
    labels = np.array(labels)
    positives = np.flatnonzero(labels == POSITIVE)
    most = int(count * positive_fraction)
    if len(positives) > most:
        positives = rng.choice(positives, most, replace=False)
    negatives = np.flatnonzero(labels == NEGATIVE)
    if len(negatives) > count - len(positives):
        negatives = rng.choice(negatives, count - len(positives), replace=False)
    sampled = np.full(len(labels), IGNORED, np.int64)  # (K,)
    sampled[negatives], sampled[positives] = NEGATIVE, POSITIVE
    return sampled


def anchor_targets(
    gt_boxes, anchors, rng, positive_iou=0.7, negative_iou=0.3, inside_only=False, count=256, positive_fraction=0.5
):
    """Return what the first stage should answer for one image: labels (K,) int64 and offsets (K, 4).

    labels: of ``sample_anchors``. offsets: from each positive anchor to its best object, plain (dx / w, dy / h and the
    logarithms of the ratios of the sizes), 0 elsewhere.
    """
    labels, best = label_anchors(gt_boxes, anchors, positive_iou, negative_iou, inside_only)
    labels = sample_anchors(labels, rng, count, positive_fraction)
    positive = np.flatnonzero(labels == POSITIVE)
    offsets = np.zeros_like(as_boxes(anchors))  # (K, 4)
    offsets[positive] = encode(as_boxes(gt_boxes)[best[positive]], anchors[positive], RPN_VARIANCES)
    return labels, offsets


# ---------------------------------------------------------------------------------------------------------------------


def draw_anchor_targets(ax, image, gt_boxes, anchors, labels):
    """Draw the objects (M, 4) xyxy in pixels, the positive anchors, and the centers of the negative ones as dots.

    anchors: (K, 4) cxcywh in units of the image (S, S, 3); labels: (K,).
    """
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    x, y = anchors[labels == NEGATIVE, :2].T * len(image)
    ax.scatter(x, y, 9, COLORS["negative"], linewidths=0)
    draw_boxes(ax, cxcywh_to_xyxy(anchors[labels == POSITIVE]) * len(image), "positive")
    draw_boxes(ax, gt_boxes, "ground truth")
    counts = [(labels == label).sum() for label in (POSITIVE, NEGATIVE, IGNORED)]
    ax.set_title("{} positive anchors (blue), {} negative (red), {} not used".format(*counts), fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.anchor_targets")
