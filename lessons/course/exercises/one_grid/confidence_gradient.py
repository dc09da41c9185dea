"""Exercise confidence_gradient of lesson 20: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def confidence_gradient(confidences, overlaps, has_object):
    gradient = 2 * 0.5 * confidences  # of every box that should say 0
    if has_object:
        best = np.argmax(overlaps)
        gradient[best] = 2 * (confidences[best] - overlaps[best])
    return gradient


def confidence_without_the_others(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    others = np.arange(len(confidences)) != np.argmax(overlaps)
    return np.where(others & has_object, 0, gradient)


def confidence_towards_1(confidences, overlaps, has_object):
    return confidence_gradient(confidences, np.where(overlaps == overlaps.max(), 1, 0), has_object)


def confidence_all_responsible(confidences, overlaps, has_object):
    return 2 * (confidences - overlaps) if has_object else confidences


def confidence_no_half(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, gradient, 2 * gradient)


def confidence_no_2(confidences, overlaps, has_object):
    return confidence_gradient(confidences, overlaps, has_object) / 2


def confidence_no_empty_cells(confidences, overlaps, has_object):
    return confidence_gradient(confidences, overlaps, has_object) * has_object


def confidence_of_the_surest(confidences, overlaps, has_object):
    gradient = 1.0 * confidences
    if has_object:
        best = np.argmax(confidences)
        gradient[best] = 2 * (confidences[best] - overlaps[best])
    return gradient


def confidence_backwards(confidences, overlaps, has_object):
    return -confidence_gradient(confidences, overlaps, has_object)


def confidence_own_backwards(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, -gradient, gradient)


def confidence_half_for_all(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, gradient / 2, gradient)


def confidence_object_everywhere(confidences, overlaps, has_object):
    return confidence_gradient(confidences, overlaps, True)


def confidence_half_only(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, gradient, gradient / 2)


def confidence_loss(confidences, overlaps, has_object):
    best = np.argmax(overlaps)
    own = has_object & (np.arange(len(confidences)) == best)
    return np.where(own, (confidences - overlaps) ** 2, 0.5 * confidences**2)


def confidence_all_boxes_half(confidences, overlaps, has_object):
    return confidences - overlaps if has_object else 1.0 * confidences


def confidence_to_each_iou_of_the_best(confidences, overlaps, has_object):
    return 2 * (confidences - overlaps.max()) if has_object else 1.0 * confidences


def confidences_of_a_cell():
    rows = [
        ([0.4], [0.0], False),
        ([0.9, 0.4], [0.6, 0.0625], True),  # by hand
        ([0.3, 0.2], [0.0, 0.0], False),
        ([0.1, 0.5], [0.2, 0.8], True),
        ([-0.1, 0.3, 0.6], [0.5, 0.1, 0.0], True),
        ([0.7, 0.7], [0.7, 0.1], True),
    ]
    return [(np.array(c), np.array(o), has_object) for c, o, has_object in rows]


EXERCISE = Exercise(
    question="Return the gradient of the loss with respect to the confidences (B,) of the boxes of one cell.",
    answer=confidence_gradient,
    cases=confidences_of_a_cell,
    hints=(
        "One box of a cell with an object should say its IoU. What should each other box say, in any cell?",
        "2 * 0.5 * confidence for every box; then 2 * (confidence - overlap) for the responsible one.",
    ),
    mistakes={
        "without the others": Mistake(
            confidence_without_the_others,
            "in a cell with an object the other box learns nothing here. It should learn 0 "
            "(aladdinpersson/Machine-Learning-Collection, issue 137).",
        ),
        "towards 1": Mistake(
            confidence_towards_1,
            "the confidence should be the IoU of its box, not 1: a box that fits badly should say so.",
        ),
        "all responsible": Mistake(
            confidence_all_responsible,
            "every box of the cell learns an IoU. Only the best one should; the others should say 0.",
            variants=(confidence_all_boxes_half, confidence_to_each_iou_of_the_best),
        ),
        "no half": Mistake(
            confidence_no_half,
            "the confidences that should be 0 have a weight of 0.5 in the loss: there are so many.",
        ),
        "no 2": Mistake(
            confidence_no_2,
            "the gradient of a square has a factor 2. Darknet leaves it out.",
            variants=(confidence_half_for_all, confidence_half_only),
        ),
        "surest": Mistake(
            confidence_of_the_surest,
            "you take the box with the largest confidence for the responsible one. It is that with the largest IoU.",
        ),
        "backwards": Mistake(
            confidence_backwards,
            "the sign is wrong: a confidence that is too large has a positive gradient, confidence - IoU.",
            variants=(confidence_own_backwards,),
        ),
        "object everywhere": Mistake(
            confidence_object_everywhere,
            "you look for a responsible box in a cell without an object, too. There every box should say 0.",
        ),
        "loss": Mistake(confidence_loss, "these are the losses. Their gradients are wanted: 2 * (C - IoU), and C."),
        "no empty cells": Mistake(
            confidence_no_empty_cells,
            "a cell without an object learns nothing here. All its boxes should say 0, or it will detect something.",
        ),
    },
)
