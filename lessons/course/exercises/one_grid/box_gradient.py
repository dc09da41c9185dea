"""Exercise box_gradient of lesson 20: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def box_gradient(values, truth, overlap, overlap_gradient):
    x, y, a, b, confidence = values
    true_x, true_y, width, height = truth
    errors = np.array([x - true_x, y - true_y, a - np.sqrt(width), b - np.sqrt(height)])
    return np.array([*(2 * 5 * errors), 2 * (confidence - overlap)])  # the IoU is a constant


def box_gradient_through_the_iou(values, truth, overlap, overlap_gradient):
    through = -2 * (values[4] - overlap) * np.array([*overlap_gradient, 0])
    return box_gradient(values, truth, overlap, overlap_gradient) + through


def box_gradient_no_lambda(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [0.2, 0.2, 0.2, 0.2, 1]


def box_gradient_no_2(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) / 2


def box_gradient_no_root(values, truth, overlap, overlap_gradient):
    return box_gradient(values, np.array([*truth[:2], *np.square(truth[2:])]), overlap, overlap_gradient)


def box_gradient_root_of_the_output(values, truth, overlap, overlap_gradient):
    x, y, w, h, confidence = values
    return box_gradient([x, y, np.sqrt(w), np.sqrt(h), confidence], truth, overlap, overlap_gradient)


def box_gradient_towards_1(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, 1, overlap_gradient)


def box_gradient_five_everywhere(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 1, 1, 5]


def box_gradient_backwards(values, truth, overlap, overlap_gradient):
    return -box_gradient(values, truth, overlap, overlap_gradient)


def box_gradient_confidence_backwards(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 1, 1, -1]


def box_gradient_outputs_squared(values, truth, overlap, overlap_gradient):
    x, y, a, b, confidence = values
    errors = np.array([x, y, a * a, b * b]) - truth
    return np.array([*(10 * errors), 2 * (confidence - overlap)])


def box_gradient_outputs_squared_by_chain(values, truth, overlap, overlap_gradient):
    _, _, a, b, _ = values
    return box_gradient_outputs_squared(values, truth, overlap, overlap_gradient) * [1, 1, 2 * a, 2 * b, 1]


def box_gradient_half_lambda(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 0.2, 0.2, 1]


def box_gradient_no_2_on_the_box(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [0.5, 0.5, 0.5, 0.5, 1]


def box_gradient_no_2_on_confidence(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 1, 1, 0.5]


def box_gradient_added(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) + np.array([*overlap_gradient, 0])


def box_gradient_iou_sign(values, truth, overlap, overlap_gradient):
    through = 2 * (values[4] - overlap) * np.array([*overlap_gradient, 0])
    return box_gradient(values, truth, overlap, overlap_gradient) + through


def box_gradient_four(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient)[:4]


def responsible_boxes_and_truths():
    rows = [
        ([0.75, 0.75, 0.5, 0.5, 0.9], [0.5, 0.75, 0.25, 0.25], 0.6, [-1.6, 0, 0, 0]),  # by hand
        ([0.5, 0.5, 0.3, 0.5, 0.5], [0.5, 0.5, 0.25, 0.25], 0.36, [0, 0, 2.4, 0]),
        ([0.2, 0.9, 0.6, 0.4, 0.1], [0.4, 0.7, 0.49, 0.09], 0.35, [0.8, -1.1, 0.4, -1.5]),
    ]
    return [(np.array(v), np.array(t), overlap, np.array(g)) for v, t, overlap, g in rows]


EXERCISE = Exercise(
    question="Return the gradient of the loss (5,) with respect to x, y, a, b and C of a responsible box.",
    answer=box_gradient,
    cases=responsible_boxes_and_truths,
    hints=(
        "Write the two terms of the loss down that hold these five numbers. Which of them is a constant?",
        "2 * 5 * (x - true_x), 2 * 5 * (a - np.sqrt(width)), the same for y and b, and 2 * (C - overlap).",
    ),
    mistakes={
        "through the IoU": Mistake(
            box_gradient_through_the_iou,
            "your gradient goes through the IoU. The target of a confidence is a constant: otherwise a box would "
            "move in order to fit badly, where its confidence is too low.",
            variants=(box_gradient_iou_sign, box_gradient_added),
        ),
        "no lambda": Mistake(
            box_gradient_no_lambda,
            "the terms of x, y, a and b have a weight of 5 in the loss.",
            variants=(box_gradient_half_lambda,),
        ),
        "no 2": Mistake(
            box_gradient_no_2,
            "the gradient of a square has a factor 2. Darknet leaves it out.",
            variants=(box_gradient_no_2_on_the_box, box_gradient_no_2_on_confidence),
        ),
        "no root": Mistake(
            box_gradient_no_root,
            "a and b are roots: compare them with the roots of the true width and height.",
            variants=(box_gradient_outputs_squared, box_gradient_outputs_squared_by_chain),
        ),
        "weight on the confidence": Mistake(
            box_gradient_five_everywhere, "the weight of 5 is for x, y, a and b. The confidence has a weight of 1."
        ),
        "backwards": Mistake(
            box_gradient_backwards,
            "the sign is wrong: a number that is too large has a positive gradient, output minus truth.",
            variants=(box_gradient_confidence_backwards,),
        ),
        "four": Mistake(box_gradient_four, "the gradient of the confidence is missing: it is the fifth number."),
        "root of the output": Mistake(
            box_gradient_root_of_the_output,
            "you take the root of the outputs. They *are* roots already, and the root of a negative number is NaN.",
        ),
        "towards 1": Mistake(box_gradient_towards_1, "the confidence should be the IoU of its box, not 1."),
    },
)
