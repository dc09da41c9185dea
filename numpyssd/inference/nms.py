"""Non-maximum suppression: of all boxes on one object, keep the best (paper section 2.2, "non-maximum suppression").

Many default boxes predict the same object. The best-scoring box is kept and removes every other box whose IoU with it
is greater than the threshold; then the best of those that are left; and so on. A removed box removes no other.
"""

import numpy as np

from numpyssd.boxes import as_boxes, iou
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.kernels.shapes import check_nms

BLOCK = 64  # rows of IoU calculated in one call: a call for each row would take most of the time


def nms(boxes, scores, iou_threshold=0.45, top_k=None, most=None):
    """Return the indices (kept,) int64 of the boxes that greedy non-maximum suppression keeps, best first.

    - boxes: (N, 4) xyxy in any unit;
    - scores: (N,); of equal scores the lower index goes first;
    - iou_threshold: a box is removed if its IoU with a kept box is greater; at exactly the threshold it stays;
    - top_k: only so many of the best boxes take part, the others are dropped first (None: all take part);
    - most: only so many are kept, the best ones, and then it ends (None: all). SSD takes the best of all classes
      instead.

    Raises ValueError for wrong shapes, NaN scores, a NaN threshold, and a negative top_k.
    Caffe: ApplyNMSFast in bbox_util.cpp; SSD uses 0.45 and 400 (paper section 3.7).
    """
    return nms_explained(boxes, scores, iou_threshold, top_k, most)[0]


def nms_explained(boxes, scores, iou_threshold=0.45, top_k=None, most=None):
    """Do what ``nms`` does; return the kept indices (kept,) and, for each box, what removed it (N,), both int64.

    suppressor[i] is the index of the kept box that removed box i, i itself if box i is kept, and -1 if top_k dropped
    it, or if it ended before. The arguments and errors are those of ``nms``.
    """
    boxes, scores = as_boxes(boxes), np.asarray(scores)
    check_nms(boxes, scores, iou_threshold, top_k)
    keep, suppressor = [], np.full(len(scores), -1, dtype=np.int64)  # (N,)
    candidates = np.argsort(-scores, kind="stable")[:top_k]  # best first, ties by index
    most = len(candidates) if most is None else most
    while len(candidates) and len(keep) < most:
        block = candidates[:BLOCK]
        overlapping = iou(boxes[block], boxes[candidates]) > iou_threshold  # (block, candidates)
        left = np.ones(len(candidates), dtype=bool)
        for i, best in enumerate(block):
            if left[i] and len(keep) < most:
                left[i] = False
                keep.append(best)
                suppressor[best] = best
                suppressor[candidates[overlapping[i] & left]] = best
                left &= ~overlapping[i]
        candidates = candidates[left]
    return np.array(keep, dtype=np.int64), suppressor


# ---------------------------------------------------------------------------------------------------------------------

SURVIVOR_COLORS = ("#0072B2", "#D55E00", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe and Ito; green is truth
CORNERS = ((2, 3, "right", "top"), (0, 3, "left", "top"), (2, 1, "right", "bottom"))  # where removed boxes are labeled


def draw_nms(axes, image, boxes, scores, iou_threshold=0.45, top_k=None):
    """Draw boxes (N, 4) in pixels before and after; a removed box is dashed, in the color of the one that removed it.

    axes: two of them. Boxes that top_k cut are left out. The scores stand at the corners of the boxes.
    """
    keep, suppressor = nms_explained(boxes, scores, iou_threshold, top_k)
    for ax in axes:
        draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    for rank, best in enumerate(keep):
        color = SURVIVOR_COLORS[rank % len(SURVIVOR_COLORS)]
        removed = np.setdiff1d(np.flatnonzero(suppressor == best), best)
        draw_boxes(axes[0], boxes[removed], "prediction", edgecolor=color, linestyle="--", linewidth=1.2)
        for i, other in enumerate(removed):
            x, y, horizontal, vertical = CORNERS[i % len(CORNERS)]
            axes[0].text(
                boxes[other][x], boxes[other][y], f"{scores[other]:.2f}", color=color, fontsize=8, clip_on=True,
                ha=horizontal, va=vertical, bbox={"facecolor": "white", "edgecolor": color, "pad": 0.8, "lw": 0.6},
            )  # fmt: skip
        for ax, note in zip(axes, ("", f", removed {len(removed)}")):
            draw_boxes(ax, boxes[[best]], "prediction", [f"{scores[best]:.2f}{note}"], edgecolor=color, linewidth=2.6)
    taking_part = (suppressor >= 0).sum()
    axes[0].set_title(
        f"before: {taking_part} boxes and their scores;\ndashed: removed by the best of its color", fontsize=11
    )
    axes[1].set_title(f"after: {len(keep)} boxes,\nno two with an IoU above {iou_threshold}", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.nms")
