"""Exercise centerness of lesson 23: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

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


EXERCISE = Exercise(
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
)
