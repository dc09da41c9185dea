"""Non-maximum suppression (paper, end of section 2.2; Caffe: ApplyNMSFast in bbox_util.cpp)."""

from tests.golden.rules.boxes import iou


def nms(boxes, scores, iou_threshold=0.45, top_k=None):
    """Return the indices of the boxes (xyxy) that stay, best first; top_k cuts before anything is suppressed."""
    order = sorted(range(len(boxes)), key=lambda i: (-scores[i], i))  # of equal scores the lower index
    kept = []
    for i in order[:top_k]:
        if all(iou(boxes[i], boxes[j]) <= iou_threshold for j in kept):  # only a box that stays removes others
            kept.append(i)
    return kept
