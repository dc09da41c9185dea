"""Exercise focal of lesson 23: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def focal(probabilities, labels, gamma, alpha):
    p = probabilities[np.arange(len(labels)), labels]
    weight = np.where(labels > 0, alpha, 1 - alpha)
    return -weight * (1 - p) ** gamma * np.log(p)


def focal_alpha_and_gamma_exchanged(probabilities, labels, gamma, alpha):
    return focal(probabilities, labels, alpha, gamma)


def focal_on_the_right(probabilities, labels, gamma, alpha):
    p = probabilities[np.arange(len(labels)), labels]
    return -np.where(labels > 0, alpha, 1 - alpha) * p**gamma * np.log(p)


def focal_of_background(probabilities, labels, gamma, alpha):
    return focal(probabilities, labels, gamma, 1 - alpha)


def focal_without_balance(probabilities, labels, gamma, alpha):
    p = probabilities[np.arange(len(labels)), labels]
    return -((1 - p) ** gamma) * np.log(p)


def focal_of_the_surest(probabilities, labels, gamma, alpha):
    p = probabilities.max(axis=1)
    return -np.where(labels > 0, alpha, 1 - alpha) * (1 - p) ** gamma * np.log(p)


def rows_of_boxes():
    rng = np.random.default_rng(5)
    p = rng.random((6, 4)) + 0.05
    return [
        (np.array([[0.5, 0.5]]), np.array([0]), 2, 0.25),
        (np.array([[0.9, 0.1], [0.25, 0.75]]), np.array([0, 1]), 2, 0.25),
        (np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]), 1, 0.4),
        (p / p.sum(axis=1, keepdims=True), np.array([0, 1, 2, 3, 0, 2]), 2, 0.25),
    ]


EXERCISE = Exercise(
    question="Return the focal loss (T,) of boxes with probabilities (T, C) and labels (T,); 0 is background.",
    answer=focal,
    cases=rows_of_boxes,
    hints=(
        "p is the probability of the right class: the entry of each row that its label names.",
        "-weight * (1 - p)**gamma * log(p), with the weight alpha for objects and 1 - alpha for background.",
    ),
    mistakes={
        "exchanged": Mistake(focal_alpha_and_gamma_exchanged, "alpha and gamma are exchanged: gamma is the exponent."),
        "on p": Mistake(focal_on_the_right, "the factor is (1 - p)**gamma: what is right already counts less."),
        "background": Mistake(focal_of_background, "alpha is for the objects, and 1 - alpha for the background."),
        "no balance": Mistake(focal_without_balance, "the weight alpha or 1 - alpha is missing."),
        "the surest": Mistake(
            focal_of_the_surest, "p is the probability of the right class, not the largest of the row."
        ),
    },
)
