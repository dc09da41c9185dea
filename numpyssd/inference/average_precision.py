"""Average precision, the score of a detector: the area under precision over recall (paper, section 3; VOC devkit).

``voc07`` averages the precision at eleven recalls, ``voc`` takes the whole area (VOC from 2010 on), ``coco`` averages
101 recalls over the ten IoU thresholds 0.50, 0.55, ..., 0.95 with 100 detections an image.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.inference.checks import best, checked
from numpyssd.inference.detection_matching import NOT_COUNTED, RIGHT, judge
from numpyssd.inference.precision_recall import area_under_envelope, eleven_points, envelope, hundred_and_one_points

COCO_THRESHOLDS = tuple((50 + 5 * i) / 100 for i in range(10))
COCO_DETECTIONS = 100  # an image, best first


class Curve(NamedTuple):
    """Recall and precision of the best 1, 2, ... detections of one class, and the scores of those; each (D,)."""

    recall: np.ndarray
    precision: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class AveragePrecision:
    """The result: ``mean`` over the classes in ``per_class`` (name or label -> AP); ``left_out`` lists the others.

    objects: class -> how many of its objects count. curves: class -> Curve; for coco at an IoU of 0.50. The mean is
    NaN if no class has an object that counts.
    """

    metric: str
    mean: float
    per_class: dict
    left_out: list
    curves: dict = field(repr=False)
    objects: dict = field(repr=False)

    def summary(self):
        """Return a table, a line for each class and one for the mean, that also says which classes were left out."""
        rows = [(str(name), str(self.objects[name]), f"{ap:.3f}") for name, ap in self.per_class.items()]
        rows.append((f"mean ({self.metric})", str(sum(self.objects.values())), f"{self.mean:.3f}"))
        width = max(len(name) for name, _, _ in rows)
        lines = [
            f"{'class':<{width}}  objects     AP",
            *(f"{n:<{width}}  {count:>7}  {ap:>5}" for n, count, ap in rows),
        ]
        if self.left_out:
            lines.append("left out, without an object that counts: " + ", ".join(map(str, self.left_out)))
        if not self.per_class:
            lines.append("there is no mean, because no class has an object that counts")
        return "\n".join(lines)


def average_precision(
    detections, ground_truth, metric="voc07", iou_threshold=0.5, class_names=None, pixels="continuous"
):
    """Return the AveragePrecision of detections against ground truth.

    detections: a list with one entry for each image, (boxes (D, 4), labels (D,), scores (D,)). ground_truth: a list
    as long, of (boxes (M, 4), labels (M,), difficult (M,) bool). Boxes are xyxy in pixels of that image, labels from
    1 on. class_names: of the labels 1, 2, ...; without them the labels that occur are used, as integers.

    pixels: "continuous" if a box of ten pixels is 10 wide, as all boxes of this package are; plain IoU is then what the
    devkit calculates with its "+ 1". "inclusive" if x_max and y_max are the last pixel inside, so that the same box is
    9 wide: this is the "+ 1" of those who have the numbers of VOC's files, in both lists.

    A detection that reaches iou_threshold exactly fits; metric "coco" takes its own ten thresholds instead, and of each
    image the best 100 detections of all classes together (COCO's page says so; pycocotools takes 100 of each class, and
    so does ``coco_metrics``). A difficult object neither counts nor hurts. A class without other objects is left out of
    the mean and listed in ``left_out``. Raises ValueError for another metric, lists of different lengths, rows that do
    not fit together, NaN scores, labels that have no name, and another word for pixels.
    """
    if metric not in ("voc07", "voc", "coco"):
        raise ValueError(f"metric must be voc07, voc or coco, not {metric!r}")
    if not 0 < iou_threshold <= 1:
        raise ValueError(f"iou_threshold must be above 0 and at most 1, not {iou_threshold}")
    detections, ground_truth = checked(detections, ground_truth, class_names, pixels)
    if metric == "coco":
        detections = [best(COCO_DETECTIONS, *rows) for rows in detections]
    thresholds = COCO_THRESHOLDS if metric == "coco" else (iou_threshold,)
    judged = judge(detections, ground_truth, thresholds, coco=metric == "coco")
    area = {"voc07": eleven_points, "voc": area_under_envelope, "coco": hundred_and_one_points}[metric]
    per_class, left_out, curves, objects = {}, [], {}, {}
    for label in sorted(judged) if class_names is None else range(1, len(class_names) + 1):
        name = label if class_names is None else class_names[label - 1]
        if label not in judged or judged[label].objects == 0:
            left_out.append(name)
            continue
        scores, verdicts, count = judged[label]
        counted = [row[row != NOT_COUNTED] == RIGHT for row in verdicts]  # (D,) bool for each threshold
        hits = [np.cumsum(right) for right in counted]  # true positives among the best 1, 2, ... detections
        precisions = [h / np.arange(1, len(h) + 1) for h in hits]
        per_class[name] = float(np.mean([area(h, p, count) for h, p in zip(hits, precisions)]))
        curves[name] = Curve(hits[0] / count, precisions[0], scores[verdicts[0] != NOT_COUNTED])
        objects[name] = count
    mean = float(np.mean(list(per_class.values()))) if per_class else float("nan")
    return AveragePrecision(metric, mean, per_class, left_out, curves, objects)


# ---------------------------------------------------------------------------------------------------------------------


def draw_average_precision(ax, result, name):
    """Draw precision over recall of one class of a result, the area below its envelope, and VOC2007's eleven points."""
    (recall, precision, scores), count = result.curves[name], result.objects[name]
    hits = np.rint(recall * count)
    levels = np.arange(11) / 10
    points = [precision[10 * hits >= i * count].max(initial=0.0) for i in range(11)]
    edges, heights = np.r_[0, recall], np.r_[precision.max(initial=0.0), envelope(precision)]
    ax.fill_between(edges, heights, step="pre", color=COLORS["prediction"], alpha=0.3, lw=0, label="area (voc)")
    ax.plot(recall, precision, color="black", linewidth=1, marker=".", markersize=4, label="the best 1, 2, 3, … boxes")
    ax.plot(levels, points, "o", color=COLORS["positive"], label="eleven points (voc07)")
    for i in np.flatnonzero(np.diff(np.floor(np.arange(len(scores)) * 5 / len(scores)), prepend=0)):
        ax.annotate(
            f"score ≥ {scores[i]:.2f}", (recall[i], precision[i]), xytext=(-6, -18), textcoords="offset points",
            fontsize=8, ha="right", color="#404040", arrowprops={"arrowstyle": "-", "color": "#909090"},
        )  # fmt: skip
    ax.set(xlabel=f"recall: share of the {count} objects found", ylabel="precision: share of the boxes that are right")
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.05))
    ax.legend(fontsize=9, loc="lower left")
    area = area_under_envelope(hits, precision, count)
    ax.set_title(f"AP of {name!r}: {np.mean(points):.3f} from eleven points, {area:.3f} from the area", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("inference.average_precision")
