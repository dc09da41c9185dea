"""Exercise best_columns of lesson 23: its answer, its cases, and the mistakes that are often made in it."""

from itertools import permutations

import numpy as np

from lessons.course.after_ssd import best_assignment, greedy_assignment
from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
)
