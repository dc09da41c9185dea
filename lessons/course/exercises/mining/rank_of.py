"""Exercise rank_of of lesson 11: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def rank_of(loss):
    order = np.argsort(-loss, kind="stable")  # order[0] is the position of the largest
    return np.argsort(order)  # where each position stands in that order


def rank_once(loss):
    return np.argsort(-loss, kind="stable")


def rank_upwards(loss):
    return np.argsort(np.argsort(loss, kind="stable"))


def rank_reversed(loss):
    return np.argsort(np.argsort(loss, kind="stable")[::-1])


def rank_from_1(loss):
    return rank_of(loss) + 1


def rank_shared(loss):
    return np.array([(loss > value).sum() for value in loss])


def rank_sorted_values(loss):
    return np.sort(loss)[::-1]


def rank_backwards(loss):
    return np.argsort(loss, kind="stable")[::-1]


def rank_upwards_order(loss):
    return np.argsort(loss, kind="stable")


def rank_shared_without_gaps(loss):
    return np.unique(-loss, return_inverse=True)[1]


def rank_shared_low(loss):
    return np.array([(loss >= value).sum() - 1 for value in loss])


def lists():
    rows = [[5, 9], [9, 5], [10, 30, 20], [1, 4, 2, 3], [7, 7, 8], [3, 9, 1, 5, 5, 0, 2, 7, 5, 1]]
    return [(np.array(row, float),) for row in rows]


EXERCISE = Exercise(
    question="Return the rank of each number, 0 for the largest, of equals the lower index first.",
    answer=rank_of,
    cases=lists,
    hints=(
        "np.argsort(-loss, kind='stable') says which is first, second, third. You need the inverse: at which place "
        "is number 0, number 1, number 2?",
        "The inverse of an order is the argsort of that order.",
    ),
    mistakes={
        "once": Mistake(
            rank_once,
            "this is the order (which one is first), not the rank (where each one is). For short lists they are "
            "often the same. Sort once more.",
        ),
        "upwards": Mistake(rank_upwards, "here 0 is the smallest."),
        "reversed": Mistake(
            rank_reversed, "a reversed ascending order reverses equal numbers, too: sort -loss instead."
        ),
        "from 1": Mistake(rank_from_1, "the first rank is 0, so that rank < 3 means three of them."),
        "shared": Mistake(
            rank_shared,
            "equal numbers share a rank. Each has its own: of equals the lower index comes first.",
            variants=(rank_shared_without_gaps, rank_shared_low),
        ),
        "sorted": Mistake(
            rank_sorted_values, "these are the sorted numbers. Wanted is the rank of each, in its place."
        ),
        "one sort, reversed": Mistake(
            rank_backwards,
            "this is an order (which one comes at each place), not the rank of each number. Sort -loss, and sort the "
            "order once more.",
            variants=(rank_upwards_order,),
        ),
    },
)
