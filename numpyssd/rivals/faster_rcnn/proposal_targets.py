"""Which proposals the second stage learns from, and what it should answer (Fast R-CNN, section 2.3).

Released code: proposal_target_layer.py.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import area, as_boxes, iou, xyxy_to_cxcywh
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.model.box_coding import encode
from numpyssd.rivals.faster_rcnn.config import HEAD_VARIANCES


class SampledRois(NamedTuple):
    """The regions of one image that are trained on: foreground first, then background; R may be 0."""

    boxes: np.ndarray  # (R, 4) xyxy in [0, 1]
    labels: np.ndarray  # (R,) int64, 0 for background
    offsets: np.ndarray  # (R, 4) from the region to its object, in SSD's variances; 0 for background


def sample_rois(
    proposals,
    gt_boxes,
    gt_labels,
    rng,
    count=128,
    foreground_fraction=0.25,
    foreground_iou=0.5,
    background_iou=0.0,
    add_ground_truth=True,
) -> SampledRois:
    """Return at most ``count`` of the proposals (P, 4) xyxy of one image with their targets.

    gt_boxes: (M, 4) xyxy, gt_labels: (M,) from 1 on.

    - Foreground: an IoU with some object of at least foreground_iou; its label is that of its best object.
    - Background: an IoU with every object in [background_iou, foreground_iou). The released configurations have 0;
      their default, 0.1, may leave an image without any region to learn from.
    - At most foreground_fraction of ``count`` are foreground; background fills up the rest, as far as there is any.
    - add_ground_truth: the objects join the proposals, because at first no proposal is good enough.

    An object without area is in no region.
    """
    gt_boxes, gt_labels = as_boxes(gt_boxes, "gt_boxes"), np.asarray(gt_labels)
    boxes = as_boxes(proposals, "proposals")
    if add_ground_truth:
        boxes = np.concatenate([boxes, gt_boxes[area(gt_boxes) > 0].astype(boxes.dtype)])  # (P + M, 4)
    overlaps = iou(gt_boxes, boxes)  # (M, P + M)
    best = overlaps.argmax(axis=0) if len(gt_boxes) else np.zeros(len(boxes), np.int64)  # (P + M,)
    best_iou = overlaps.max(axis=0, initial=0)  # (P + M,)
    foreground = np.flatnonzero(best_iou >= foreground_iou)
    background = np.flatnonzero((best_iou < foreground_iou) & (best_iou >= background_iou))
    foreground = _at_most(int(count * foreground_fraction), foreground, rng)
    background = _at_most(count - len(foreground), background, rng)

    kept = boxes[np.concatenate([foreground, background])]  # (R, 4)
    labels, offsets = np.zeros(len(kept), np.int64), np.zeros_like(kept)
    objects = best[foreground]
    labels[: len(foreground)] = gt_labels[objects]
    anchors = xyxy_to_cxcywh(kept[: len(foreground)])
    offsets[: len(foreground)] = encode(gt_boxes[objects], anchors, HEAD_VARIANCES)
    return SampledRois(kept, labels, offsets)


def _at_most(most, rows, rng):
    return rows if len(rows) <= most else rng.choice(rows, most, replace=False)


# ---------------------------------------------------------------------------------------------------------------------


def draw_sampled_rois(ax, image, gt_boxes, sampled: SampledRois):
    """Draw the objects (M, 4) xyxy in pixels and the sampled regions on the image (S, S, 3)."""
    boxes, foreground = sampled.boxes * len(image), sampled.labels > 0
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    draw_boxes(ax, boxes[~foreground], "negative", linewidth=0.7)
    draw_boxes(ax, boxes[foreground], "positive")
    draw_boxes(ax, gt_boxes, "ground truth")
    ax.set_title(
        f"{foreground.sum()} regions of objects (blue), {(~foreground).sum()} of background (red)", fontsize=10
    )


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.proposal_targets")
