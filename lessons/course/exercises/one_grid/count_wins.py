"""Exercise count_wins of lesson 20: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def count_wins(overlaps, apart):
    best = np.where(overlaps.max(axis=1) > 0, overlaps.argmax(axis=1), apart.argmin(axis=1))
    return np.bincount(best, minlength=overlaps.shape[1])


def wins_without_losers(overlaps, apart):
    wins = count_wins(overlaps, apart)
    return wins[: np.flatnonzero(wins)[-1] + 1]


def wins_no_distance(overlaps, apart):
    return np.bincount(overlaps.argmax(axis=1), minlength=overlaps.shape[1])


def wins_of_cells(overlaps, apart):
    return np.bincount(overlaps.argmax(axis=0), minlength=len(overlaps))


def wins_of_overlapping(overlaps, apart):
    return (overlaps > 0).sum(axis=0)


def wins_with_ties(overlaps, apart):
    best = overlaps == overlaps.max(axis=1, keepdims=True)
    nearest = np.eye(overlaps.shape[1], dtype=bool)[apart.argmin(axis=1)]
    return np.where(overlaps.max(axis=1, keepdims=True) > 0, best, nearest).sum(axis=0)


def wins_rule_for_all_or_none(overlaps, apart):
    if overlaps.max() == 0:
        return np.bincount(apart.argmin(axis=1), minlength=overlaps.shape[1])
    return wins_no_distance(overlaps, apart)


def wins_if_any_is_zero(overlaps, apart):
    best = np.where(overlaps.min(axis=1) > 0, overlaps.argmax(axis=1), apart.argmin(axis=1))
    return np.bincount(best, minlength=overlaps.shape[1])


def wins_by_distance(overlaps, apart):
    return np.bincount(apart.argmin(axis=1), minlength=overlaps.shape[1])


def wins_indices(overlaps, apart):
    return np.where(overlaps.max(axis=1) > 0, overlaps.argmax(axis=1), apart.argmin(axis=1))


def wins_of_overlapping_cells_only(overlaps, apart):
    touched = overlaps.max(axis=1) > 0
    return np.bincount(overlaps[touched].argmax(axis=1), minlength=overlaps.shape[1])


def wins_farthest(overlaps, apart):
    best = np.where(overlaps.max(axis=1) > 0, overlaps.argmax(axis=1), apart.argmax(axis=1))
    return np.bincount(best, minlength=overlaps.shape[1])


def wins_fractions(overlaps, apart):
    return count_wins(overlaps, apart) / len(overlaps)


def wins_per_cell_counted(overlaps, apart):
    return np.bincount(wins_indices(overlaps, apart), minlength=len(overlaps))


def wins_of_cells_with_distance(overlaps, apart):
    best = np.where(overlaps.max(axis=0) > 0, overlaps.argmax(axis=0), apart.argmin(axis=0))
    return np.bincount(best, minlength=overlaps.shape[1])


def wins_of_cells_counted_for_boxes(overlaps, apart):
    return np.bincount(overlaps.argmax(axis=0), minlength=overlaps.shape[1])


def batches_of_cells():
    tiny = [
        ([[0.2, 0.6]], [[0.3, 0.1]]),
        ([[0.6, 0.2], [0.5, 0.4], [0.9, 0.1]], [[0.1, 0.2], [0.1, 0.3], [0.1, 0.1]]),  # the second never wins
        ([[0.0, 0.0], [0.7, 0.0]], [[0.3, 0.1], [0.1, 0.5]]),
        ([[0.5, 0.5], [0.1, 0.4]], [[0.1, 0.2], [0.3, 0.1]]),
        ([[0.0, 0.7], [0.3, 0.0]], [[0.1, 0.5], [0.2, 0.4]]),  # a 0 beside the winner
    ]
    rng = np.random.default_rng(2)
    drawn = [(rng.uniform(size=(9, 3)) * (rng.uniform(size=(9, 1)) < 0.6), rng.uniform(size=(9, 3))) for _ in range(3)]
    return [(np.array(overlaps), np.array(apart)) for overlaps, apart in [*tiny, *drawn]]


EXERCISE = Exercise(
    question="Return how often each of the B boxes is responsible, over the P cells that have an object.",
    answer=count_wins,
    cases=batches_of_cells,
    hints=(
        "First the index of the responsible box of each row, as in the warm-up, by np.where on whole columns.",
        "np.bincount counts how often each index occurs. Give it minlength, or a box that never wins is not there.",
    ),
    mistakes={
        "without losers": Mistake(
            wins_without_losers,
            "a box that never wins is missing from your counts, and that is the one to look for: "
            "np.bincount(best, minlength=B).",
        ),
        "no distance": Mistake(
            wins_no_distance,
            "where all IoUs of a row are 0, the nearest box wins, not the first.",
            variants=(wins_rule_for_all_or_none,),
        ),
        "any is zero": Mistake(
            wins_if_any_is_zero, "you take the nearest box as soon as one IoU of a row is 0. All of them must be 0."
        ),
        "by distance": Mistake(
            wins_by_distance,
            "the distance counts only where no box overlaps the object. Otherwise the IoU decides.",
        ),
        "indices": Mistake(wins_indices, "these are the winners, one for each cell. Count how often each box wins."),
        "without the untouched": Mistake(
            wins_of_overlapping_cells_only,
            "cells in which no box overlaps the object are left out. The nearest wins.",
        ),
        "farthest": Mistake(wins_farthest, "where nothing overlaps, the smallest distance wins, not the largest."),
        "fractions": Mistake(wins_fractions, "these are fractions. Return how often each box wins."),
        "counted over cells": Mistake(
            wins_per_cell_counted, "there is one count for each *box* of a cell: minlength is overlaps.shape[1]."
        ),
        "of cells": Mistake(
            wins_of_cells,
            "you look for the best cell of each box: the best box of each cell is along axis 1.",
            variants=(wins_of_cells_with_distance, wins_of_cells_counted_for_boxes),
        ),
        "overlapping": Mistake(
            wins_of_overlapping, "you count the boxes that overlap an object. Only one box of a cell wins."
        ),
        "ties": Mistake(wins_with_ties, "of two equal boxes of a cell only the first wins."),
    },
)
