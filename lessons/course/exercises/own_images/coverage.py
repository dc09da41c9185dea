"""Exercise coverage of lesson 18: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def coverage(overlaps, threshold):
    return (overlaps.max(axis=1) >= threshold).mean()


def coverage_of_default_boxes(overlaps, threshold):
    return (overlaps.max(axis=0) >= threshold).mean()


def coverage_of_pairs(overlaps, threshold):
    return (overlaps >= threshold).mean()


def coverage_above(overlaps, threshold):
    return (overlaps.max(axis=1) > threshold).mean()


def count_covered(overlaps, threshold):
    return (overlaps.max(axis=1) >= threshold).sum()


def coverage_missed(overlaps, threshold):
    return (overlaps.max(axis=1) < threshold).mean()


def coverage_mean_best(overlaps, threshold):
    return overlaps.max(axis=1).mean()


def coverage_by_default_boxes(overlaps, threshold):
    return (overlaps.max(axis=1) >= threshold).sum() / overlaps.shape[1]


def coverage_mask(overlaps, threshold):
    return overlaps.max(axis=1) >= threshold


def coverage_hits_by_objects(overlaps, threshold):
    return (overlaps >= threshold).sum() / len(overlaps)


def coverage_mean_of_row(overlaps, threshold):
    return (overlaps.mean(axis=1) >= threshold).mean()


def coverage_all_of_row(overlaps, threshold):
    return (overlaps >= threshold).all(axis=1).mean()


def tables():
    rows = ([[0.6, 0.1]], [[0.6, 0.1], [0.2, 0.4]], [[0.5, 0.0, 0.0], [0.1, 0.2, 0.3]], [[0.7, 0.8], [0.9, 0.6]])
    return [(np.array(table), 0.5) for table in rows] + [(np.random.default_rng(15).random((7, 4)), 0.8)]


EXERCISE = Exercise(
    question="Return the fraction of objects (rows of overlaps) that some default box (columns) covers.",
    answer=coverage,
    cases=tables,
    hints=(
        "First the best IoU of each object. Then, how many of these reach the threshold?",
        "overlaps.max(axis=1) is the best of each row; compare with >=, and take the mean.",
    ),
    mistakes={
        "of default boxes": Mistake(
            coverage_of_default_boxes, "this is the fraction of default boxes that have an object: the wrong axis."
        ),
        "of pairs": Mistake(coverage_of_pairs, "this is the fraction of all pairs; one good default box is enough."),
        "above": Mistake(coverage_above, "an IoU of exactly the threshold counts: >=, not >."),
        "count": Mistake(count_covered, "this is their number; divide by the number of objects."),
        "missed": Mistake(coverage_missed, "this is the fraction of the objects that are *not* covered."),
        "mean IoU": Mistake(
            coverage_mean_best, "this is the mean of the best IoUs. Count those that reach the threshold."
        ),
        "by default boxes": Mistake(
            coverage_by_default_boxes, "you divide by the number of default boxes. Divide by that of the objects."
        ),
        "which ones": Mistake(coverage_mask, "this says which objects are covered. The fraction is their mean."),
        "pairs by objects": Mistake(
            coverage_hits_by_objects,
            "an object counts as often as default boxes cover it. It counts once: take the best of its row first.",
        ),
        "all default boxes": Mistake(
            coverage_all_of_row,
            "you ask that all default boxes of a row cover the object, or their mean. One good one is enough.",
            variants=(coverage_mean_of_row,),
        ),
    },
)
