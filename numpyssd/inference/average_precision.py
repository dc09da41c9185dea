"""Average precision (AP), the score of a detector: the area under precision over recall (paper, section 3; VOC devkit).

- voc07: the mean precision at eleven recalls, at an IoU of 0.5 (VOC2007);
- voc: the whole area, at an IoU of 0.5 (VOC from 2010 on);
- coco: the mean precision at 101 recalls, averaged over ten IoU thresholds (0.50, 0.55, ..., 0.95).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from numpyssd.console import printable
from numpyssd.drawing import COLORS
from numpyssd.inference.checks import best_of_each_class, checked
from numpyssd.inference.detection_matching import IGNORED, TRUE_POSITIVE, match_by_class
from numpyssd.inference.precision_recall import area_under_envelope, eleven_points, envelope, hundred_and_one_points

COCO_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())  # as pycocotools; 0.9 is less than 0.9 by a rounding
SHOWN = 5  # classes that are left out, in a summary
COCO_DETECTIONS = 100  # of a class in an image, best first
AREA_RULES = {"voc07": eleven_points, "voc": area_under_envelope, "coco": hundred_and_one_points}


class Curve(NamedTuple):
    """Recall and precision of the best 1, 2, ... detections of one class, and the scores of those; each (D,)."""

    recall: np.ndarray
    precision: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class AveragePrecision:
    """The result of ``average_precision``. A class is its name, or its label where no names were given.

    - metric: "voc07", "voc" or "coco";
    - mean: the mean AP of the classes in ``per_class``; NaN if no class has an object that counts;
    - per_class: class -> AP;
    - left_out: the classes without an object that counts;
    - curves: class -> Curve; for coco the one at an IoU of 0.50;
    - objects: class -> how many of its objects count.
    """

    metric: str
    mean: float
    per_class: dict
    left_out: list
    curves: dict = field(repr=False)
    objects: dict = field(repr=False)

    def summary(self):
        """Return a table: a line for each class, one for the mean, and the classes that were left out."""
        rows = [(printable(name), str(self.objects[name]), f"{ap:.3f}") for name, ap in self.per_class.items()]
        rows.append((f"mean ({self.metric})", str(sum(self.objects.values())), f"{self.mean:.3f}"))
        width = max(len(name) for name, _, _ in rows)
        lines = [
            f"{'class':<{width}}  objects     AP",
            *(f"{n:<{width}}  {count:>7}  {ap:>5}" for n, count, ap in rows),
        ]
        if self.left_out:
            names = ", ".join(printable(name) for name in self.left_out[:SHOWN])
            more = len(self.left_out) - SHOWN
            names += f" and {more} more of {len(self.left_out)} classes" if more > 0 else ""
            lines.append(f"left out, without an object that counts: {names}")
        if not self.per_class:
            lines.append("there is no mean, because no class has an object that counts")
        return "\n".join(lines)


def average_precision(
    detections: list,
    ground_truth: list,
    metric: str = "voc07",
    iou_threshold=0.5,
    class_names=None,
    pixels: str = "continuous",
) -> AveragePrecision:
    """Return the AveragePrecision of detections against ground truth.

    - detections: for each image (boxes (D, 4), labels (D,), scores (D,));
    - ground_truth: for each image (boxes (M, 4), labels (M,), difficult (M,) bool), as many images;
      in both lists the boxes are xyxy in pixels of that image, and the labels start at 1;
    - metric: "voc07", "voc" or "coco";
    - iou_threshold: a detection fits an object from exactly this IoU on; "coco" takes its own ten thresholds;
    - class_names: of the labels 1, 2, ...; without them the labels that occur are used, as integers;
    - pixels: "continuous" if a box of ten pixels is 10 wide, as all boxes of this package are. "inclusive" if x_max and
      y_max are the last pixel inside, so that the same box is 9 wide, as in VOC's files (see ``checks``).

    A difficult object neither counts nor hurts. A class without other objects is left out of the mean.

    "coco" takes the best 100 detections of each class in each image, as pycocotools does (COCO's page says 100 in an
    image). Of equal scores the earlier image goes first; pycocotools has them in the order of their ids.

    Raises ValueError for an unknown metric or word for pixels, lists of different lengths, arrays that do not fit
    together, NaN scores, and labels without a name.
    """
    detections, ground_truth, thresholds = limited(detections, ground_truth, metric, iou_threshold, class_names, pixels)
    matches = match_by_class(detections, ground_truth, thresholds, coco=metric == "coco")
    area = AREA_RULES[metric]
    per_class, left_out, curves, objects = {}, [], {}, {}
    for label in sorted(matches) if class_names is None else range(1, len(class_names) + 1):
        name = label if class_names is None else class_names[label - 1]
        if label not in matches or matches[label].objects == 0:
            left_out.append(name)
            continue
        scores, outcomes, count, *_ = matches[label]
        counted = [row[row != IGNORED] == TRUE_POSITIVE for row in outcomes]  # (D,) bool for each threshold
        hits = [np.cumsum(true) for true in counted]  # true positives among the best 1, 2, ... detections
        precisions = [h / np.arange(1, len(h) + 1) for h in hits]
        per_class[name] = float(np.mean([area(h, p, count) for h, p in zip(hits, precisions)]))
        curves[name] = Curve(hits[0] / count, precisions[0], scores[outcomes[0] != IGNORED])
        objects[name] = count
    mean = float(np.mean(list(per_class.values()))) if per_class else float("nan")
    return AveragePrecision(metric, mean, per_class, left_out, curves, objects)


def limited(detections, ground_truth, metric, iou_threshold, class_names=None, pixels="continuous"):
    """Return both lists, checked and with only the detections that a metric looks at, and its IoU thresholds.

    The arguments and the ValueErrors are those of ``average_precision``.
    """
    if metric not in AREA_RULES:
        raise ValueError(f"metric must be voc07, voc or coco, not {metric!r}")
    if not 0 < iou_threshold <= 1:
        raise ValueError(f"iou_threshold must be above 0 and at most 1, not {iou_threshold}")
    detections, ground_truth = checked(detections, ground_truth, class_names, pixels)
    if metric == "coco":
        detections = [best_of_each_class(COCO_DETECTIONS, *rows) for rows in detections]
    thresholds = COCO_THRESHOLDS if metric == "coco" else (iou_threshold,)
    return detections, ground_truth, thresholds


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
    ax.set(xlabel=f"recall: fraction of the {count} objects found", ylabel="precision: fraction of true positives")
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.05))
    ax.legend(fontsize=9, loc="lower left")
    area = area_under_envelope(hits, precision, count)
    ax.set_title(f"AP of {name!r}: {np.mean(points):.3f} from eleven points, {area:.3f} from the area", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.average_precision")
