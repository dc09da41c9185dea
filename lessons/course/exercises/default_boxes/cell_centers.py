"""Exercise cell_centers of lesson 08: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def cell_centers(size, step):
    places = (np.arange(size) + 0.5) * step
    x, y = np.meshgrid(places, places)  # (size, size) each; x grows along a row
    return np.stack([x, y], axis=2).reshape(-1, 2)


def centers_corner(size, step):
    return cell_centers(size, step) - step / 2


def centers_columns_first(size, step):
    return cell_centers(size, step)[:, ::-1]


def centers_one_line(size, step):
    return np.stack([(np.arange(size) + 0.5) * step] * 2, axis=1)


def centers_half_a_pixel(size, step):
    return cell_centers(size, step) - step / 2 + 0.5


def centers_far_corner(size, step):
    return cell_centers(size, step) + step / 2


def centers_in_cells(size, step):
    return cell_centers(size, 1)


def centers_to_the_edge(size, step):
    places = np.linspace(0, size * step, size)
    x, y = np.meshgrid(places, places)
    return np.stack([x, y], axis=2).reshape(-1, 2)


def center_cases():
    return [(1, 300.0), (2, 1.0), (3, 8.0), (5, 64.0)]


EXERCISE = Exercise(
    question="Return the centers (size * size, 2) as x, y of a map's cells, row by row, in pixels.",
    answer=cell_centers,
    cases=center_cases,
    hints=(
        "Cell i covers the pixels from i * step to (i + 1) * step. Where is its middle?",
        "places = (np.arange(size) + 0.5) * step. Within a row x runs and y stays.",
    ),
    mistakes={
        "corners": Mistake(
            centers_corner,
            "these are the corners of the cells: the center is half a step farther than the upper left one.",
            variants=(centers_far_corner,),
        ),
        "half a pixel": Mistake(centers_half_a_pixel, "you add half a pixel. It is half a *cell*: (i + 0.5) * step."),
        "in cells": Mistake(centers_in_cells, "these are cells, not pixels: multiply by the step."),
        "to the edge": Mistake(
            centers_to_the_edge,
            "your first and last places lie on the edges of the map; centers lie half a step inside.",
        ),
        "columns first": Mistake(
            centers_columns_first, "you run down the columns first (or have y before x); x must change fastest."
        ),
        "diagonal": Mistake(centers_one_line, "only the diagonal: every row goes with every column, size * size."),
    },
)
