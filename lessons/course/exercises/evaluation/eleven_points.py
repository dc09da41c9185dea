"""Exercise eleven_points of lesson 15: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.evaluation.precision_recall import precision_recall
from lessons.course.exercises.evaluation.shared import rankings
from lessons.course.exercises.exercise import Exercise, Mistake


def eleven_points(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    # 10 hits >= i objects, and not hits / objects >= i / 10 in floating point: whole numbers do not round.
    return sum(precision[10 * hits >= i * objects].max(initial=0) for i in range(11)) / 11


def eleven_by_arange(right, objects):
    precision, recall = precision_recall(right, objects)
    return sum(precision[recall >= level].max(initial=0) for level in np.arange(0, 1.1, 0.1)) / 11


def eleven_without_envelope(right, objects):
    precision = precision_recall(right, objects)[0]
    reached = [precision[10 * np.cumsum(right) >= i * objects] for i in range(11)]
    return sum(found[0] if len(found) else 0 for found in reached) / 11


def eleven_without_the_missed(right, objects):
    return eleven_points(right, int(np.sum(right)))


def eleven_tenths(right, objects):
    return eleven_points(right, objects) * 11 / 10


def _at_levels(right, objects, levels):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    return [precision[10 * hits >= i * objects].max(initial=0) for i in levels]


def eleven_without_zero(right, objects):
    return np.mean(_at_levels(right, objects, range(1, 11)))


def eleven_without_one(right, objects):
    return np.mean(_at_levels(right, objects, range(10)))


def eleven_without_zero_by_11(right, objects):
    return np.sum(_at_levels(right, objects, range(1, 11))) / 11


def eleven_without_one_by_11(right, objects):
    return np.sum(_at_levels(right, objects, range(10))) / 11


def eleven_more_than(right, objects):
    precision = precision_recall(right, objects)[0]
    return sum(precision[10 * np.cumsum(right) > i * objects].max(initial=0) for i in range(11)) / 11


def eleven_reached_only(right, objects):
    found = [value for value in _at_levels(right, objects, range(11)) if value > 0]
    return float(np.mean(found)) if found else 0.0


def eleven_before(right, objects):
    precision = precision_recall(right, objects)[0]
    return sum(precision[10 * np.cumsum(right) <= i * objects].max(initial=0) for i in range(11)) / 11


def eleven_last(right, objects):
    precision = precision_recall(right, objects)[0]
    reached = [precision[10 * np.cumsum(right) >= i * objects] for i in range(11)]
    return sum(found[-1] if len(found) else 0 for found in reached) / 11


def eleven_summed(right, objects):
    return sum(_at_levels(right, objects, range(11)))


EXERCISE = Exercise(
    question="Return the mean of the best precision at the recalls 0, 0.1, ..., 1 or beyond (VOC2007).",
    answer=eleven_points,
    cases=rankings,
    hints=(
        "At each of the eleven recalls: the largest precision among those that reach it; 0 if none does.",
        "precision[10 * hits >= i * objects].max(initial=0) for i from 0 to 10, then the sum over 11.",
    ),
    mistakes={
        "arange": Mistake(
            eleven_by_arange,
            "it is right but for rounding: a recall of exactly 0.3 misses np.arange's 0.30000000000000004. "
            "Compare whole numbers: 10 * hits >= i * objects.",
        ),
        "no envelope": Mistake(
            eleven_without_envelope,
            "you take the precision where the recall is first reached. Wanted is the best there or beyond.",
        ),
        "ten": Mistake(
            eleven_tenths,
            "from 0 to 1 in tenths there are eleven numbers: add up eleven, and divide by eleven.",
            variants=(
                eleven_without_zero,
                eleven_without_one,
                eleven_without_zero_by_11,
                eleven_without_one_by_11,
                eleven_summed,
            ),
        ),
        "more than": Mistake(eleven_more_than, "a recall of exactly 0.1, 0.2, ... reaches that level: >=, not >."),
        "reached only": Mistake(
            eleven_reached_only, "you average the levels that are reached. The others count 0: divide by eleven."
        ),
        "before": Mistake(
            eleven_before,
            "you look at the recalls up to each level. Wanted is the best precision there or *beyond*.",
        ),
        "last": Mistake(eleven_last, "you take the last precision. Wanted is the best of those that reach the level."),
        "found only": Mistake(
            eleven_without_the_missed, "recall is counted over the objects that were found, not over all objects."
        ),
    },
)
