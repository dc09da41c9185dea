"""Which type of error each false positive is, and which objects were missed.

The types are those of TIDE (Bolya et al., ECCV 2020), which go back to Hoiem et al. (ECCV 2012):

- localization: the right class, but an IoU of 0.1 to 0.5 with its object;
- classification: an IoU of 0.5 or more, but with an object of another class;
- both: an IoU of 0.1 to 0.5 with an object of another class;
- duplicate: the object is matched to a better detection already;
- background: an IoU below 0.1 with every object;
- missed: an object that no detection found, and that no localization or classification error belongs to.

A detection that fits several types is of the first in the order duplicate, classification, localization, both: the
larger overlap explains it better. (TIDE's program asks for localization first. Hoiem et al. count duplicates as
localization, count confusions of class from an IoU of 0.1 on, and look at as many detections as there are objects.)
True positives are VOC's, see ``detection_matching``. Difficult objects are never missed, but may explain an error.
"""

from dataclasses import dataclass

import numpy as np

from numpyssd.boxes import iou
from numpyssd.drawing import COLORS
from numpyssd.inference.checks import checked, score_in_words, thresholds_of
from numpyssd.inference.detection_matching import IGNORED, TRUE_POSITIVE, match_detections

ERROR_TYPES = ("localization", "classification", "both", "duplicate", "background", "missed")


@dataclass(frozen=True)
class ErrorSplit:
    """The result of ``error_split``: lists with an array for each image, and the counts of each class.

    - types (D,): "correct", one of ERROR_TYPES, or "" for a detection that does not count, because its score is below
      score_threshold or its object is difficult;
    - objects (D,): the index of the object that it overlaps most (of its own class if it is correct, a duplicate or a
      localization error), -1 on the background;
    - overlaps (D,): the IoU with that object;
    - missed (M,): bool;
    - per_class: class -> {"objects": n, "correct": n, and each of ERROR_TYPES: n}. An error counts for the class that
      the detection has, a missed object for its own.
    """

    types: list
    objects: list
    overlaps: list
    missed: list
    per_class: dict
    score_threshold: float | tuple

    @property
    def total(self):
        """The counts of all classes together."""
        return {key: sum(row[key] for row in self.per_class.values()) for key in ("objects", "correct", *ERROR_TYPES)}


def error_split(
    detections: list, ground_truth: list, class_names=None, iou_threshold=0.5, background=0.1, score_threshold=0.5
) -> ErrorSplit:
    """Return the ErrorSplit of the detections whose score is score_threshold or more.

    - detections, ground_truth, class_names: those of ``average_precision``, with the same ValueErrors;
    - iou_threshold: a detection fits an object from this IoU on;
    - background: below this IoU a detection is on the background;
    - score_threshold: a number, or one for each label, label 1 first.
    """
    if not 0 < background <= iou_threshold <= 1:
        raise ValueError(f"background and iou_threshold must be 0 < {background} <= {iou_threshold} <= 1")
    detections, ground_truth = checked(detections, ground_truth, class_names)
    images = [
        _split_image(*one, *truth, iou_threshold, background, score_threshold)
        for one, truth in zip(detections, ground_truth)
    ]
    types, objects, overlaps, missed = ([image[i] for image in images] for i in range(4))
    per_class = {}
    for label, name in _names(detections, ground_truth, class_names).items():
        own = [of_image[labels == label] for of_image, (_, labels, _) in zip(types, detections)]
        counted = [(labels == label) & ~difficult for _, labels, difficult in ground_truth]
        per_class[name] = {
            "objects": int(sum(mask.sum() for mask in counted)),
            **{key: int(sum((of_image == key).sum() for of_image in own)) for key in ("correct", *ERROR_TYPES[:-1])},
            "missed": int(sum((mask & lost).sum() for mask, lost in zip(counted, missed))),
        }
    return ErrorSplit(types, objects, overlaps, missed, per_class, score_threshold)


def _names(detections, ground_truth, class_names):
    """Return a dict, label -> name, of all class_names, or of the labels that occur."""
    if class_names is not None:
        return dict(enumerate(class_names, 1))
    return {int(n): int(n) for n in np.unique(np.concatenate([[], *(rows[1] for rows in detections + ground_truth)]))}


def _split_image(boxes, labels, scores, gt_boxes, gt_labels, difficult, iou_threshold, background, score_threshold):
    """Return types (D,), objects (D,), overlaps (D,) and missed (M,) of one image."""
    types = np.full(len(boxes), "background", dtype="U14")
    objects, overlaps = np.full(len(boxes), -1), np.zeros(len(boxes))
    outcomes = match_detections(boxes, labels, scores, gt_boxes, gt_labels, difficult, (iou_threshold,))[0]  # (D,)
    if len(gt_boxes):
        own = labels[:, None] == gt_labels  # (D, M)
        all_overlaps = iou(boxes, gt_boxes)
        # From the weakest explanation to the strongest, so that the last one written stays.
        for error, mask, threshold in (
            ("both", ~own, background), ("localization", own, background),
            ("classification", ~own, iou_threshold), ("duplicate", own, iou_threshold),
        ):  # fmt: skip
            masked = np.where(mask, all_overlaps, -1)  # (D, M)
            best, highest = masked.argmax(axis=1), masked.max(axis=1)  # (D,) each
            rows = highest >= threshold
            types[rows], objects[rows], overlaps[rows] = error, best[rows], highest[rows]
    types[outcomes == TRUE_POSITIVE] = "correct"
    types[(outcomes == IGNORED) | (scores < thresholds_of(score_threshold, labels))] = ""
    explained = objects[np.isin(types, ("correct", "localization", "classification"))]
    return types, objects, overlaps, ~difficult & ~np.isin(np.arange(len(gt_boxes)), explained)


# ---------------------------------------------------------------------------------------------------------------------

# Told apart by the color-blind (Okabe and Ito, 2008), and by their hatching on a gray print.
STYLES = {
    "localization": ("#56B4E9", ""),
    "classification": ("#D55E00", "///"),
    "both": ("#CC79A7", "xx"),
    "duplicate": (COLORS["positive"], "\\\\\\"),
    "background": ("#8A8A8A", ""),
    "missed": (COLORS["ground truth"], ".."),
}


def draw_error_split(ax, split):
    """Draw for each class a bar of its errors, stacked by type, for every 100 objects of it."""
    names = list(split.per_class)
    left, place = np.zeros(len(names)), np.arange(len(names))
    hundreds = np.array([max(1, split.per_class[name]["objects"]) / 100 for name in names])
    for error, (color, hatch) in STYLES.items():
        number = np.array([split.per_class[name][error] for name in names])
        bar = {"color": color, "hatch": hatch, "edgecolor": "white", "linewidth": 0.5}
        ax.barh(place, number / hundreds, left=left, height=0.7, label=f"{error}: {number.sum()}", **bar)
        left += number / hundreds
    rows = [split.per_class[name] for name in names]
    texts = [f"{name}\n{row['correct']} of {row['objects']} found" for name, row in zip(names, rows)]
    ax.set_yticks(place, texts, fontsize=9, parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="errors for every 100 objects of the class", xlim=(0, 1.05 * max(1, left.max(initial=0))))
    ax.set_ylim(len(names) - 0.4, -0.6)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    ax.set_title(f"Which errors? Boxes with {score_in_words(split.score_threshold)}", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.error_split")
