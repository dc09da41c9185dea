"""Exercise longest_reached of lesson 18: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def longest_reached(threshold):
    return ((1 + threshold) / (2 * threshold)) ** 2


def longest_of_equal_width(threshold):
    return 1 / threshold


def longest_not_squared(threshold):
    return (1 + threshold) / (2 * threshold)


def longest_without_the_shared_part(threshold):
    return 1 / threshold**2


def longest_minus(threshold):
    return ((1 - threshold) / (2 * threshold)) ** 2


def longest_halved_late(threshold):
    return (1 + 1 / threshold) ** 2 / 2


def longest_not_halved(threshold):
    return (1 + 1 / threshold) ** 2


def longest_at_half(threshold):
    return 2.25


def longest_iou(threshold):
    with np.errstate(all="ignore"):
        return np.float64(1) / (2 * np.sqrt(threshold) - 1)


def longest_root(threshold):
    return np.sqrt((1 + threshold) / (2 * threshold))


def longest_upside_down(threshold):
    return (2 * threshold / (1 + threshold)) ** 2


EXERCISE = Exercise(
    question="Return how many times as long as wide an object may be for squares to cover it at a threshold.",
    answer=longest_reached,
    cases=lambda: [(1.0,), (0.5,), (0.25,), (0.7,)],
    hints=(
        "The best square has the object's area. Its IoU is 1 / (2 sqrt(r) - 1). Solve for r.",
        "2 sqrt(r) - 1 = 1 / threshold, so sqrt(r) = (1 + threshold) / (2 threshold). Square it.",
    ),
    mistakes={
        "equal width": Mistake(
            longest_of_equal_width,
            "this is right for a square as wide as the object; a larger one, with the object's area, covers more.",
        ),
        "not squared": Mistake(longest_not_squared, "this is the square root of the answer."),
        "shared part": Mistake(
            longest_without_the_shared_part,
            "the union is both areas minus the shared part; you took it for the object's area alone.",
        ),
        "minus": Mistake(
            longest_minus,
            "the 1 has the wrong sign: from 2 sqrt(r) - 1 = 1 / threshold follows 2 sqrt(r) = 1 / threshold *+* 1.",
        ),
        "not halved": Mistake(
            longest_not_halved,
            "2 sqrt(r) = 1 / threshold + 1: divide by 2 first, and square then.",
            variants=(longest_halved_late,),
        ),
        "at 0.5": Mistake(longest_at_half, "this is right for a threshold of 0.5 only. Solve the formula for r."),
        "put in": Mistake(
            longest_iou, "you put the threshold in for r. The formula gives the IoU; solve it for r instead."
        ),
        "root": Mistake(longest_root, "you take a root. From sqrt(r) to r, square."),
        "upside down": Mistake(longest_upside_down, "your fraction is upside down: it is width over length."),
    },
)
