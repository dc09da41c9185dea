"""The confusion matrix of a detector: which class each object was taken for, with the background as one more class.

- A row is a class of the truth, a column a class of the detections; the last row and the last column are background.
- The diagonal counts the objects that were found: VOC's true positives, see ``detection_matching``.
- Of the detections and objects that are left, those with the highest IoU are paired first, if it is iou_threshold or
  more: the object was taken for another class.
- What is left then: an object goes into the last column (missed), a detection into the last row (nothing is there, or
  a better detection has found it already).

Difficult objects and the detections matched to them do not count.
"""

from dataclasses import dataclass

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.checks import checked, thresholds_of
from numpyssd.inference.detection_matching import FALSE_POSITIVE, TRUE_POSITIVE, match_detections

BACKGROUND = "background"


@dataclass(frozen=True)
class Confusion:
    """The result of ``confusion``: counts (C + 1, C + 1) int64, rows truth, columns detections, background last."""

    counts: np.ndarray
    class_names: tuple


def confusion(
    detections: list, ground_truth: list, class_names, iou_threshold=0.5, score_threshold=0.5
) -> Confusion:  # fmt: skip
    """Return the Confusion of the detections with a score of score_threshold or more.

    - detections, ground_truth, class_names: those of ``average_precision``, with the same ValueErrors;
    - iou_threshold: from this IoU on a detection and an object belong together;
    - score_threshold: a number, or one for each label (C,).
    """
    detections, ground_truth = checked(detections, ground_truth, class_names)
    background = len(class_names)
    counts = np.zeros((background + 1, background + 1), np.int64)
    for (boxes, labels, scores), (gt_boxes, gt_labels, difficult) in zip(detections, ground_truth):
        shown = scores >= thresholds_of(score_threshold, labels)
        boxes, labels, scores = boxes[shown], labels[shown], scores[shown]
        overlaps = iou(boxes, gt_boxes)  # (D, M)
        outcomes = match_detections(boxes, labels, scores, gt_boxes, gt_labels, difficult, (iou_threshold,))[0]  # (D,)
        found = _found(overlaps, labels, gt_labels, outcomes)  # (n,) objects
        np.add.at(counts, (gt_labels[found] - 1, gt_labels[found] - 1), 1)
        free_rows = np.flatnonzero(outcomes == FALSE_POSITIVE)
        free_objects = np.setdiff1d(np.flatnonzero(~difficult), found)
        free = overlaps[np.ix_(free_rows, free_objects)]
        pairs = _pairs(free, labels[free_rows], gt_labels[free_objects], iou_threshold)
        rows, objects = free_rows[pairs[:, 0]], free_objects[pairs[:, 1]]
        np.add.at(counts, (gt_labels[objects] - 1, labels[rows] - 1), 1)
        np.add.at(counts, (gt_labels[np.setdiff1d(free_objects, objects)] - 1, background), 1)
        np.add.at(counts, (background, labels[np.setdiff1d(free_rows, rows)] - 1), 1)
    return Confusion(counts, tuple(class_names))


def _found(overlaps, labels, gt_labels, outcomes):
    """Return the objects (n,) of the true positives: VOC's rule, the object of the class with the highest IoU."""
    true = np.flatnonzero(outcomes == TRUE_POSITIVE)
    own = np.where(labels[true, None] == gt_labels, overlaps[true], -1)  # (n, M)
    return own.argmax(axis=1) if own.size else np.zeros(0, int)


def _pairs(overlaps, labels, gt_labels, iou_threshold):
    """Return rows and columns (n, 2) of overlaps (D, M) of different classes, the highest first, each used once."""
    overlaps = np.where(labels[:, None] == gt_labels, -1, overlaps)
    order = np.argsort(-overlaps, axis=None, kind="stable")
    rows, columns = np.unravel_index(order[: int((overlaps >= iou_threshold).sum())], overlaps.shape)
    taken_rows, taken_columns, pairs = set(), set(), []
    for row, column in zip(rows.tolist(), columns.tolist()):
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            pairs.append((row, column))
    return np.array(pairs, int).reshape(-1, 2)


# ---------------------------------------------------------------------------------------------------------------------


def figure_size(classes: int) -> tuple[float, float]:
    """Return width and height in inches of a figure in which the numbers of so many classes can be read."""
    side = 3.2 + (classes + 1) * (0.55 if classes <= 10 else 0.4 if classes <= 30 else 0.24)
    return side + 0.6, side


def draw_confusion(ax, found: Confusion):
    """Draw the matrix: the darker a cell, the larger its share of the row; the count stands in it."""
    counts, classes = found.counts, len(found.class_names)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    size = 10 if classes <= 10 else 8 if classes <= 30 else 5
    for row, column in zip(*np.nonzero(counts)):
        color = "white" if share[row, column] > 0.55 else "black"
        ax.text(column, row, f"{counts[row, column]}", ha="center", va="center", fontsize=size, color=color)
    names = [*map(str, found.class_names), BACKGROUND]
    ticks = size if classes <= 30 else 7
    ax.set_xticks(range(classes + 1), names, rotation=90 if classes > 4 else 0, fontsize=ticks, parse_math=False)
    ax.set_yticks(range(classes + 1), names, fontsize=ticks, parse_math=False)
    ax.tick_params(length=0)
    ax.set_xticks(np.arange(classes) + 0.5, minor=True)
    ax.set_yticks(np.arange(classes) + 0.5, minor=True)
    ax.grid(which="minor", color="#d0d0d0", linewidth=0.5)
    ax.tick_params(which="minor", length=0)
    for line in (ax.axhline, ax.axvline):
        line(classes - 0.5, color="black", linewidth=1)
    ax.set_xlabel("found as (last column: missed)")
    ax.set_ylabel("truth (last row: nothing there)")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.confusion")
