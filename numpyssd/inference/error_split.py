"""What kind of mistake each wrong detection is, and which objects nobody found.

The kinds are those of TIDE (Bolya et al., ECCV 2020), which go back to Hoiem et al. (ECCV 2012):

- localization: the right class, but the IoU with its object is only 0.1 or more and not 0.5;
- class: an IoU of 0.5 or more, but with an object of another class;
- other: an IoU of 0.1 or more and not 0.5 with an object of another class, so that both are wrong;
- duplicate: an object that a better detection has already;
- background: an IoU below 0.1 with every object;
- missed: an object that no detection found, nor one that a localization or class mistake already tells of.

A detection that fits two kinds is of the first in the order duplicate, class, localization, other: the larger overlap
explains it better. (TIDE's program asks for localization first. Hoiem et al. count duplicates as localization, count
confusions of class from an IoU of 0.1 on, and look at as many detections as there are objects.) Right and wrong are
VOC's, as in ``judging``. Difficult objects are never missed, but may explain a detection that is wrong.
"""

from dataclasses import dataclass

import numpy as np

from numpyssd.boxes import iou
from numpyssd.drawing import COLORS
from numpyssd.inference.checks import checked
from numpyssd.inference.detection_matching import NOT_COUNTED, RIGHT, judge_image

KINDS = ("localization", "class", "other", "duplicate", "background", "missed")


@dataclass(frozen=True)
class ErrorSplit:
    """Of each image, in lists: what each detection is, the object that explains it, and which objects are missed.

    kinds: (D,) strings, "right", one of KINDS, or "" for one that is not counted, because its score is below
    score_threshold or its object difficult. objects: (D,) the index of the object that it overlaps most (that of its
    own class if it is right, a duplicate or badly localized), -1 on the background. overlaps: (D,) the IoU with it.
    missed: (M,) bool. per_class: class -> {"objects", "right", and each of KINDS} in numbers; a wrong detection is put
    down to the class that it says, a missed object to its own.
    """

    kinds: list
    objects: list
    overlaps: list
    missed: list
    per_class: dict
    score_threshold: float

    @property
    def total(self):
        """The numbers of all classes together."""
        return {key: sum(row[key] for row in self.per_class.values()) for key in ("objects", "right", *KINDS)}


def error_split(
    detections, ground_truth, class_names=None, iou_threshold=0.5, background=0.1, score_threshold=0.5
):  # fmt: skip
    """Return the ErrorSplit of the detections whose score is score_threshold or more.

    detections, ground_truth, class_names: those of ``average_precision``, and the same ValueErrors. A detection is
    right from an IoU of iou_threshold on, and on the background below ``background``.
    """
    if not 0 < background <= iou_threshold <= 1:
        raise ValueError(f"background and iou_threshold must be 0 < {background} <= {iou_threshold} <= 1")
    detections, ground_truth = checked(detections, ground_truth, class_names)
    images = [
        _split_image(*one, *truth, iou_threshold, background, score_threshold)
        for one, truth in zip(detections, ground_truth)
    ]
    kinds, objects, overlaps, missed = ([image[i] for image in images] for i in range(4))
    per_class = {}
    for label, name in _names(detections, ground_truth, class_names).items():
        said = [kind[labels == label] for kind, (_, labels, _) in zip(kinds, detections)]
        counted = [(labels == label) & ~difficult for _, labels, difficult in ground_truth]
        per_class[name] = {
            "objects": int(sum(mask.sum() for mask in counted)),
            **{key: int(sum((kind == key).sum() for kind in said)) for key in ("right", *KINDS[:-1])},
            "missed": int(sum((mask & gone).sum() for mask, gone in zip(counted, missed))),
        }
    return ErrorSplit(kinds, objects, overlaps, missed, per_class, score_threshold)


def _names(detections, ground_truth, class_names):
    """Return a dict of labels to their names, of all in class_names or of those that occur."""
    if class_names is not None:
        return dict(enumerate(class_names, 1))
    return {int(n): int(n) for n in np.unique(np.concatenate([[], *(rows[1] for rows in detections + ground_truth)]))}


def _split_image(boxes, labels, scores, gt_boxes, gt_labels, difficult, iou_threshold, background, score_threshold):
    """Return kinds (D,), objects (D,), overlaps (D,) and missed (M,) of one image."""
    kinds = np.full(len(boxes), "background", dtype="U12")
    objects, overlaps = np.full(len(boxes), -1), np.zeros(len(boxes))
    verdicts = judge_image(boxes, labels, scores, gt_boxes, gt_labels, difficult, (iou_threshold,))[0]  # (D,)
    if len(gt_boxes):
        own = labels[:, None] == gt_labels  # (D, M)
        fit = iou(boxes, gt_boxes)
        # From the weakest explanation to the strongest, so that the last one written stays.
        for kind, mask, least in (
            ("other", ~own, background), ("localization", own, background),
            ("class", ~own, iou_threshold), ("duplicate", own, iou_threshold),
        ):  # fmt: skip
            most = np.where(mask, fit, -1)  # (D, M)
            rows = np.flatnonzero(most.max(axis=1) >= least)
            kinds[rows], objects[rows], overlaps[rows] = kind, most[rows].argmax(axis=1), most[rows].max(axis=1)
    kinds[verdicts == RIGHT] = "right"
    kinds[(verdicts == NOT_COUNTED) | (scores < score_threshold)] = ""
    explained = objects[np.isin(kinds, ("right", "localization", "class"))]
    return kinds, objects, overlaps, ~difficult & ~np.isin(np.arange(len(gt_boxes)), explained)


# ---------------------------------------------------------------------------------------------------------------------

# Told apart by the color-blind (Okabe and Ito, 2008), and by their hatching on a gray print.
STYLES = {
    "localization": ("#56B4E9", ""),
    "class": ("#D55E00", "///"),
    "other": ("#CC79A7", "xx"),
    "duplicate": (COLORS["positive"], "\\\\\\"),
    "background": ("#8A8A8A", ""),
    "missed": (COLORS["ground truth"], ".."),
}


def draw_error_split(ax, split):
    """Draw for each class a bar of its mistakes, stacked by kind, for every 100 objects of it."""
    names = list(split.per_class)
    left, place = np.zeros(len(names)), np.arange(len(names))
    hundreds = np.array([max(1, split.per_class[name]["objects"]) / 100 for name in names])
    for kind, (color, hatch) in STYLES.items():
        number = np.array([split.per_class[name][kind] for name in names])
        bar = {"color": color, "hatch": hatch, "edgecolor": "white", "linewidth": 0.5}
        ax.barh(place, number / hundreds, left=left, height=0.7, label=f"{kind}: {number.sum()}", **bar)
        left += number / hundreds
    rows = [split.per_class[name] for name in names]
    texts = [f"{name}\n{row['right']} of {row['objects']} found" for name, row in zip(names, rows)]
    ax.set_yticks(place, texts, fontsize=9, parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="mistakes for every 100 objects of the class", xlim=(0, 1.05 * max(1, left.max(initial=0))))
    ax.set_ylim(len(names) - 0.4, -0.6)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    ax.set_title(f"Which mistakes? Boxes with a score of {split.score_threshold:g} or more", fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("inference.error_split")
