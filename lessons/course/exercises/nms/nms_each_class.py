"""Exercise nms_each_class of lesson 14: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.exercises.nms.nms import nms
from numpyssd.boxes import iou


def nms_each_class(boxes, labels, scores, threshold):
    keep = []
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        keep += [int(mine[i]) for i in nms(boxes[mine], scores[mine], threshold)]
    return sorted(keep, key=lambda i: -scores[i])


def nms_ignoring_class(boxes, labels, scores, threshold):
    return nms(boxes, scores, threshold)


def nms_class_indices(boxes, labels, scores, threshold):
    found = [i for label in np.unique(labels) for i in nms(boxes[labels == label], scores[labels == label], threshold)]
    return sorted(found, key=lambda i: -scores[i])


def nms_classes_not_sorted(boxes, labels, scores, threshold):
    keep = nms_each_class(boxes, labels, scores, threshold)
    return [i for label in np.unique(labels) for i in keep if labels[i] == label]


def nms_best_of_each_class(boxes, labels, scores, threshold):
    best = [max(np.flatnonzero(labels == label), key=lambda i: scores[i]) for label in np.unique(labels)]
    return sorted((int(i) for i in best), key=lambda i: -scores[i])


def nms_classes_by_index(boxes, labels, scores, threshold):
    return sorted(nms_each_class(boxes, labels, scores, threshold))


def nms_classes_ascending(boxes, labels, scores, threshold):
    return nms_each_class(boxes, labels, scores, threshold)[::-1]


def nms_first_class(boxes, labels, scores, threshold):
    return nms_last_class(boxes, -labels, scores, threshold)


def nms_class_indices_by_class(boxes, labels, scores, threshold):
    return [i for label in np.unique(labels) for i in nms(boxes[labels == label], scores[labels == label], threshold)]


def nms_other_classes_only(boxes, labels, scores, threshold):
    keep = []
    for i in np.argsort(-scores, kind="stable"):
        if all(labels[i] == labels[k] or iou(boxes[[k]], boxes[[i]])[0, 0] <= threshold for k in keep):
            keep.append(int(i))
    return keep


def nms_last_class(boxes, labels, scores, threshold):
    mine = np.flatnonzero(labels == labels.max())
    return [int(mine[i]) for i in nms(boxes[mine], scores[mine], threshold)]


def class_cases():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 1, 10, 11], [40, 0, 50, 10]], float)
    scores = np.array([0.6, 0.9, 0.8, 0.7])
    labels = (np.array([1, 1, 1, 1]), np.array([1, 2, 1, 2]), np.array([3, 1, 2, 1]), np.array([2, 1, 1, 2]))
    cases = [(boxes, row, scores, 0.45) for row in labels]
    row = np.array([[x, 0, x + 10, 10] for x in (0, 30, 1, 60, 31, 90, 2)], float)
    return [*cases, (row, np.array([2, 1, 2, 1, 3, 2, 1]), np.array([0.5, 0.3, 0.9, 0.4, 0.8, 0.7, 0.6]), 0.45)]


EXERCISE = Exercise(
    question="Return the kept indices, best first, where only boxes of the same class suppress each other.",
    answer=nms_each_class,
    cases=class_cases,
    hints=(
        "For each label on its own: which rows have it? Apply NMS to these.",
        "mine = np.flatnonzero(labels == label); what nms returns are places in mine, so mine[i] is the row.",
    ),
    mistakes={
        "class-agnostic": Mistake(
            nms_ignoring_class, "a cat suppresses a dog here: the classes are not kept apart (class-agnostic)."
        ),
        "indices of the class": Mistake(
            nms_class_indices,
            "these are places among the boxes of one class, not rows of all boxes: use mine[i].",
            variants=(nms_class_indices_by_class,),
        ),
        "class by class": Mistake(
            nms_classes_not_sorted, "the right boxes, but class by class: the best score of all comes first."
        ),
        "by index": Mistake(
            nms_classes_by_index, "the right boxes, but in the order of their indices: the best score comes first."
        ),
        "worst first": Mistake(nms_classes_ascending, "the right boxes, but the worst comes first: sort by -scores."),
        "best of each": Mistake(
            nms_best_of_each_class,
            "you keep one box of each class. Boxes of a class that do not overlap stay, too.",
        ),
        "one class": Mistake(
            nms_last_class,
            "this is one class alone. Is the list emptied for each class, or is there a return inside the loop?",
            variants=(nms_first_class,),
        ),
        "other classes": Mistake(
            nms_other_classes_only,
            "boxes of *other* classes suppress each other here. It is those of the same class.",
        ),
    },
)
