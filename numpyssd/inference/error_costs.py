"""What each kind of mistake costs: the mAP that there would be without it, in the way of TIDE (Bolya et al., 2020).

Mistakes are mended in the lists themselves, and the mean is calculated anew:

- localization: the box is put on its object;
- class: the box gets the class of its object;
- other, duplicate, background: the box is taken away;
- missed: the object is taken away.

Two mended boxes of one object would be duplicates; the better one stays, and none if a right box has the object. All
boxes are mended, whatever their score, because the mean counts them all. The gains do not add up to 1 - mAP: one
mistake may hide another. A class that has no objects left keeps the AP that it had.
"""

import numpy as np

from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.checks import checked
from numpyssd.inference.error_split import KINDS, error_split


def gains(detections, ground_truth, metric="voc", iou_threshold=0.5, class_names=None):
    """Return a dict: kind of mistake -> how much higher the mean of ``average_precision`` would be without it.

    The arguments are those of ``average_precision``, metric "voc07" or "voc": what is a duplicate at one IoU may be
    right at another, so that there is no such split of COCO's mean. No class that counts: every gain is NaN. Raises
    ValueError as average_precision does.
    """
    if metric not in ("voc07", "voc"):
        raise ValueError(f"metric must be voc07 or voc, not {metric!r}")
    detections, ground_truth = checked(detections, ground_truth, class_names)
    split = error_split(detections, ground_truth, class_names, iou_threshold, min(0.1, iou_threshold), -np.inf)
    before = average_precision(detections, ground_truth, metric, iou_threshold, class_names)
    answer = {}
    for kind in KINDS:
        after = average_precision(*mended(detections, ground_truth, split, kind), metric, iou_threshold, class_names)
        known = before.per_class | {n: ap for n, ap in after.per_class.items() if n in before.per_class}
        answer[kind] = float(np.mean(list(known.values())) - before.mean) if known else float("nan")
    return answer


def mended(detections, ground_truth, split, kind):
    """Return detections and ground truth without one kind of mistake; split: of these, with no score_threshold."""
    if kind == "missed":
        left = [tuple(row[~gone] for row in truth) for truth, gone in zip(ground_truth, split.missed)]
        return detections, left
    images = zip(detections, ground_truth, split.kinds, split.objects)
    return [_mend_image(*one, *truth, kinds, objects, kind) for one, truth, kinds, objects in images], ground_truth


def _mend_image(boxes, labels, scores, gt_boxes, gt_labels, _, kinds, objects, kind):
    stays, boxes, labels = kinds != kind, boxes.copy(), labels.copy()
    if kind in ("localization", "class"):
        taken = set(objects[kinds == "right"].tolist())
        for i in np.argsort(-scores, kind="stable"):
            if not stays[i] and objects[i] not in taken:
                stays[i], labels[i] = True, gt_labels[objects[i]]
                if kind == "localization":
                    boxes[i] = gt_boxes[objects[i]]
                taken.add(objects[i])
    return boxes[stays], labels[stays], scores[stays]


# ---------------------------------------------------------------------------------------------------------------------


def draw_gains(ax, gain):
    """Draw how much mAP each kind of mistake costs."""
    from numpyssd.inference.error_split import STYLES

    for i, (kind, value) in enumerate(gain.items()):
        color, hatch = STYLES[kind]
        ax.barh(i, value, color=color, hatch=hatch, edgecolor="white", linewidth=0.5, height=0.7)
        ax.text(max(value, 0), i, f"  {value:+.3f}", va="center", fontsize=9)
    ax.set_yticks(range(len(gain)), list(gain))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(gain) - 0.4, -0.6)
    known = [value for value in gain.values() if np.isfinite(value)]
    ax.set_xlim(min(0, *known, 0), 1.3 * max(0.01, *known, 0))
    ax.set_xlabel("mAP at an IoU of 0.5 would be higher by")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_title("What do they cost? Boxes of every score", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("inference.error_costs")
