"""Exercise row_of of lesson 08: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def row_of(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[:index])
    size, per_cell = maps[index]
    return before + (row * size + column) * per_cell + box


def row_columns_first(maps, index, row, column, box):
    return row_of(maps, index, column, row, box)


def row_box_first(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[:index])
    return before + (box * maps[index][0] + row) * maps[index][0] + column


def row_without_maps(maps, index, row, column, box):
    return row_of(maps[index:], 0, row, column, box)


def row_with_its_own_map(maps, index, row, column, box):
    size, per_cell = maps[index]
    return row_of(maps, index, row, column, box) + size * size * per_cell


def row_cells_only(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[:index])
    return before + row * maps[index][0] + column + box


def row_maps_not_squared(maps, index, row, column, box):
    before = sum(size * per_cell for size, per_cell in maps[:index])
    return before + row_of(maps[index:], 0, row, column, box)


def row_cells_of_maps(maps, index, row, column, box):
    before = sum(size * size for size, _ in maps[:index])
    return before + row_of(maps[index:], 0, row, column, box)


def row_from_one(maps, index, row, column, box):
    return row_of(maps, index, row, column, box) + 1


def row_column_alone(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[:index])
    size, per_cell = maps[index]
    return before + row * size * per_cell + column + box


def row_row_alone(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[:index])
    return before + row * maps[index][0] + column * maps[index][1] + box


def row_one_map_only(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[max(index - 1, 0) : index])
    return before + row_of(maps[index:], 0, row, column, box)


def row_first_size(maps, index, row, column, box):
    before = sum(size * size * per_cell for size, per_cell in maps[:index])
    size, per_cell = maps[0]
    return before + (row * size + column) * per_cell + box


def row_cases():
    maps = ((38, 4), (19, 6), (10, 6), (5, 6), (3, 4), (1, 4))
    places = ((0, 0, 0, 3), (0, 0, 5, 0), (0, 3, 1, 2), (1, 0, 0, 0), (2, 4, 7, 5), (3, 2, 1, 4), (5, 0, 0, 3))
    return [(maps, *place) for place in places]


EXERCISE = Exercise(
    question="Return the row of a default box among all, from maps of (cells a side, boxes a cell) and its place.",
    answer=row_of,
    cases=row_cases,
    hints=(
        "How many boxes lie on the maps before? How many cells come before this one on its own map?",
        "cells before it: row * size + column; then times boxes a cell, plus the box, plus all earlier maps.",
    ),
    mistakes={
        "columns first": Mistake(row_columns_first, "row and column are exchanged: a row of cells comes as a whole."),
        "box first": Mistake(
            row_box_first,
            "here all cells of box 0 come first, then all of box 1. That is another project's order; in SSD the "
            "boxes of one cell stand side by side.",
        ),
        "no earlier maps": Mistake(row_without_maps, "the boxes of the earlier maps come first: add how many."),
        "with its own map": Mistake(
            row_with_its_own_map, "you count the map itself among those before it: maps[:index], without index."
        ),
        "cells": Mistake(
            row_cells_only,
            "each cell before has several boxes: row * size + column counts cells, so multiply by the boxes of one.",
            variants=(row_column_alone, row_row_alone),
        ),
        "maps not counted right": Mistake(
            row_maps_not_squared,
            "a map before has size * size * boxes rows, with all three factors.",
            variants=(row_cells_of_maps,),
        ),
        "from 1": Mistake(row_from_one, "the first row has the number 0."),
        "first map's size": Mistake(row_first_size, "you use the size of the first map. Each map has its own."),
        "one map before": Mistake(row_one_map_only, "you add only the map just before. Add all that come before."),
    },
)
