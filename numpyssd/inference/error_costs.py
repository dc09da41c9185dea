"""How much mAP each type of error costs (TIDE's dAP, Bolya et al., ECCV 2020).

The errors of one type are corrected in the lists themselves, and the mean AP is calculated again:

- localization: the box becomes that of its object;
- classification: the box gets the class of its object;
- both, duplicate, background: the box is removed;
- missed: the object is removed.

If two corrected boxes belong to one object, only the better one is kept, and none if the object is found already. All
boxes are corrected, whatever their score, because the mean counts them all. The costs do not add up to 1 - mAP: one
error may hide another. A class that has no objects left keeps the AP that it had.
"""

import numpy as np

from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.checks import checked
from numpyssd.inference.error_split import ERROR_TYPES, STYLES, error_split


def error_costs(detections: list, ground_truth: list, metric: str = "voc", iou_threshold=0.5, class_names=None) -> dict:
    """Return a dict: type of error -> how much higher the mean of ``average_precision`` would be without it.

    The arguments are those of ``average_precision``, with metric "voc07" or "voc": a box that is a duplicate at one IoU
    may be correct at another, so that COCO's mean has no such split. If no class counts, every cost is NaN. Raises
    ValueError as average_precision does.
    """
    if metric not in ("voc07", "voc"):
        raise ValueError(f"metric must be voc07 or voc, not {metric!r}")
    detections, ground_truth = checked(detections, ground_truth, class_names)
    split = error_split(detections, ground_truth, class_names, iou_threshold, min(0.1, iou_threshold), -np.inf)
    before = average_precision(detections, ground_truth, metric, iou_threshold, class_names)
    costs = {}
    for error in ERROR_TYPES:
        lists = without_errors(detections, ground_truth, split, error)
        after = average_precision(*lists, metric, iou_threshold, class_names)
        known = before.per_class | {n: ap for n, ap in after.per_class.items() if n in before.per_class}
        costs[error] = float(np.mean(list(known.values())) - before.mean) if known else float("nan")
    return costs


def without_errors(detections, ground_truth, split, error):
    """Return detections and ground truth without one type of error; split: of these, with no score_threshold."""
    if error == "missed":
        left = [tuple(row[~missed] for row in truth) for truth, missed in zip(ground_truth, split.missed)]
        return detections, left
    images = zip(detections, ground_truth, split.types, split.objects)
    return [_corrected(*one, *truth, types, objects, error) for one, truth, types, objects in images], ground_truth


def _corrected(boxes, labels, scores, gt_boxes, gt_labels, _, types, objects, error):
    """Return the detections of one image with one type of error corrected."""
    kept, boxes, labels = types != error, boxes.copy(), labels.copy()
    if error in ("localization", "classification"):
        found = set(objects[types == "correct"].tolist())
        for i in np.argsort(-scores, kind="stable"):
            if not kept[i] and objects[i] not in found:
                kept[i], labels[i] = True, gt_labels[objects[i]]
                if error == "localization":
                    boxes[i] = gt_boxes[objects[i]]
                found.add(objects[i])
    return boxes[kept], labels[kept], scores[kept]


# ---------------------------------------------------------------------------------------------------------------------


def draw_error_costs(ax, costs):
    """Draw how much mAP each type of error costs."""
    for i, (error, value) in enumerate(costs.items()):
        color, hatch = STYLES[error]
        ax.barh(i, value, color=color, hatch=hatch, edgecolor="white", linewidth=0.5, height=0.7)
        ax.text(max(value, 0), i, f"  {value:+.3f}", va="center", fontsize=9)
    ax.set_yticks(range(len(costs)), list(costs))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(costs) - 0.4, -0.6)
    known = [value for value in costs.values() if np.isfinite(value)]
    ax.set_xlim(min(0, *known, 0), 1.3 * max(0.01, *known, 0))
    ax.set_xlabel("ΔAP: mAP at an IoU of 0.5 would be higher by")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_title("What do the errors cost? Boxes of every score", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.error_costs")
