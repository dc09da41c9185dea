"""COCO's twelve numbers: AP and AR over ten IoU thresholds, for objects of every size and for three ranges of size.

They are those of pycocotools, COCOeval with iouType "bbox": of each image the best 100 detections of each class count.
The first number is that of ``average_precision`` with metric "coco", which knows no crowds.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from numpyssd.boxes import area
from numpyssd.drawing import COLORS
from numpyssd.inference.average_precision import COCO_THRESHOLDS
from numpyssd.inference.checks import checked, checked_column
from numpyssd.inference.coco_matching import AREAS, LIMITS, match_class
from numpyssd.inference.detection_matching import IGNORED, TRUE_POSITIVE
from numpyssd.inference.precision_recall import hundred_and_one_points

WORDS = {
    "AP": "mean of IoU 0.50 to 0.95", "AP50": "at IoU 0.50", "AP75": "at IoU 0.75",
    "APs": "objects up to 32 x 32 pixels", "APm": "32 x 32 to 96 x 96", "APl": "from 96 x 96",
    "AR1": "recall with 1 detection of each class in an image", "AR10": "with 10", "AR100": "with 100",
    "ARs": "of objects up to 32 x 32 pixels", "ARm": "32 x 32 to 96 x 96", "ARl": "from 96 x 96",
}  # fmt: skip


@dataclass(frozen=True)
class COCOMetrics:
    """The result of ``coco_metrics``.

    - numbers: name -> value, in the order of pycocotools; NaN where pycocotools says -1, because no object counts;
    - ap (4, 10, C): for each range of AREAS, IoU threshold and class, with 100 detections;
    - recall (3, 4, 10, C): the same for each of LIMITS;
    - classes: the names (or labels) of the C classes.

    A class without an object in a range of size is NaN there.
    """

    numbers: dict
    ap: np.ndarray
    recall: np.ndarray
    classes: list

    def summary(self):
        """Return a line for each number."""
        return "\n".join(f"{name:<5}  {_text(value)}  {WORDS[name]}" for name, value in self.numbers.items())


def _text(value):
    return "    –" if np.isnan(value) else f"{value:.3f}"


def coco_metrics(detections, ground_truth, class_names=None, crowd=None, areas=None):
    """Return the COCOMetrics of detections against ground truth.

    - detections, ground_truth, class_names: those of ``average_precision``;
    - crowd: for each image a mask (M,) of the boxes that stand for a crowd (COCO's "iscrowd");
    - areas: for each image the areas (M,) in square pixels that decide whether an object is small, medium or large.
      COCO's files have the area of the segmentation; without it, the areas of the boxes are used.

    A crowd does not count, and any number of detections can be matched to it; its overlap with a detection is the
    fraction of the detection that lies inside. A difficult object does not count either, and any number of detections
    can be matched to it, by IoU. In a range of size, objects outside the range do not count, nor do detections that
    are matched to them, nor unmatched detections that are themselves outside.

    Raises ValueError as ``average_precision`` does, and for columns that do not fit the ground truth.
    """
    detections, ground_truth = checked(detections, ground_truth, class_names)
    areas = [area(boxes) for boxes, _, _ in ground_truth] if areas is None else areas
    crowd = [np.zeros(len(boxes), bool) for boxes, _, _ in ground_truth] if crowd is None else crowd
    areas, crowd = (
        checked_column(name, column, ground_truth, kind)
        for name, column, kind in (("areas", areas, float), ("crowd", crowd, bool))
    )
    found = defaultdict(list)
    for one, truth, sizes, crowds in zip(detections, ground_truth, areas, crowd):
        for label in np.unique(np.concatenate([one[1], truth[1]])):
            found[int(label)].append(match_class(label, *one, *truth, sizes, crowds))
    labels = sorted(found) if class_names is None else range(1, len(class_names) + 1)
    ap = np.full((len(AREAS), len(COCO_THRESHOLDS), len(labels)), np.nan)  # (4, 10, C)
    recall = np.full((len(LIMITS), *ap.shape), np.nan)  # (3, 4, 10, C)
    for c, label in enumerate(labels):
        if label in found:
            ap[..., c], recall[..., c] = _measure(found[label])
    classes = list(labels) if class_names is None else list(class_names)
    return COCOMetrics(_numbers(ap, recall), ap, recall, classes)


def _measure(images):
    """Return AP (4, 10) and recall (3, 4, 10) of one class from what match_class returns for each image."""
    scores, outcomes, counts = zip(*images)
    rank = np.concatenate([np.arange(len(of_image)) for of_image in scores])  # (D,) within the image
    order = np.argsort(-np.concatenate(scores), kind="stable")
    rank, outcomes = rank[order], np.concatenate(outcomes, axis=2)[..., order]  # (D,), (4, 10, D)
    ap = np.full(outcomes.shape[:2], np.nan)
    recall = np.full((len(LIMITS), *ap.shape), np.nan)
    for a, count in enumerate(np.sum(counts, axis=0)):
        if count == 0:
            continue
        for t, row in enumerate(outcomes[a]):
            hits = np.cumsum(row[row != IGNORED] == TRUE_POSITIVE)
            ap[a, t] = hundred_and_one_points(hits, hits / np.arange(1, len(hits) + 1), count)
            recall[:, a, t] = [((row == TRUE_POSITIVE) & (rank < limit)).sum() / count for limit in LIMITS]
    return ap, recall


def _numbers(ap, recall):
    half, three_quarters = COCO_THRESHOLDS.index(0.5), COCO_THRESHOLDS.index(0.75)
    parts = ap[0], ap[0, half], ap[0, three_quarters], *ap[1:], *recall[:, 0], *recall[-1, 1:]
    return {name: _mean(part) for name, part in zip(WORDS, parts)}


def _mean(values):
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


# ---------------------------------------------------------------------------------------------------------------------


def draw_coco_metrics(ax, metrics):
    """Draw the AP at each IoU threshold, for objects of every size and of the three ranges."""
    styles = {"all": ("black", "-"), "small": ("#D55E00", ":"), "medium": (COLORS["positive"], "--"),
              "large": (COLORS["ground truth"], "-.")}  # fmt: skip
    for name, ap in zip(AREAS, metrics.ap):
        if not np.isnan(ap).all():
            color, style = styles[name]
            text = f"{name}: {_mean(ap):.3f}"
            mean = [_mean(row) for row in ap]
            ax.plot(COCO_THRESHOLDS, mean, style, color=color, marker="o", markersize=4, linewidth=2, label=text)
    ax.set(xlabel="IoU threshold of a true positive", ylabel="AP, mean of the classes", ylim=(0, 1.05))
    ax.grid(alpha=0.3)
    if ax.lines:
        ax.legend(title="objects: AP", fontsize=9, loc="lower left")
    text = "AP falls as the IoU threshold rises" if ax.lines else "no class has an object that counts"
    ax.set_title(text, fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.coco_metrics")
