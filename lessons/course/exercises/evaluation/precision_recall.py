"""Exercise precision_recall of lesson 15: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.evaluation.shared import rankings
from lessons.course.exercises.exercise import Exercise, Mistake


def precision_recall(right, objects):
    hits = np.cumsum(right)  # (D,) right ones among the best 1, 2, ... detections
    return hits / np.arange(1, len(hits) + 1), hits / objects


def precision_of_all(right, objects):
    hits = np.cumsum(right)
    return hits / len(hits), hits / objects


def recall_of_right(right, objects):
    hits = np.cumsum(right)
    return hits / np.arange(1, len(hits) + 1), hits / hits[-1]


def recall_precision(right, objects):
    return precision_recall(right, objects)[::-1]


def precision_from_zero(right, objects):
    hits = np.cumsum(right)
    with np.errstate(all="ignore"):
        return hits / np.arange(len(hits)), hits / objects


def precision_not_summed(right, objects):
    right = np.asarray(right, float)
    return right / np.arange(1, len(right) + 1), right / objects


def recall_not_summed(right, objects):
    return precision_recall(right, objects)[0], np.asarray(right, float) / objects


def recall_of_detections(right, objects):
    hits = np.cumsum(right)
    return hits / np.arange(1, len(hits) + 1), hits / len(hits)


def precision_by_objects(right, objects):
    hits = np.cumsum(right)
    return hits / objects, hits / objects


def precision_of_misses(right, objects):
    misses = np.cumsum(~np.asarray(right, bool))
    hits = np.cumsum(right)
    with np.errstate(all="ignore"):
        return hits / np.maximum(misses, 1), hits / objects


def precision_from_the_end(right, objects):
    hits = np.cumsum(np.asarray(right)[::-1])[::-1]
    return hits / np.arange(len(hits), 0, -1), hits / objects


def only_precision_not_summed(right, objects):
    right = np.asarray(right, float)
    return right / np.arange(1, len(right) + 1), np.cumsum(right) / objects


EXERCISE = Exercise(
    question="Return precision (D,) and recall (D,) of the best 1, 2, ... D detections.",
    answer=precision_recall,
    cases=rankings,
    hints=(
        "Both have the same numerator: how many of the best 1, 2, ... are right. np.cumsum counts it.",
        "Precision divides by how many detections were looked at, 1, 2, ... D; recall by the number of objects.",
    ),
    mistakes={
        "of all": Mistake(
            precision_of_all,
            "you divide by the number of all detections. Of the best 1, 2, ... only that many have been shown.",
        ),
        "of the found": Mistake(
            recall_of_right,
            "you divide by the objects that were found, so that recall always ends at 1. Divide by all objects.",
        ),
        "exchanged": Mistake(recall_precision, "both are right, but precision comes first."),
        "from 0": Mistake(
            precision_from_zero, "the counts begin with 0. After the first detection it is 1: np.arange(1, D + 1)."
        ),
        "not added up": Mistake(
            precision_not_summed,
            "you use each outcome alone. How many are right among the best 1, 2, ...: np.cumsum(right).",
            variants=(recall_not_summed, only_precision_not_summed),
        ),
        "recall by detections": Mistake(
            recall_of_detections, "recall is divided by the number of objects, not by that of the detections."
        ),
        "both by objects": Mistake(
            precision_by_objects, "precision is divided by how many detections were looked at, not by the objects."
        ),
        "by the wrong ones": Mistake(
            precision_of_misses, "precision is TP / (TP + FP). You divide by the false positives alone."
        ),
        "from the end": Mistake(
            precision_from_the_end, "you count from the last detection. Begin with the best, the first one."
        ),
    },
)
