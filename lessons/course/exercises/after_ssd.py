"""Exercises of lesson 23: FCOS's center-ness, the focal loss, and the assignment with the smallest sum."""

from itertools import permutations

import numpy as np

from lessons.course.after_ssd import best_assignment, greedy_assignment
from lessons.course.exercises.exercise import Exercise, Mistake


def centerness(distances):
    left, top, right, bottom = distances.T
    small = np.minimum(left, right), np.minimum(top, bottom)
    large = np.maximum(left, right), np.maximum(top, bottom)
    inside = (small[0] > 0) & (small[1] > 0)
    return np.where(inside, np.sqrt(np.abs(small[0] * small[1] / (large[0] * large[1]))), 0)


def centerness_without_root(distances):
    return centerness(distances) ** 2


def centerness_of_wrong_pairs(distances):
    return centerness(distances[:, [0, 2, 1, 3]])


def centerness_turned_around(distances):
    value = centerness(distances)
    return np.where(value > 0, 1 / np.where(value > 0, value, 1), 0)


def centerness_outside_too(distances):
    left, top, right, bottom = distances.T
    small = np.minimum(left, right) * np.minimum(top, bottom)
    return np.sqrt(np.abs(small / (np.maximum(left, right) * np.maximum(top, bottom))))


def distances_of_points():
    rng = np.random.default_rng(23)
    return [
        (np.array([[4.0, 4, 4, 4]]),),
        (np.array([[2.0, 4, 6, 4], [1.0, 2, 9, 2]]),),
        (np.array([[-1.0, 3, 5, 3], [3.0, 3, 3, 12]]),),
        (rng.uniform(-2, 20, (6, 4)),),
    ]


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


def best_columns(costs):
    rows = range(len(costs))
    every = permutations(rows)
    return np.array(min(every, key=lambda columns: sum(costs[row, columns[row]] for row in rows)))


def columns_of_each_row(costs):
    return costs.argmin(axis=1)


def greedy_columns(costs):
    return np.array(greedy_assignment(costs))


def dearest_columns(costs):
    return np.array(best_assignment(-costs))


def rows_instead_of_columns(costs):
    return np.argsort(best_columns(costs))


def tables_of_costs():
    return [
        (np.array([[1, 5], [4, 3]]),),
        (np.array([[1, 2, 9], [2, 9, 8], [7, 8, 9]]),),
        (np.array([[6, 1, 7], [8, 7, 2], [1, 9, 9]]),),
        (np.random.default_rng(3).random((5, 5)),),
    ]


EXERCISES = {
    "centerness": Exercise(
        question="Return FCOS's center-ness (P,) of points with distances (P, 4) left, top, right, bottom; 0 outside.",
        answer=centerness,
        cases=distances_of_points,
        hints=(
            "Left belongs to right, and top to bottom: the smaller of each pair divided by the larger.",
            "The root of the product of both fractions; 0 where one of the four distances is not above 0.",
        ),
        mistakes={
            "no root": Mistake(centerness_without_root, "the root is missing: equation 3 takes it of the product."),
            "pairs": Mistake(centerness_of_wrong_pairs, "the pairs are left with right and top with bottom."),
            "turned around": Mistake(
                centerness_turned_around, "divide the smaller by the larger: center-ness is at most 1."
            ),
            "outside": Mistake(
                centerness_outside_too, "a point with a distance below 0 lies outside the box: its center-ness is 0."
            ),
        },
    ),
    "focal": Exercise(
        question="Return the focal loss (T,) of boxes with probabilities (T, C) and labels (T,); 0 is background.",
        answer=focal,
        cases=rows_of_boxes,
        hints=(
            "p is the probability of the right class: the entry of each row that its label names.",
            "-weight * (1 - p)**gamma * log(p), with the weight alpha for objects and 1 - alpha for background.",
        ),
        mistakes={
            "exchanged": Mistake(
                focal_alpha_and_gamma_exchanged, "alpha and gamma are exchanged: gamma is the exponent."
            ),
            "on p": Mistake(focal_on_the_right, "the factor is (1 - p)**gamma: what is right already counts less."),
            "background": Mistake(focal_of_background, "alpha is for the objects, and 1 - alpha for the background."),
            "no balance": Mistake(focal_without_balance, "the weight alpha or 1 - alpha is missing."),
            "the surest": Mistake(
                focal_of_the_surest, "p is the probability of the right class, not the largest of the row."
            ),
        },
    ),
    "best_columns": Exercise(
        question="Return for each row of costs (N, N) a column, no column twice, so that the sum is smallest (N,).",
        answer=best_columns,
        cases=tables_of_costs,
        hints=(
            "N is small: try every order. itertools.permutations(range(N)) gives them.",
            "min(permutations(range(N)), key=lambda columns: sum(costs[row, columns[row]] for row in range(N)))",
        ),
        mistakes={
            "each row": Mistake(
                columns_of_each_row, "two rows may have the same column now; each object is to have one prediction."
            ),
            "greedy": Mistake(
                greedy_columns, "this takes the smallest cost first, as SSD does; the sum is not the smallest then."
            ),
            "dearest": Mistake(dearest_columns, "this sum is the largest; a cost is to be small."),
            "rows": Mistake(
                rows_instead_of_columns, "you return for each column its row; wanted is the column of each row."
            ),
        },
    ),
}
