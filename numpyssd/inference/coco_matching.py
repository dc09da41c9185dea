"""COCO's verdicts on one class in one image, for objects of every size and for three ranges of it at once.

Source: COCOeval of pycocotools, computeIoU and evaluateImg with iouType "bbox".
"""

import numpy as np

from numpyssd.boxes import area, iou
from numpyssd.inference.average_precision import COCO_THRESHOLDS
from numpyssd.inference.detection_matching import NOT_COUNTED, WRONG, coco_verdicts, ranked

LIMITS = (1, 10, 100)  # detections of one class in one image, best first
AREAS = {  # square pixels, both ends included, so that 32 x 32 is small and medium
    "all": (0, 1e5**2),
    "small": (0, 32**2),
    "medium": (32**2, 96**2),
    "large": (96**2, 1e5**2),
}


def judge_class(label, boxes, labels, scores, gt_boxes, gt_labels, difficult, areas, crowd):
    """Return, for a class in an image: scores (D,), verdicts (4, 10, D), and (4,) how many objects of a range count."""
    mine, theirs = ranked(labels, scores, label)[: LIMITS[-1]], gt_labels == label
    boxes, gt_boxes, crowd = boxes[mine], gt_boxes[theirs], crowd[theirs]
    outside = _outside(areas[theirs])  # (4, M)
    ignored = outside | crowd | difficult[theirs]
    verdicts = np.full((len(AREAS), len(COCO_THRESHOLDS), len(mine)), WRONG, dtype=np.int8)
    if len(mine) and theirs.any():
        overlaps = np.where(crowd, share_inside(boxes, gt_boxes), iou(boxes, gt_boxes))  # (D, M)
        verdicts = coco_verdicts(overlaps, ignored, crowd | difficult[theirs], COCO_THRESHOLDS)
    beyond = (verdicts == WRONG) & _outside(area(boxes))[:, None]
    return scores[mine], np.where(beyond, NOT_COUNTED, verdicts), (~ignored).sum(axis=1)


def share_inside(boxes, crowds):
    """Return which share (D, M) of each box (D, 4) lies inside each of the crowds (M, 4), all xyxy."""
    low = np.maximum(boxes[:, None, :2], crowds[:, :2])  # (D, M, 2)
    high = np.minimum(boxes[:, None, 2:], crowds[:, 2:])
    return np.maximum(high - low, 0).prod(axis=2) / np.maximum(area(boxes), np.finfo(float).tiny)[:, None]


def _outside(areas):
    """Return whether each area (M,) lies outside each range, (4, M)."""
    low, high = np.array(list(AREAS.values())).T[:, :, None]  # (4, 1) each
    return (areas < low) | (areas > high)
