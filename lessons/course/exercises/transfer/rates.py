"""Exercise rates of lesson 19: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def rates(names, lr, factor):
    new = np.array([name.startswith(("loc.", "conf.")) for name in names])
    bias = np.array([name.endswith(".bias") for name in names])
    return lr * np.where(new, 1, factor) * np.where(bias, 2, 1)


def rates_without_biases(names, lr, factor):
    return lr * np.where([name.startswith(("loc.", "conf.")) for name in names], 1, factor)


def rates_turned_around(names, lr, factor):
    new = np.array([name.startswith(("loc.", "conf.")) for name in names])
    return lr * np.where(new, factor, 1) * np.where([name.endswith(".bias") for name in names], 2, 1)


def rates_all_lowered(names, lr, factor):
    return lr * factor * np.where([name.endswith(".bias") for name in names], 2, 1)


def rates_divided(names, lr, factor):
    new = np.array([name.startswith(("loc.", "conf.")) for name in names])
    return lr / np.where(new, 1, factor) * np.where([name.endswith(".bias") for name in names], 2, 1)


def names_and_rates():
    few = ["conv1_1.weight", "conf.0.weight"]
    more = ["conv1_1.weight", "conv1_1.bias", "loc.0.weight", "loc.0.bias", "conf.0.bias"]
    return [(few, 1.0, 0.5), (more, 1.0, 0.5), (more, 0.01, 0.1), (few, 0.02, 1.0)]


EXERCISE = Exercise(
    question="Return the learning rate of each parameter (P,): lr for new layers, lr * factor for pretrained ones.",
    answer=rates,
    cases=names_and_rates,
    hints=(
        'New are the predictors, whose names begin with "loc." or "conf.". And a bias has twice the rate.',
        "Three factors multiplied: lr, then 1 or factor, then 2 for a name that ends in .bias and else 1.",
    ),
    mistakes={
        "no biases": Mistake(rates_without_biases, "a bias has twice the rate of its weights (lesson 13)."),
        "turned around": Mistake(
            rates_turned_around, "the pretrained layers are to move slowly, and the new predictors fast."
        ),
        "all": Mistake(rates_all_lowered, "the new predictors have the whole rate: they begin at random."),
        "divided": Mistake(rates_divided, "you divide by the factor; multiply: a tenth is the factor 0.1."),
    },
)
