"""Exercises of lesson 08: how many default boxes there are, their shapes, places and rows."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def count_boxes(maps):
    return sum(size * size * (2 + 2 * ratios) for size, ratios in maps)


def count_without_inverses(maps):
    return sum(size * size * (2 + ratios) for size, ratios in maps)


def count_one_square(maps):
    return sum(size * size * (1 + 2 * ratios) for size, ratios in maps)


def count_one_row(maps):
    return sum(size * (2 + 2 * ratios) for size, ratios in maps)


def count_cases():
    ssd300 = ((38, 1), (19, 2), (10, 2), (5, 2), (3, 1), (1, 1))
    return [(((1, 1),),), (((3, 0),),), (((2, 2), (1, 1)),), (ssd300,)]


def box_shapes(scale, next_scale, ratios):
    large = np.sqrt(scale * next_scale)
    shapes = [(scale, scale), (large, large)]
    for ratio in ratios:
        long, short = scale * np.sqrt(ratio), scale / np.sqrt(ratio)
        shapes += [(long, short), (short, long)]
    return np.array(shapes)


def shapes_swapped(scale, next_scale, ratios):
    return box_shapes(scale, next_scale, ratios)[:, ::-1]


def shapes_without_root(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ())
    rest = [side for r in ratios for side in ((scale * r, scale / r), (scale / r, scale * r))]
    return np.concatenate([shapes, np.reshape(rest, (-1, 2))])


def shapes_mean(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[1] = (scale + next_scale) / 2
    return shapes


def shapes_large_last(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:1], shapes[2:], shapes[1:2]])


def shapes_one_side(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ())
    rest = [side for r in ratios for side in ((scale * r, scale), (scale, scale * r))]
    return np.concatenate([shapes, np.reshape(rest, (-1, 2))])


def shape_cases():
    return [(4.0, 9.0, ()), (4.0, 9.0, (4,)), (30.0, 60.0, (2,)), (60.0, 111.0, (2, 3))]


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


def center_cases():
    return [(1, 300.0), (2, 1.0), (3, 8.0), (5, 64.0)]


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


def row_cases():
    maps = ((38, 4), (19, 6), (10, 6), (5, 6), (3, 4), (1, 4))
    places = ((0, 0, 0, 3), (0, 0, 5, 0), (0, 3, 1, 2), (1, 0, 0, 0), (2, 4, 7, 5), (5, 0, 0, 3))
    return [(maps, *place) for place in places]


EXERCISES = {
    "count_boxes": Exercise(
        question="Return how many default boxes maps have; a map is (cells a side, number of aspect ratios).",
        answer=count_boxes,
        cases=count_cases,
        hints=(
            "A map of size s has s * s cells. How many boxes has a cell?",
            "Two squares, and for each aspect ratio a wide box and its tall inverse: 2 + 2 * ratios.",
        ),
        mistakes={
            "no inverses": Mistake(
                count_without_inverses, "each aspect ratio brings two boxes: ratio 2 is wide, and 1/2 is tall."
            ),
            "one square": Mistake(count_one_square, "the second square, between this scale and the next, is missing."),
            "one row": Mistake(count_one_row, "a map of size s has s rows of s cells: s * s, not s."),
        },
    ),
    "box_shapes": Exercise(
        question="Return width and height (B, 2) of a cell's boxes: small square, large square, then wide and tall.",
        answer=box_shapes,
        cases=shape_cases,
        hints=(
            "A ratio r is width / height, and the area stays scale * scale. Solve for the width.",
            "width = scale * sqrt(r), height = scale / sqrt(r). The large square's side is sqrt(scale * next_scale).",
        ),
        mistakes={
            "swapped": Mistake(shapes_swapped, "you swapped w and h: an aspect ratio of 2 is twice as WIDE as high."),
            "no root": Mistake(
                shapes_without_root, "without the square root the ratio comes out squared: 2 becomes a box of 4 : 1."
            ),
            "arithmetic mean": Mistake(
                shapes_mean,
                "the large square's side is the geometric mean, sqrt(scale * next_scale), not half of the sum.",
            ),
            "large square last": Mistake(
                shapes_large_last,
                "the right boxes in another order: the large square comes second. The weights of a trained network "
                "depend on the order.",
            ),
            "one side": Mistake(
                shapes_one_side, "only one side is stretched, so that the area grows with the ratio; it should stay."
            ),
        },
    ),
    "cell_centers": Exercise(
        question="Return the centers (size * size, 2) as x, y of a map's cells, row by row, in pixels.",
        answer=cell_centers,
        cases=center_cases,
        hints=(
            "Cell i covers the pixels from i * step to (i + 1) * step. Where is its middle?",
            "places = (np.arange(size) + 0.5) * step. Within a row x runs and y stays.",
        ),
        mistakes={
            "corners": Mistake(
                centers_corner, "these are the upper left corners of the cells: half a step is missing."
            ),
            "columns first": Mistake(
                centers_columns_first, "you run down the columns first (or have y before x); x must change fastest."
            ),
            "diagonal": Mistake(centers_one_line, "only the diagonal: every row goes with every column, size * size."),
        },
    ),
    "row_of": Exercise(
        question="Return the row of a default box among all, from maps of (cells a side, boxes a cell) and its place.",
        answer=row_of,
        cases=row_cases,
        hints=(
            "How many boxes lie on the maps before? How many cells come before this one on its own map?",
            "cells before it: row * size + column; then times boxes a cell, plus the box, plus all earlier maps.",
        ),
        mistakes={
            "columns first": Mistake(
                row_columns_first, "row and column are exchanged: a row of cells comes as a whole."
            ),
            "box first": Mistake(
                row_box_first,
                "here all cells of box 0 come first, then all of box 1. That is another project's order; in SSD the "
                "boxes of one cell stand side by side.",
            ),
            "no earlier maps": Mistake(row_without_maps, "the boxes of the earlier maps come first: add how many."),
        },
    ),
}
