"""Exercises of lesson 00: from what a detector puts out to something that people read."""

import numpy as np

from numpyssd.learn.exercises.exercise import Exercise, Mistake


def confident(boxes, labels, scores, least):
    keep = scores >= least
    return boxes[keep], labels[keep], scores[keep]


def confident_boxes_only(boxes, labels, scores, least):
    return boxes[scores >= least], labels, scores


def confident_below(boxes, labels, scores, least):
    keep = scores < least
    return boxes[keep], labels[keep], scores[keep]


def confident_strictly(boxes, labels, scores, least):
    keep = scores > least
    return boxes[keep], labels[keep], scores[keep]


def detections():
    boxes = np.array([[0, 0, 4, 4], [1, 1, 5, 5], [7, 2, 9, 9]], float)
    labels, scores = np.array([1, 3, 2]), np.array([0.9, 0.5, 0.2])
    return [(boxes[:1], labels[:1], scores[:1], 0.1), (boxes, labels, scores, 0.5), (boxes, labels, scores, 0.95)]


def to_pixels(boxes, image):
    height, width = image.shape[:2]
    return boxes * np.array([width, height, width, height])


def to_pixels_swapped(boxes, image):
    height, width = image.shape[:2]
    return boxes * np.array([height, width, height, width])


def to_pixels_square(boxes, image):
    return boxes * max(image.shape[:2])


def to_pixels_inverse(boxes, image):
    height, width = image.shape[:2]
    return boxes / np.array([width, height, width, height])


def pictures():
    boxes = np.array([[0, 0, 1, 1], [0.25, 0.5, 0.5, 0.75]])
    return [(boxes, np.zeros((4, 4, 3))), (boxes, np.zeros((2, 4, 3))), (boxes[:0], np.zeros((2, 4, 3)))]


def names_of(labels, class_names):
    return [class_names[label - 1] for label in labels]


def names_off_by_one(labels, class_names):
    return [class_names[label % len(class_names)] for label in labels]


def names_from_zero(labels, class_names):
    return [("background", *class_names)[label - 1] for label in labels]


def label_cases():
    classes = ("cross", "ring", "triangle")
    return [(np.array([1]), classes), (np.array([3, 1]), classes), (np.array([2, 2, 3]), classes)]


def same_names(yours, expected, labels, class_names):
    return list(yours) == expected


EXERCISES = {
    "names_of": Exercise(
        question="Return the list of class names of labels (D,); label 1 is the first name, because 0 is background.",
        answer=names_of,
        cases=label_cases,
        accept=same_names,
        hints=("The names do not include background.", "class_names[label - 1], in a list."),
        mistakes={
            "off by one": Mistake(names_off_by_one, "every name is the next one: label 1 is class_names[0]."),
            "background": Mistake(
                names_from_zero, "the background has got among the names; no detection is background."
            ),
        },
    ),
    "confident": Exercise(
        question="Return boxes, labels and scores of the detections whose score is at least ``least``.",
        answer=confident,
        cases=detections,
        hints=(
            "scores >= least is an array of True and False, and may stand between brackets.",
            "keep = scores >= least, then boxes[keep], labels[keep], scores[keep].",
        ),
        mistakes={
            "boxes only": Mistake(
                confident_boxes_only, "only the boxes are chosen; labels and scores must keep in step."
            ),
            "below": Mistake(confident_below, "these are the unsure ones."),
            "strictly": Mistake(confident_strictly, "a score of exactly the least one counts: >=."),
        },
    ),
    "to_pixels": Exercise(
        question="Return boxes (D, 4) xyxy in pixels of an image (H, W, 3), from boxes in units of its sides.",
        answer=to_pixels,
        cases=pictures,
        hints=(
            "x is a share of the width, y of the height. Which of the two comes first in image.shape?",
            "height, width = image.shape[:2], then multiply by (width, height, width, height).",
        ),
        mistakes={
            "swapped": Mistake(to_pixels_swapped, "you swapped w and h: image.shape begins with the height."),
            "square": Mistake(to_pixels_square, "you take the picture for a square."),
            "inverse": Mistake(to_pixels_inverse, "you divide; from a share to pixels it is a multiplication."),
        },
    ),
}
