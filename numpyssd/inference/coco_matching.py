"""COCO's matching of one class in one image, for objects of every size and for three ranges of size at once.

Source: COCOeval of pycocotools, computeIoU and evaluateImg with iouType "bbox".
"""

import numpy as np

from numpyssd.boxes import area, iou
from numpyssd.inference.average_precision import COCO_THRESHOLDS
from numpyssd.inference.detection_matching import FALSE_POSITIVE, IGNORED, match_coco, ranked

LIMITS = (1, 10, 100)  # detections of one class in one image, best first
AREAS = {  # square pixels, both ends included, so that 32 x 32 is small and medium
    "all": (0, 1e5**2),
    "small": (0, 32**2),
    "medium": (32**2, 96**2),
    "large": (96**2, 1e5**2),
}


def match_class(label, boxes, labels, scores, gt_boxes, gt_labels, difficult, areas, crowd):
    """Match the detections of one class in one image, at most 100 of them, in each range of AREAS.

    boxes (D, 4), labels (D,), scores (D,): the detections; gt_boxes (M, 4), gt_labels (M,), difficult (M,), areas (M,),
    crowd (M,): the ground truth. Return the scores (d,) of the detections of this class, their outcomes (4, 10, d) at
    the ten COCO_THRESHOLDS, and how many objects of each range count (4,).
    """
    mine, theirs = ranked(labels, scores, label)[: LIMITS[-1]], gt_labels == label
    boxes, gt_boxes, crowd = boxes[mine], gt_boxes[theirs], crowd[theirs]
    outside = _outside(areas[theirs])  # (4, M)
    ignored = outside | crowd | difficult[theirs]
    outcomes = np.full((len(AREAS), len(COCO_THRESHOLDS), len(mine)), FALSE_POSITIVE, dtype=np.int8)
    if len(mine) and theirs.any():
        overlaps = np.where(crowd, fraction_inside(boxes, gt_boxes), iou(boxes, gt_boxes))  # (d, M)
        outcomes = match_coco(overlaps, ignored, crowd | difficult[theirs], COCO_THRESHOLDS)
    unmatched_outside = (outcomes == FALSE_POSITIVE) & _outside(area(boxes))[:, None]
    return scores[mine], np.where(unmatched_outside, IGNORED, outcomes), (~ignored).sum(axis=1)


def fraction_inside(boxes, crowds):
    """Return the fraction (D, M) of the area of each box (D, 4) that lies inside each of the crowds (M, 4), xyxy."""
    low = np.maximum(boxes[:, None, :2], crowds[:, :2])  # (D, M, 2)
    high = np.minimum(boxes[:, None, 2:], crowds[:, 2:])
    return np.maximum(high - low, 0).prod(axis=2) / np.maximum(area(boxes), np.finfo(float).tiny)[:, None]


def _outside(areas):
    """Return whether each area (M,) lies outside each range, (4, M)."""
    low, high = np.array(list(AREAS.values())).T[:, :, None]  # (4, 1) each
    return (areas < low) | (areas > high)
