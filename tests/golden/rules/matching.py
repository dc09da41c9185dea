"""Matching (paper, section 2.2, "Matching strategy"; Caffe: MatchBBox in bbox_util.cpp, PER_PREDICTION)."""

from tests.golden.rules.box_coding import encode
from tests.golden.rules.boxes import iou, to_xyxy

LEAST_IOU = 1e-6


def match(gt_boxes, default_boxes, iou_threshold=0.5):
    """Return for each default box (cxcywh) the index of its object (xyxy), or -1."""
    overlaps = [[iou(gt, to_xyxy(box)) for gt in gt_boxes] for box in default_boxes]  # default box, object
    matched = [-1] * len(default_boxes)

    # Bipartite: of all pairs left, the one with the largest IoU; of equals the lowest default box, then object.
    left = set(range(len(gt_boxes)))
    while left:
        best, pair = LEAST_IOU, None
        for k in range(len(default_boxes)):
            for m in sorted(left):
                if matched[k] == -1 and overlaps[k][m] > best:
                    best, pair = overlaps[k][m], (k, m)
        if pair is None:
            break  # nobody overlaps any more
        matched[pair[0]] = pair[1]
        left.remove(pair[1])

    # Every default box that is still free takes its best object, if that reaches the threshold.
    free = [k for k in range(len(default_boxes)) if matched[k] == -1]
    for k in free:
        best = LEAST_IOU
        for m in range(len(gt_boxes)):
            if overlaps[k][m] >= iou_threshold and overlaps[k][m] > best:
                best, matched[k] = overlaps[k][m], m
    return matched


def targets(gt_boxes, gt_labels, default_boxes, iou_threshold=0.5):
    """Return what the network should answer: offsets and class for each default box, zeros for background."""
    matched = match(gt_boxes, default_boxes, iou_threshold)
    loc = [encode(gt_boxes[m], box) if m >= 0 else [0.0] * 4 for m, box in zip(matched, default_boxes)]
    return loc, [gt_labels[m] if m >= 0 else 0 for m in matched]
