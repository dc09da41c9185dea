"""Exercise area_of_curve of lesson 15: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.evaluation.precision_recall import precision_recall
from lessons.course.exercises.evaluation.shared import rankings
from lessons.course.exercises.exercise import Exercise, Mistake


def area_of_curve(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]  # at this recall or beyond
    return float(best[np.asarray(right, bool)].sum() / objects)


def area_with_dips(right, objects):
    return float(precision_recall(right, objects)[0][np.asarray(right, bool)].sum() / objects)


def area_of_trapezoids(right, objects):
    precision, recall = precision_recall(right, objects)
    x, y = np.r_[0, recall], np.r_[precision[0], precision]
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def area_over_found(right, objects):
    return area_of_curve(right, int(np.sum(right)))


def area_running_maximum(right, objects):
    best = np.maximum.accumulate(precision_recall(right, objects)[0])
    return float(best[np.asarray(right, bool)].sum() / objects)


def area_mean_precision(right, objects):
    return float(precision_recall(right, objects)[0].mean())


def area_mean_envelope(right, objects):
    precision = precision_recall(right, objects)[0]
    return float(np.maximum.accumulate(precision[::-1]).mean())


def area_without_the_first(right, objects):
    precision, recall = precision_recall(right, objects)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall) * best[1:]).sum())


def area_all_detections(right, objects):
    precision = precision_recall(right, objects)[0]
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best.sum() / objects)


def area_by_detections(right, objects):
    return area_of_curve(right, objects) * objects / len(right)


def area_dips_found_only(right, objects):
    return area_with_dips(right, max(1, int(np.sum(right))))


EXERCISE = Exercise(
    question="Return the area under the best precision at each recall or beyond (VOC from 2010 on).",
    answer=area_of_curve,
    cases=rankings,
    hints=(
        "np.maximum.accumulate from the right gives the best precision here or beyond.",
        "Recall grows by 1 / objects at each right detection, and only there: add the best precision at those.",
    ),
    mistakes={
        "dips": Mistake(
            area_with_dips,
            "this is the area under the curve with its dips. Take the best precision at each recall or beyond.",
        ),
        "trapezoids": Mistake(
            area_of_trapezoids,
            "these are trapezoids between the points (np.trapezoid, or a library's auc). VOC's curve has steps.",
        ),
        "found only": Mistake(
            area_over_found,
            "you divide by the objects that were found. The missed ones are part of the width.",
            variants=(area_dips_found_only,),
        ),
        "maximum so far": Mistake(
            area_running_maximum,
            "you take the best precision so far, at a smaller recall. Wanted is the best there or *beyond*: from the "
            "right.",
        ),
        "mean": Mistake(
            area_mean_precision,
            "this is the mean over the detections. A strip is as wide as the recall grows: 1 / objects at each hit.",
            variants=(area_mean_envelope, area_by_detections),
        ),
        "first strip": Mistake(
            area_without_the_first, "the first strip is missing: the curve begins at a recall of 0."
        ),
        "misses, too": Mistake(
            area_all_detections, "you add a strip for each detection. The recall grows only at the right ones."
        ),
    },
)
