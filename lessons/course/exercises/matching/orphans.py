"""Exercise orphans of lesson 09: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.matching.shared import tables


def orphans(overlaps, threshold):
    return int((overlaps.max(axis=1) < threshold).sum())


def orphan_default_boxes(overlaps, threshold):
    return int((overlaps.max(axis=0) < threshold).sum())


def orphans_at_the_threshold(overlaps, threshold):
    return int((overlaps.max(axis=1) <= threshold).sum())


def orphans_with_a_weak_box(overlaps, threshold):
    return int((overlaps.min(axis=1) < threshold).sum())


def orphans_served(overlaps, threshold):
    return int((overlaps.max(axis=1) >= threshold).sum())


def orphans_mask(overlaps, threshold):
    return overlaps.max(axis=1) < threshold


def orphans_indices(overlaps, threshold):
    return np.flatnonzero(overlaps.max(axis=1) < threshold)


def orphan_pairs(overlaps, threshold):
    return int((overlaps < threshold).sum())


def orphans_by_the_mean(overlaps, threshold):
    return int((overlaps.mean(axis=1) < threshold).sum())


def orphans_fraction(overlaps, threshold):
    return (overlaps.max(axis=1) < threshold).mean()


EXERCISE = Exercise(
    question="Return how many objects (rows of overlaps) have no default box (column) at the threshold or above.",
    answer=orphans,
    cases=tables,
    hints=(
        "The best IoU of an object is the largest number in its row.",
        "overlaps.max(axis=1) has one number for each object; count those below the threshold.",
    ),
    mistakes={
        "default boxes": Mistake(
            orphan_default_boxes,
            "you count the default boxes that fit no object: axis 0 runs over the objects. Most default boxes fit "
            "none, and that is normal.",
        ),
        "at the threshold": Mistake(
            orphans_at_the_threshold, "an IoU of exactly the threshold is enough: only what is below it counts."
        ),
        "weakest": Mistake(
            orphans_with_a_weak_box,
            "one good default box is enough for an object: look at the largest of its row, not at the smallest.",
        ),
        "served": Mistake(orphans_served, "you count the objects that do have one. Count the others."),
        "which ones": Mistake(
            orphans_mask, "this says which objects they are. Return how many.", variants=(orphans_indices,)
        ),
        "pairs": Mistake(
            orphan_pairs, "you count pairs of object and default box. One good default box is enough for an object."
        ),
        "mean": Mistake(orphans_by_the_mean, "you look at the mean of a row. Look at its largest number."),
        "fraction": Mistake(orphans_fraction, "this is a fraction. Return how many there are."),
    },
)
