"""Exercise first_loss of lesson 10: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def first_loss(classes, ratio):
    return (1 + ratio) * np.log(classes)


def first_loss_negatives_only(classes, ratio):
    return ratio * np.log(classes)


def first_loss_positives_only(classes, ratio):
    return np.log(classes)


def first_loss_log2(classes, ratio):
    return (1 + ratio) * np.log2(classes)


def first_loss_without_background(classes, ratio):
    return (1 + ratio) * np.log(classes - 1)


def first_loss_background_twice(classes, ratio):
    return (1 + ratio) * np.log(classes + 1)


def first_loss_base_10(classes, ratio):
    return (1 + ratio) * np.log10(classes)


def first_loss_sign(classes, ratio):
    return -(1 + ratio) * np.log(classes)


def first_loss_of_probability(classes, ratio):
    return (1 + ratio) / classes


def first_loss_log_of_all(classes, ratio):
    return np.log((1 + ratio) * classes)


def first_loss_of_ssd(classes, ratio):
    return 4 * np.log(classes)


def counts():
    return [(2, 3), (6, 3), (21, 3), (81, 3), (21, 0), (21, 1)]


EXERCISE = Exercise(
    question="Return the confidence loss of a network that gives every class the same logit.",
    answer=first_loss,
    cases=counts,
    hints=(
        "One default box costs -log(1 / classes). How many are trained for each positive, itself included?",
        "The sum over one positive and its ``ratio`` negatives is divided by one positive.",
    ),
    mistakes={
        "negatives only": Mistake(
            first_loss_negatives_only, "the positive itself costs as much as each of its negatives."
        ),
        "positives only": Mistake(
            first_loss_positives_only,
            "you average over what is trained. The sum is divided by the positives alone, and so the negatives "
            "make it larger.",
        ),
        "base 2": Mistake(first_loss_log2, "wanted is the natural logarithm, np.log.", variants=(first_loss_base_10,)),
        "without background": Mistake(
            first_loss_without_background, "background is a class, too, and already counted in ``classes``."
        ),
        "background twice": Mistake(
            first_loss_background_twice, "``classes`` counts the background already: you have one class too many."
        ),
        "always three": Mistake(
            first_loss_of_ssd, "4 ln C is for three negatives. Here they are ``ratio``, and the positive is one more."
        ),
        "sign": Mistake(
            first_loss_sign,
            "a loss is not negative: it is minus the logarithm of a probability, -log(1 / classes).",
        ),
        "no logarithm": Mistake(
            first_loss_of_probability, "the logarithm is missing: a default box costs -log(1 / classes)."
        ),
        "inside the logarithm": Mistake(
            first_loss_log_of_all, "1 + ratio multiplies the logarithm; it does not stand inside it."
        ),
    },
)
