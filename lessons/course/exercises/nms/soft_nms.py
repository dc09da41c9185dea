"""Exercise soft_nms of lesson 14: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from numpyssd.boxes import iou


def soft_nms(boxes, scores, sigma=0.5):
    scores, left = np.array(scores, float), list(range(len(scores)))
    result = np.zeros(len(scores))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        result[best] = scores[best]
        for i in left:
            scores[i] *= np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / sigma)
    return result


def soft_nms_linear(boxes, scores, sigma=0.5):
    scores, left = np.array(scores, float), list(range(len(scores)))
    result = np.zeros(len(scores))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        result[best] = scores[best]
        for i in left:
            scores[i] *= 1 - iou(boxes[[best]], boxes[[i]])[0, 0]
    return result


def soft_nms_old_scores(boxes, scores, sigma=0.5):
    order, result = np.argsort(-scores, kind="stable"), np.array(scores, float)
    overlaps = iou(boxes, boxes)
    for n, i in enumerate(order):
        result[i] *= np.exp(-(overlaps[i, order[:n]] ** 2) / sigma).prod()
    return result


def _soft(boxes, scores, factor):
    scores, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        for i in left:
            scores[i] *= factor(iou(boxes[[best]], boxes[[i]])[0, 0])
    return scores


def soft_nms_not_squared(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-overlap / 0.5))


def soft_nms_without_half(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-(overlap**2)))


def soft_nms_times_half(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-(overlap**2) * 0.5))


def soft_nms_quotient_squared(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-((overlap / 0.5) ** 2)))


def soft_nms_sign(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(overlap**2 / 0.5))


def soft_nms_hard(boxes, scores):
    return _soft(boxes, scores, lambda overlap: float(overlap <= 0.45))


def soft_nms_itself(boxes, scores):
    return soft_nms(boxes, scores) * np.exp(-1 / 0.5)


def soft_nms_itself_too(boxes, scores):
    scores, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        for i in left:
            scores[i] *= np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / 0.5)
        left.remove(best)
    return scores


def soft_nms_kept_too(boxes, scores):
    scores, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        for i in range(len(scores)):
            if i != best:
                scores[i] *= np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / 0.5)
    return scores


def soft_nms_sorted(boxes, scores):
    return np.sort(soft_nms(boxes, scores))[::-1]


def soft_nms_from_the_first_scores(boxes, scores):
    new, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: new[i])
        left.remove(best)
        for i in left:
            new[i] = scores[i] * np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / 0.5)
    return new


def soft_nms_in_index_order(boxes, scores):
    scores = np.array(scores, float)
    for i in range(len(scores)):
        for j in range(i + 1, len(scores)):
            scores[j] *= np.exp(-(iou(boxes[[i]], boxes[[j]])[0, 0] ** 2) / 0.5)
    return scores


def soft_nms_of_the_best_only(boxes, scores):
    best = int(np.argmax(scores))
    factors = np.exp(-(iou(boxes[[best]], boxes)[0] ** 2) / 0.5)
    factors[best] = 1
    return scores * factors


def soft_cases():
    row = np.array([[x, 0, x + 10, 10] for x in (0, 2, 4, 30)], float)
    near = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [6, 0, 16, 10]], float)
    return [
        (row[:1], np.array([0.9])),
        (row[[0, 3]], np.array([0.6, 0.9])),
        (row[:2], np.array([0.9, 0.8])),
        (row, np.array([0.9, 0.8, 0.7, 0.3])),
        (near, np.array([0.9, 0.89, 0.8])),  # the second falls behind the third
        (row, np.array([0.5, 0.7, 0.9, 0.8])),
    ]


EXERCISE = Exercise(
    question="Return the scores (N,) after Soft-NMS: a kept box multiplies the others by exp(-IoU^2 / 0.5).",
    answer=soft_nms,
    cases=soft_cases,
    hints=(
        "The same loop as nms, but instead of removing a box, lower its score.",
        "The next best is chosen by the lowered scores, so look for the maximum again in each round.",
    ),
    mistakes={
        "linear": Mistake(soft_nms_linear, "you multiply by 1 - IoU, the linear kind; here it is exp(-IoU^2 / 0.5)."),
        "old order": Mistake(
            soft_nms_old_scores, "the order is that of the first scores; a lowered box may fall behind another."
        ),
        "not squared": Mistake(soft_nms_not_squared, "the IoU is squared in the exponent: exp(-IoU^2 / 0.5)."),
        "another exponent": Mistake(
            soft_nms_without_half,
            "the exponent is not -IoU^2 / 0.5: IoU squared, and then divided by 0.5.",
            variants=(soft_nms_times_half, soft_nms_quotient_squared),
        ),
        "sign": Mistake(soft_nms_sign, "the minus in the exponent is missing, so the scores rise."),
        "removed": Mistake(soft_nms_hard, "you set scores to 0, as NMS removes boxes. Soft-NMS only lowers them."),
        "itself": Mistake(
            soft_nms_itself_too,
            "a box lowers its own score as well: its IoU with itself is 1. Take it out of the list first.",
            variants=(soft_nms_itself,),
        ),
        "kept ones, too": Mistake(
            soft_nms_kept_too,
            "boxes that are kept already are lowered again. Only those that are left are lowered.",
        ),
        "sorted": Mistake(soft_nms_sorted, "you sorted the scores. Each stays in the place of its box."),
        "from the first scores": Mistake(
            soft_nms_from_the_first_scores,
            "you start from the first score each time, so only the last factor counts. Multiply what is left of it: *=.",
        ),
        "in index order": Mistake(
            soft_nms_in_index_order, "you go through the boxes as they are given. The best that is left comes next."
        ),
        "best only": Mistake(
            soft_nms_of_the_best_only, "only the best box lowers others. Each box does, as soon as it is chosen."
        ),
    },
)
