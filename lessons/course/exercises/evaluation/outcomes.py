"""Exercise outcomes of lesson 15: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def outcomes(overlaps, difficult, scores):
    found, taken = np.zeros(len(scores), int), set()
    for d in np.argsort(-scores, kind="stable"):  # the best score chooses first
        nearest = int(overlaps[d].argmax())
        if overlaps[d, nearest] < 0.5:
            continue
        if difficult[nearest]:
            found[d] = -1
        elif nearest not in taken:
            found[d] = 1
            taken.add(nearest)
    return found


def outcomes_without_taken(overlaps, difficult, scores):
    fits, hard = overlaps.max(axis=1) >= 0.5, difficult[overlaps.argmax(axis=1)]
    return np.where(fits, np.where(hard, -1, 1), 0)


def outcomes_in_the_order_given(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, -np.arange(len(scores)))


def outcomes_difficult_wrong(overlaps, difficult, scores):
    return np.maximum(outcomes(overlaps, difficult, scores), 0)


def outcomes_difficult_right(overlaps, difficult, scores):
    return outcomes(overlaps, np.zeros_like(difficult), scores)


def outcomes_above_half(overlaps, difficult, scores):
    return outcomes(np.where(overlaps == 0.5, 0, overlaps), difficult, scores)


def outcomes_by_score(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, scores)[np.argsort(-scores, kind="stable")]


def outcomes_next_free(overlaps, difficult, scores):
    found, left = np.zeros(len(scores), int), overlaps.copy()
    for d in np.argsort(-scores, kind="stable"):
        nearest = int(left[d].argmax())
        if left[d, nearest] >= 0.5:
            found[d] = -1 if difficult[nearest] else 1
            left[:, nearest] = left[:, nearest] if difficult[nearest] else 0
    return found


def outcomes_difficult_once(overlaps, difficult, scores):
    found, taken = outcomes(overlaps, np.zeros_like(difficult), scores), overlaps.argmax(axis=1)
    return np.where((found == 1) & difficult[taken], -1, found)


def outcomes_second_ignored(overlaps, difficult, scores):
    found = outcomes(overlaps, difficult, scores)
    return np.where((found == 0) & (overlaps.max(axis=1) >= 0.5), -1, found)


def outcomes_worst_first(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, -scores)


def outcomes_misses_ignored(overlaps, difficult, scores):
    found = outcomes(overlaps, difficult, scores)
    return np.where(overlaps.max(axis=1) < 0.5, -1, found)


def outcomes_best_overlap_first(overlaps, difficult, scores):
    return outcomes(overlaps, difficult, overlaps.max(axis=1))


def outcomes_not_difficult_nearest(overlaps, difficult, scores):
    return outcomes(np.where(difficult, 0, overlaps), difficult, scores)


def outcomes_taken_by_misses(overlaps, difficult, scores):
    found, taken = np.zeros(len(scores), int), set()
    for d in np.argsort(-scores, kind="stable"):
        nearest = int(overlaps[d].argmax())
        if difficult[nearest] and overlaps[d, nearest] >= 0.5:
            found[d] = -1
        elif nearest not in taken:
            found[d] = int(overlaps[d, nearest] >= 0.5)
            taken.add(nearest)
    return found


def outcomes_any_difficult(overlaps, difficult, scores):
    return np.where(difficult[overlaps.argmax(axis=1)], -1, outcomes(overlaps, difficult, scores))


def overlaps():
    rows = (
        ([[0.8]], [0], [0.9]),
        ([[0.4]], [0], [0.9]),
        ([[0.5]], [0], [0.9]),  # exactly
        ([[0.6], [0.9]], [0], [0.9, 0.7]),  # the same object twice
        ([[0.6], [0.9]], [0], [0.7, 0.9]),
        ([[0.8, 0.1], [0.2, 0.7]], [0, 1], [0.9, 0.8]),
        ([[0.8], [0.7]], [1], [0.9, 0.8]),  # a difficult object, twice
        ([[0.4], [0.6]], [1], [0.9, 0.8]),  # the first does not reach it
        ([[0.7, 0.6], [0.8, 0.6]], [0, 0], [0.9, 0.8]),  # the second also fits an object that is not taken
        ([[0.8], [0.1], [0.7]], [0], [0.7, 0.9, 0.8]),
        ([[0.3, 0.2], [0.1, 0.7], [0.9, 0.1]], [0, 1], [0.9, 0.8, 0.7]),
    )
    return [(np.array(a, float), np.array(b, bool), np.array(c, float)) for a, b, c in rows]


EXERCISE = Exercise(
    question="Return for each detection 1 (true positive), 0 (false positive) or -1 (ignored), by VOC's rule.",
    answer=outcomes,
    cases=overlaps,
    hints=(
        "Go through the detections by falling score; each asks only for the object that it overlaps most.",
        "Below 0.5: wrong. Difficult: -1, however often. Taken already: wrong. Otherwise right, and taken now.",
    ),
    mistakes={
        "not taken": Mistake(
            outcomes_without_taken,
            "an object that is found twice counts twice, and recall can exceed 1. The second one is wrong.",
        ),
        "order": Mistake(
            outcomes_in_the_order_given,
            "the detections choose in the order in which they are given. The best score chooses first.",
        ),
        "difficult is wrong": Mistake(
            outcomes_difficult_wrong,
            "a detection of a difficult object counts as wrong. It is ignored: -1.",
            variants=(outcomes_not_difficult_nearest,),
        ),
        "difficult is right": Mistake(
            outcomes_difficult_right,
            "a difficult object is treated as any other. A detection of it is ignored: -1.",
        ),
        "above": Mistake(outcomes_above_half, "an IoU of exactly 0.5 is enough."),
        "order of the answer": Mistake(
            outcomes_by_score,
            "your outcomes come best score first. Return them in the order in which the detections are given.",
        ),
        "next free object": Mistake(
            outcomes_next_free,
            "a detection whose object is taken falls back on another one. VOC asks only for the one it overlaps most.",
        ),
        "difficult once": Mistake(
            outcomes_difficult_once, "a difficult object is never taken: *every* detection of it is ignored, -1."
        ),
        "any difficult": Mistake(
            outcomes_any_difficult,
            "a detection is ignored only if its IoU with the difficult object is 0.5 or more. Below, it is a false "
            "positive, 0.",
        ),
        "second ignored": Mistake(
            outcomes_second_ignored,
            "a second detection of the same object is a false positive, 0. It is not ignored.",
        ),
        "misses ignored": Mistake(
            outcomes_misses_ignored, "a detection that fits no object is a false positive, 0. It is not ignored."
        ),
        "worst first": Mistake(outcomes_worst_first, "the lowest score chooses first: sort by -scores."),
        "best overlap first": Mistake(
            outcomes_best_overlap_first,
            "the detection that fits best chooses first. It is the one with the best score.",
        ),
        "taken by a miss": Mistake(
            outcomes_taken_by_misses, "a detection below 0.5 takes the object away from others. It takes nothing."
        ),
    },
)
