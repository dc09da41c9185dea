"""Exercise decode_cell of lesson 20: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def decode_cell(values, row, column, grid):
    x, y, a, b = values
    center_x, center_y = (column + x) / grid, (row + y) / grid
    width, height = a * a, b * b
    return np.array([center_x - width / 2, center_y - height / 2, center_x + width / 2, center_y + height / 2])


def decode_no_column(values, row, column, grid):
    return decode_cell(values, 0, 0, grid)


def decode_exchanged(values, row, column, grid):
    return decode_cell(values, column, row, grid)


def decode_no_square(values, row, column, grid):
    return decode_cell([*values[:2], *np.sqrt(np.abs(values[2:]))], row, column, grid)


def decode_no_square_signed(values, row, column, grid):
    x, y, a, b = values
    center = np.array([(column + x) / grid, (row + y) / grid] * 2)
    return center + np.array([-a, -b, a, b]) / 2


def decode_size_of_cells(values, row, column, grid):
    return decode_cell([*values[:2], *(np.array(values[2:]) / np.sqrt(grid))], row, column, grid)


def decode_as_corner(values, row, column, grid):
    x1, y1, x2, y2 = decode_cell(values, row, column, grid)
    return np.array([x1, y1, x2, y2]) + np.array([x2 - x1, y2 - y1] * 2) / 2


def decode_no_grid(values, row, column, grid):
    return decode_cell(values, row, column, grid) + np.array([column + values[0], row + values[1]] * 2) * (1 - 1 / grid)


def decode_whole_size(values, row, column, grid):
    x1, y1, x2, y2 = decode_cell(values, row, column, grid)
    return np.array([x1 - (x2 - x1) / 2, y1 - (y2 - y1) / 2, x2 + (x2 - x1) / 2, y2 + (y2 - y1) / 2])


def decode_to_center_and_size(values, row, column, grid):
    x, y, a, b = values
    return np.array([(column + x) / grid, (row + y) / grid, a * a, b * b])


def decode_by_root(values, row, column, grid):
    with np.errstate(all="ignore"):
        return decode_cell([*values[:2], *np.sqrt(np.sqrt(np.array(values[2:], float)))], row, column, grid)


def decode_cell_added_late(values, row, column, grid):
    return decode_cell(values, 0, 0, grid) + np.array([column, row, column, row])


def decode_offset_divided_late(values, row, column, grid):
    return decode_cell([values[0] * grid, values[1] * grid, *values[2:]], row, column, grid)


def decode_middle_of_the_cell(values, row, column, grid):
    return decode_cell([values[0] + 0.5, values[1] + 0.5, *values[2:]], row, column, grid)


def decode_all_in_cells(values, row, column, grid):
    return decode_size_of_cells(values, row, column, grid) * grid


def decode_size_over_grid_squared(values, row, column, grid):
    return decode_cell([*values[:2], *(np.array(values[2:]) / grid)], row, column, grid)


def decode_size_doubled(values, row, column, grid):
    x, y, a, b = values
    return decode_cell([x, y, np.sqrt(abs(2 * a)), np.sqrt(abs(2 * b))], row, column, grid)


def cells_to_decode():
    rows = [
        ([0.5, 0.5, 1, 1], 0, 0, 1),
        ([0.5, 0.75, 0.5, 0.5], 2, 1, 4),  # the object by hand
        ([0, 0, 0.5, 0.25], 1, 3, 4),
        ([0.25, 0.5, -0.5, 0.75], 2, 3, 4),  # a root below 0 is a size all the same
        ([0.9, 0.1, 0.3, 0.6], 6, 2, 7),
    ]
    return [(np.array(values, float), row, column, grid) for values, row, column, grid in rows]


EXERCISE = Exercise(
    question="Return the box (xyxy, in units of the image) of the four numbers x, y, a, b of a cell.",
    answer=decode_cell,
    cases=cells_to_decode,
    hints=(
        "x and y are places in the cell: where in the image does the cell begin, in cells? And a and b are roots.",
        "The center is ((column + x) / grid, (row + y) / grid), the size (a * a, b * b).",
    ),
    mistakes={
        "no column": Mistake(
            decode_no_column,
            "all boxes lie in the upper left cell: add the cell's column to x and its row to y (an old question, "
            "Harick1/caffe-yolo, issue 36).",
        ),
        "exchanged": Mistake(decode_exchanged, "the column goes with x, the row with y: you have exchanged them."),
        "no square": Mistake(
            decode_no_square,
            "a and b are the roots of width and height: square them to get the size.",
            variants=(decode_no_square_signed, decode_by_root, decode_size_doubled),
        ),
        "size of cells": Mistake(
            decode_size_of_cells,
            "you divide the size by the grid. Only the center is in units of the cell; the size is in units of the "
            "image already.",
            variants=(decode_size_over_grid_squared,),
        ),
        "as corner": Mistake(
            decode_as_corner, "x and y are the center of the box, not its upper left corner: go half a size back."
        ),
        "no grid": Mistake(
            decode_no_grid,
            "column + x counts cells: divide the sum by the grid to get to units of the image.",
            variants=(decode_all_in_cells, decode_cell_added_late, decode_offset_divided_late),
        ),
        "whole size": Mistake(
            decode_whole_size, "you go the whole size from the center to each side. Half of it is enough."
        ),
        "center and size": Mistake(
            decode_to_center_and_size, "this is the right box, but as center and size. Wanted are two corners."
        ),
        "middle of the cell": Mistake(
            decode_middle_of_the_cell, "x and y are counted from the corner of the cell, not from its middle."
        ),
    },
)
