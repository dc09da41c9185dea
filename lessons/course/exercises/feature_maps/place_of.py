"""Exercise place_of of lesson 07: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def place_of(maps, index):
    for number, (size, per_cell) in enumerate(maps):
        if index < size * size * per_cell:
            cell, box = divmod(index, per_cell)
            return number, cell // size, cell % size, box
        index -= size * size * per_cell


def place_columns_first(maps, index):
    number, row, column, box = place_of(maps, index)
    return number, column, row, box


def place_box_first(maps, index):
    number = place_of(maps, index)[0]
    index -= sum(size * size * per_cell for size, per_cell in maps[:number])
    size = maps[number][0]
    box, cell = divmod(index, size * size)
    return number, cell // size, cell % size, box


def place_one_late(maps, index):
    return place_of(maps, index - 1) if index else place_of(maps, 0)


def place_cells_only(maps, index):
    for number, (size, _) in enumerate(maps):
        if index < size * size:
            return number, index // size, index % size, 0
        index -= size * size
    return len(maps), 0, 0, 0


def place_index_of_all(maps, index):
    number = place_of(maps, index)[0]
    size, per_cell = maps[number]
    cell, box = divmod(index, per_cell)
    return number, cell // size, cell % size, box


def place_one_map_late(maps, index):
    before = 0
    for number, (size, per_cell) in enumerate(maps):
        if index <= before + size * size * per_cell:
            cell, box = divmod(index - before, per_cell)
            return number, cell // size, cell % size, box
        before += size * size * per_cell
    return None


def place_cell_not_split(maps, index):
    for number, (size, per_cell) in enumerate(maps):
        if index < size * size * per_cell:
            return number, index // size, index % size, index % per_cell
        index -= size * size * per_cell
    return None


def place_rest_of_the_row(maps, index):
    for number, (size, per_cell) in enumerate(maps):
        if index < size * size * per_cell:
            return number, index // (size * per_cell), index % (size * per_cell), index % per_cell
        index -= size * size * per_cell
    return None


def place_rest_by_size(maps, index):
    for number, (size, per_cell) in enumerate(maps):
        if index < size * size * per_cell:
            return number, index // (size * per_cell), index % size, index % per_cell
        index -= size * size * per_cell
    return None


def place_from_one(maps, index):
    return tuple(part + 1 for part in place_of(maps, index))


def place_cells_not_squared(maps, index):
    for number, (size, per_cell) in enumerate(maps):
        if index < size * per_cell:
            cell, box = divmod(index, per_cell)
            return number, cell // size, cell % size, box
        index -= size * per_cell
    return None


def place_without_map(maps, index):
    return place_of(maps, index)[1:]


def places():
    ssd300 = ((38, 4), (19, 6), (10, 6), (5, 6), (3, 4), (1, 4))
    return [(((1, 4),), 3), (((2, 2), (1, 2)), 3), (((2, 2), (1, 2)), 8), (ssd300, 5776), (ssd300, 8731), (ssd300, 155)]


EXERCISE = Exercise(
    question="Return map, row, column and box of a row of the output; maps are (cells a side, boxes a cell).",
    answer=place_of,
    cases=places,
    hints=(
        "Take off the boxes of one map after the other, until the rest lies on this one.",
        "cell, box = divmod(index, per_cell), and then row, column = divmod(cell, size).",
    ),
    mistakes={
        "columns first": Mistake(place_columns_first, "row and column are exchanged: the column runs faster."),
        "box first": Mistake(
            place_box_first, "you let the box run slowest within a map; it runs fastest: one cell's are neighbors."
        ),
        "one late": Mistake(place_one_late, "you are one row late: the first row of the output has the number 0."),
        "cells only": Mistake(place_cells_only, "you count cells. A map has size * size * per_cell boxes."),
        "index of all": Mistake(
            place_index_of_all,
            "the map is right, but then count within it: subtract the boxes of the maps before.",
        ),
        "one map late": Mistake(
            place_one_map_late,
            "a map of n boxes has the numbers 0 to n - 1. Number n is the first of the next map: < and not <=.",
        ),
        "boxes not taken out": Mistake(
            place_cell_not_split,
            "row and column count cells, not boxes: divide by the boxes of a cell first.",
            variants=(place_rest_of_the_row, place_rest_by_size),
        ),
        "not squared": Mistake(place_cells_not_squared, "a map has size * size cells; you count size of them."),
        "from 1": Mistake(place_from_one, "all four are numbered from 0."),
        "without the map": Mistake(place_without_map, "the number of the map is missing; it comes first."),
    },
)
