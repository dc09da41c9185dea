"""Exercises of lesson 08: the offsets to an object, which default boxes are its own, and what they should answer."""

import numpy as np

from numpyssd.learn.exercises.exercise import Exercise, Mistake


def encode_box(box, default_box):
    x1, y1, x2, y2 = box
    cx, cy, w, h = default_box
    dx = ((x1 + x2) / 2 - cx) / w / 0.1
    dy = ((y1 + y2) / 2 - cy) / h / 0.1
    return np.array([dx, dy, np.log((x2 - x1) / w) / 0.2, np.log((y2 - y1) / h) / 0.2])


def encode_without_variances(box, default_box):
    return encode_box(box, default_box) * (0.1, 0.1, 0.2, 0.2)


def encode_without_log(box, default_box):
    offsets = encode_box(box, default_box)
    offsets[2:] = np.exp(offsets[2:] * 0.2) / 0.2
    return offsets


def encode_without_size(box, default_box):
    offsets = encode_box(box, default_box)
    offsets[:2] *= default_box[2:]
    return offsets


def encode_backwards(box, default_box):
    return -encode_box(box, default_box)


def encode_from_corner(box, default_box):
    offsets = encode_box(box, default_box)
    offsets[:2] = (box[:2] - default_box[:2]) / default_box[2:] / 0.1
    return offsets


def encode_cases():
    default = np.array([10.0, 6, 8, 2])
    centres = ((10, 6, 8, 2), (14, 6, 8, 2), (10, 5, 8, 2), (10, 6, 16, 1), (11, 7, 4, 3))
    return [(np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2]), default) for x, y, w, h in centres]


def match_boxes(overlaps, threshold):
    overlaps = np.array(overlaps)
    matched = np.full(overlaps.shape[1], -1)
    for k in range(overlaps.shape[1]):  # every default box that overlaps enough joins its best object
        if len(overlaps) and overlaps[:, k].max() >= threshold:
            matched[k] = overlaps[:, k].argmax()
    while overlaps.size and overlaps.max() > 0:  # each object its own, the best pair of all first
        m, k = np.unravel_index(overlaps.argmax(), overlaps.shape)
        matched[k] = m
        overlaps[m, :] = 0
        overlaps[:, k] = 0
    return matched


def match_threshold_only(overlaps, threshold):
    if not len(overlaps):
        return np.full(overlaps.shape[1], -1)
    return np.where(overlaps.max(axis=0) >= threshold, overlaps.argmax(axis=0), -1)


def match_best_only(overlaps, threshold):
    return match_boxes(overlaps, 2.0)


def match_threshold_last(overlaps, threshold):
    by_threshold, matched = match_threshold_only(overlaps, threshold), match_boxes(overlaps, 2.0)
    return np.where(by_threshold >= 0, by_threshold, matched)


def match_last_wins(overlaps, threshold):
    matched = match_threshold_only(overlaps, threshold)
    for m, row in enumerate(overlaps):
        matched[row.argmax()] = m
    return matched


def match_object_to_box(overlaps, threshold):
    return overlaps.argmax(axis=1) if len(overlaps) else np.zeros(0, int)


def match_cases():
    return [
        (np.array([[0.7, 0.1]]), 0.5),
        (np.zeros((0, 3)), 0.5),
        (np.array([[0.1, 0.3, 0.2]]), 0.5),
        (np.array([[0.6, 0.8, 0.5, 0.1]]), 0.5),
        (np.array([[0.6, 0.55, 0.2, 0], [0.4, 0, 0.35, 0.3]]), 0.5),
        (np.array([[0.4, 0.3, 0.1, 0], [0.3, 0.9, 0.6, 0.2]]), 0.5),
        (np.array([[0.9, 0.2, 0], [0.55, 0.3, 0]]), 0.5),
        (np.array([[0.6, 0, 0.1], [0.8, 0.7, 0]]), 0.5),
        (np.array([[0.55, 0.1, 0], [0.8, 0.9, 0]]), 0.5),
    ]


def class_targets(matched, labels):
    targets = np.zeros(len(matched), int)  # 0 is background
    positive = matched >= 0
    targets[positive] = labels[matched[positive]]
    return targets


def targets_last_object(matched, labels):
    return labels[matched]


def targets_object_numbers(matched, labels):
    return matched + 1


def targets_background_minus(matched, labels):
    return np.where(matched >= 0, labels[matched], -1)


def target_cases():
    return [
        (np.array([0]), np.array([3])),
        (np.array([-1, 0, -1]), np.array([3])),
        (np.array([1, -1, 0, 0]), np.array([5, 2])),
    ]


EXERCISES = {
    "encode_box": Exercise(
        question="Return the offsets (4,) that lead from a default box (4,) cxcywh to a box (4,) xyxy.",
        answer=encode_box,
        cases=encode_cases,
        hints=(
            "First the centre and the size of the box. How far are the centres apart, in sizes of the default box?",
            "dx = (x - cx) / w / 0.1, and dw = log(width / w) / 0.2.",
        ),
        mistakes={
            "no variances": Mistake(encode_without_variances, "the divisions by 0.1 and 0.2 are missing."),
            "no log": Mistake(encode_without_log, "the logarithm of the ratio of sizes is missing."),
            "not by size": Mistake(
                encode_without_size, "the way of the centre is not divided by the default box's own width and height."
            ),
            "backwards": Mistake(encode_backwards, "this is the way back, from the object to the default box."),
            "from the corner": Mistake(
                encode_from_corner, "you start from the object's corner; the way leads from centre to centre."
            ),
        },
    ),
    "match_boxes": Exercise(
        question="Return for each default box its object or -1, from the IoU (M, K) of M objects and K default boxes.",
        answer=match_boxes,
        cases=match_cases,
        hints=(
            "Two rules: each object gets a default box of its own; every other one joins its best object from the "
            "threshold on.",
            "The second rule first, then the first over it: look for the largest IoU of all, make that pair, "
            "strike out its row and column; repeat.",
        ),
        mistakes={
            "threshold only": Mistake(
                match_threshold_only, "an object that nothing overlaps by the threshold gets no default box at all."
            ),
            "best only": Mistake(
                match_best_only,
                "only the best default box of each object is positive here; all at or over the threshold are.",
            ),
            "threshold last": Mistake(
                match_threshold_last,
                "the threshold overwrites an object's own default box, so that a weak object loses it to a strong one.",
            ),
            "last wins": Mistake(
                match_last_wins,
                "two objects want the same default box, and the last one takes it; the other is left without. The pair "
                "with the largest IoU goes first, the other object takes its next best.",
            ),
            "object to box": Mistake(
                match_object_to_box,
                "this says which default box an object takes, (M,); the other way is wanted, (K,).",
            ),
        },
    ),
    "class_targets": Exercise(
        question="Return the class that each default box should answer, from its object or -1 and the objects' labels.",
        answer=class_targets,
        cases=target_cases,
        hints=(
            "Background is class 0. What is labels[-1] in NumPy?",
            "Begin with zeros, and fill in only the rows with matched >= 0.",
        ),
        mistakes={
            "last object": Mistake(
                targets_last_object, "-1 is the last object for NumPy: the whole background has become its class."
            ),
            "object numbers": Mistake(
                targets_object_numbers, "these are the numbers of the objects, not their labels."
            ),
            "minus one": Mistake(targets_background_minus, "background is class 0, not -1."),
        },
    ),
}
