"""Exercise label_anchors of lesson 21: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def label_anchors(overlaps, positive, negative):
    labels = np.full(overlaps.shape[1], -1)
    best = overlaps.max(axis=0, initial=0)  # (K,)
    labels[best < negative] = 0
    for row in overlaps:
        if row.max() > 0:  # no anchor touches this object
            labels[row == row.max()] = 1
    labels[best >= positive] = 1
    return labels


def labels_with_ties_at_zero(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    for row in overlaps:
        labels[row == row.max()] = 1
    return labels


def labels_negative_last(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    labels[overlaps.max(axis=0, initial=0) < negative] = 0
    return labels


def labels_first_tie_only(overlaps, positive, negative):
    labels = labels_threshold_only(overlaps, positive, negative)
    for row in overlaps:
        if row.max() > 0:
            labels[row.argmax()] = 1
    return labels


def labels_threshold_only(overlaps, positive, negative):
    best = overlaps.max(axis=0, initial=0)
    return np.where(best >= positive, 1, np.where(best < negative, 0, -1))


def labels_nothing_ignored(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    return np.where(labels < 0, 0, labels)


def labels_no_objects(overlaps, positive, negative):
    overlaps.max(axis=0)  # an error without rows
    return label_anchors(overlaps, positive, negative)


def labels_above_positive(overlaps, positive, negative):
    return label_anchors(overlaps, positive + 1e-9, negative)


def labels_up_to_negative(overlaps, positive, negative):
    return label_anchors(overlaps, positive, negative + 1e-9)


def labels_best_only(overlaps, positive, negative):
    return label_anchors(overlaps, 2.0, negative)


def labels_exchanged(overlaps, positive, negative):
    labels = label_anchors(overlaps, positive, negative)
    return np.choose(labels + 1, (0, -1, 1))


def labels_of_the_largest(overlaps, positive, negative):
    labels = labels_threshold_only(overlaps, positive, negative)
    if overlaps.size and overlaps.max() > 0:
        labels[(overlaps == overlaps.max()).any(axis=0)] = 1
    return labels


def tables_of_overlaps():
    tiny = [
        [[0.8, 0.5, 0.1]],
        [[0.7, 0.3, 0.2]],
        [[0.2, 0.1, 0.0]],  # the best is below 0.3
        [[0.5, 0.5, 0.1]],  # two tie
        [[0.0, 0.0, 0.0], [0.8, 0.4, 0.0]],  # no anchor touches the first object
        [[0.6, 0.1, 0.2], [0.1, 0.25, 0.1]],
    ]
    rng = np.random.default_rng(4)
    tables = [np.array(t) for t in tiny] + [np.zeros((0, 4))] + [rng.integers(0, 10, (3, 6)) / 10 for _ in range(3)]
    return [(table, 0.7, 0.3) for table in tables]


EXERCISE = Exercise(
    question="Return a label (K,) for each anchor: 1 object, 0 background, -1 neither, from overlaps (M, K).",
    answer=label_anchors,
    cases=tables_of_overlaps,
    hints=(
        "Three rules, a later one wins: below ``negative`` with every object: 0. Each object's best, and its ties: "
        "1. From ``positive`` on: 1.",
        "overlaps.max(axis=0, initial=0) also works without objects. An object whose largest overlap is 0 has no "
        "best anchor at all.",
    ),
    mistakes={
        "ties at zero": Mistake(
            labels_with_ties_at_zero,
            "an object that no anchor touches has a largest IoU of 0, and all anchors beside it tie for that. "
            "This is the released code's (py-faster-rcnn).",
        ),
        "negative last": Mistake(
            labels_negative_last,
            "a weak best anchor became background again: the order of the rules is part of the rule.",
        ),
        "first tie only": Mistake(labels_first_tie_only, "argmax returns the first of equals; all of them count."),
        "threshold only": Mistake(
            labels_threshold_only, "each object's best anchor is positive too, however small its IoU is."
        ),
        "nothing ignored": Mistake(
            labels_nothing_ignored, "between the thresholds is neither: -1, and no part of the loss."
        ),
        "no objects": Mistake(
            labels_no_objects,
            "an image may have no object. The maximum over no rows is an error: max(axis=0, initial=0).",
        ),
        "above": Mistake(labels_above_positive, "an IoU of exactly ``positive`` is enough for an object: >=, not >."),
        "up to": Mistake(
            labels_up_to_negative, "an IoU of exactly ``negative`` is neither: only what is *below* is background."
        ),
        "best only": Mistake(
            labels_best_only, "an anchor with ``positive`` or more is an object too, even if another fits better."
        ),
        "exchanged": Mistake(labels_exchanged, "0 and -1 are exchanged: background is 0, and neither is -1."),
        "best of all": Mistake(
            labels_of_the_largest,
            "you look for the best anchor of the whole table. *Each* object has its own best one.",
        ),
    },
)
