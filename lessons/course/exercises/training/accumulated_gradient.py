"""Exercise accumulated_gradient of lesson 13: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def accumulated_gradient(gradients, positives):
    return (gradients * positives[:, None]).sum(axis=0) / max(1, positives.sum())


def accumulated_by_mean(gradients, positives):
    return gradients.mean(axis=0)


def accumulated_by_sum(gradients, positives):
    return gradients.sum(axis=0)


def accumulated_over_parts(gradients, positives):
    return (gradients * positives[:, None]).sum(axis=0) / len(positives)


def accumulated_undivided(gradients, positives):
    return (gradients * positives[:, None]).sum(axis=0)


def accumulated_sum_over_all(gradients, positives):
    return gradients.sum(axis=0) / max(1, positives.sum())


def accumulated_divided_again(gradients, positives):
    return (gradients / np.maximum(positives, 1)[:, None]).sum(axis=0)


def accumulated_by_share_of_mean(gradients, positives):
    return (gradients * positives[:, None]).mean(axis=0) / max(1, positives.sum())


def accumulated_weighted_mean_inverse(gradients, positives):
    weights = 1 / np.maximum(positives, 1)
    return (gradients * weights[:, None]).sum(axis=0) / weights.sum()


def accumulated_one_number(gradients, positives):
    return (gradients * positives[:, None]).sum() / max(1, positives.sum())


def parts():
    rows = (([[2.0]], [3]), ([[4, 0], [0, 4]], [1, 3]), ([[1, 2], [3, 4], [5, 6]], [2, 0, 6]), ([[1.0], [3.0]], [5, 5]))
    return [(np.array(gradients, float), np.array(positives)) for gradients, positives in rows]


EXERCISE = Exercise(
    question="Return the gradient (W,) of a batch from (P, W) of its P parts, each divided by its own positives.",
    answer=accumulated_gradient,
    cases=parts,
    hints=(
        "A part's gradient was divided by its own number of positives. Undo that first.",
        "Multiply each by its positives, add them up, and divide by the positives of the whole batch.",
    ),
    mistakes={
        "mean": Mistake(
            accumulated_by_mean, "the plain mean gives a positive more weight in a part with few positives."
        ),
        "sum": Mistake(accumulated_by_sum, "the sum is too large: P parts make it P times too large."),
        "over the parts": Mistake(
            accumulated_over_parts, "you divide by the number of parts; divide by the positives of the whole batch."
        ),
        "not divided": Mistake(
            accumulated_undivided,
            "this is the sum over all objects. Divide it by the positives of the whole batch.",
        ),
        "not multiplied": Mistake(
            accumulated_sum_over_all,
            "each part was divided by its own positives already. Multiply it by them first; then divide by all.",
            variants=(accumulated_divided_again, accumulated_weighted_mean_inverse),
        ),
        "divided twice": Mistake(
            accumulated_by_share_of_mean,
            "you divide by the number of parts and by the positives: the second is enough.",
        ),
        "one number": Mistake(accumulated_one_number, "you add up over the weights, too. Each has its own gradient."),
    },
)
