"""Exercise responsible of lesson 20: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def responsible(overlaps, apart):
    if max(overlaps) > 0:
        return int(np.argmax(overlaps))  # of equal ones the first
    return int(np.argmin(apart))


def responsible_no_distance(overlaps, apart):
    return int(np.argmax(overlaps))


def responsible_by_distance(overlaps, apart):
    return int(np.argmin(apart))


def responsible_last(overlaps, apart):
    last = len(overlaps) - 1
    return last - responsible(overlaps[::-1], apart[::-1])


def responsible_farthest(overlaps, apart):
    return int(np.argmax(overlaps)) if max(overlaps) > 0 else int(np.argmax(apart))


def responsible_if_any_is_zero(overlaps, apart):
    return int(np.argmin(apart)) if min(overlaps) == 0 else int(np.argmax(overlaps))


def responsible_least_overlap(overlaps, apart):
    return int(np.argmin(overlaps)) if max(overlaps) > 0 else int(np.argmin(apart))


def responsible_value(overlaps, apart):
    return max(overlaps) if max(overlaps) > 0 else min(apart)


def responsible_last_of_overlaps(overlaps, apart):
    last = len(overlaps) - 1
    return last - int(np.argmax(overlaps[::-1])) if max(overlaps) > 0 else int(np.argmin(apart))


def responsible_ties_by_distance(overlaps, apart):
    return min(range(len(overlaps)), key=lambda i: (-overlaps[i], apart[i]))


def boxes_of_a_cell():
    rows = [
        ([0.3, 0.6], [0.1, 0.2]),
        ([0.6, 0.3], [0.2, 0.1]),
        ([0.0, 0.0], [0.4, 0.1]),
        ([0.5, 0.5], [0.3, 0.2]),  # a tie
        ([0.0, 0.2, 0.1], [0.1, 0.5, 0.3]),
        ([0.0, 0.0, 0.0], [0.3, 0.2, 0.5]),
        ([0.0, 0.0], [0.2, 0.2]),
        ([0.5, 0.5, 0.5], [0.3, 0.1, 0.2]),
    ]
    return [(np.array(overlaps), np.array(apart)) for overlaps, apart in rows]


EXERCISE = Exercise(
    question="Return the index of the box of a cell that is responsible for the cell's object.",
    answer=responsible,
    cases=boxes_of_a_cell,
    hints=(
        "Two cases: some box overlaps the object, or none does.",
        "np.argmax(overlaps) if one of them is over 0, otherwise np.argmin(apart). Both take the first of equals.",
    ),
    mistakes={
        "no distance": Mistake(
            responsible_no_distance,
            "where no box overlaps the object, all IoUs are 0, and argmax takes the first box. So the others are "
            "never trained. Take the nearest box there.",
        ),
        "by distance": Mistake(
            responsible_by_distance,
            "the distance counts only where no box overlaps the object. Otherwise the largest IoU wins.",
        ),
        "last": Mistake(
            responsible_last,
            "of two equal boxes the first is responsible, not the last.",
            variants=(responsible_last_of_overlaps,),
        ),
        "any is zero": Mistake(
            responsible_if_any_is_zero,
            "you take the nearest box as soon as one IoU is 0. It counts only if *all* are 0.",
        ),
        "least": Mistake(responsible_least_overlap, "you take the smallest IoU. The largest wins."),
        "value": Mistake(responsible_value, "this is the number itself. Return its index."),
        "ties by distance": Mistake(
            responsible_ties_by_distance,
            "you let the distance decide between equal IoUs. Of equal ones the first wins; the distance counts only "
            "where all IoUs are 0.",
        ),
        "farthest": Mistake(
            responsible_farthest, "where nothing overlaps, the smallest distance wins, not the largest."
        ),
    },
)
