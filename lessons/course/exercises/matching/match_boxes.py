"""Exercise match_boxes of lesson 09: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.matching.shared import tables


def match_boxes(overlaps, threshold):
    best = overlaps.argmax(axis=0)  # (K,) the best object of each default box
    owner = np.where(overlaps.max(axis=0) >= threshold, best, -1)
    left = overlaps.copy()  # (M, K)
    for _ in range(min(left.shape)):
        m, k = np.unravel_index(left.argmax(), left.shape)
        owner[k] = m
        left[m, :] = left[:, k] = -1  # object and default box are matched now
    return owner


def match_only_the_best(overlaps, threshold):
    return match_boxes(overlaps, 2.0)


def match_threshold_only(overlaps, threshold):
    return np.where(overlaps.max(axis=0) >= threshold, overlaps.argmax(axis=0), -1)


def match_last_wins(overlaps, threshold):
    owner = match_threshold_only(overlaps, threshold)
    for m in range(len(overlaps)):
        owner[overlaps[m].argmax()] = m
    return owner


def match_threshold_last(overlaps, threshold):
    by_threshold = match_threshold_only(overlaps, threshold)
    return np.where(by_threshold >= 0, by_threshold, match_boxes(overlaps, threshold))


def match_above(overlaps, threshold):
    return match_boxes(overlaps, threshold + 1e-9)


def match_objects_in_turn(overlaps, threshold):
    owner, taken = match_threshold_only(overlaps, threshold), set()
    for m, row in enumerate(overlaps):
        free = [k for k in np.argsort(-row, kind="stable") if k not in taken]
        if free:
            owner[free[0]] = m
            taken.add(free[0])
    return owner


def match_first_keeps(overlaps, threshold):
    owner, taken = match_threshold_only(overlaps, threshold), set()
    for m, row in enumerate(overlaps):
        if row.argmax() not in taken:
            owner[row.argmax()] = m
            taken.add(row.argmax())
    return owner


def match_best_for_each_default_box(overlaps, threshold):
    return overlaps.argmax(axis=0)


def match_own_if_good(overlaps, threshold):
    return np.where(overlaps.max(axis=0) >= threshold, match_boxes(overlaps, threshold), -1)


def match_of_objects(overlaps, threshold):
    return overlaps.argmax(axis=1)


def match_pairs_with_threshold(overlaps, threshold):
    owner, left = match_threshold_only(overlaps, threshold), overlaps.copy()
    for _ in range(min(left.shape)):
        m, k = np.unravel_index(left.argmax(), left.shape)
        if left[m, k] >= threshold:
            owner[k] = m
        left[m, :] = left[:, k] = -1
    return owner


def match_zero_for_background(overlaps, threshold):
    return match_boxes(overlaps, threshold) + 1


EXERCISE = Exercise(
    question="Return for each default box (column of overlaps) the index of its object, or -1.",
    answer=match_boxes,
    cases=tables,
    hints=(
        "Begin with the threshold: the best object of each default box, or -1. Then take the largest number of "
        "the whole table, give that default box to that object, and forget the row and the column.",
        "np.unravel_index(left.argmax(), left.shape) finds the row and the column of the largest number; set both "
        "to -1 in a copy of the table, and repeat until each object or each default box is matched.",
    ),
    mistakes={
        "only the best": Mistake(
            match_only_the_best,
            "only each object's own default box is positive. All others at the threshold or above are, too.",
        ),
        "threshold only": Mistake(
            match_threshold_only,
            "an object that no default box fits well gets none: every object is to get a default box of its own.",
        ),
        "last wins": Mistake(
            match_last_wins,
            "where two objects want the same default box, the last takes it and the other is left without "
            "(amdegroot/ssd.pytorch, issue 354). Take the largest pair of the whole table first.",
        ),
        "threshold last": Mistake(
            match_threshold_last,
            "the threshold takes an object's own default box away again. Write down the own ones last.",
        ),
        "above": Mistake(match_above, "an IoU of exactly the threshold is a match: >= and not >."),
        "in turn": Mistake(
            match_objects_in_turn,
            "the objects choose in their order, and the first of them takes what another fits better. The best pair "
            "of the whole table comes first.",
            variants=(match_first_keeps,),
        ),
        "no threshold": Mistake(
            match_best_for_each_default_box, "you match every default box. Those below the threshold get -1."
        ),
        "own only if good": Mistake(
            match_own_if_good,
            "an object's own default box is matched even below the threshold.",
            variants=(match_pairs_with_threshold,),
        ),
        "of objects": Mistake(
            match_of_objects,
            "this is the best default box of each object. Wanted is an object for each default box.",
        ),
        "plus one": Mistake(
            match_zero_for_background, "every number is one too large: objects begin with 0, and -1 is background."
        ),
    },
)
