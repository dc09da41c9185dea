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


def count_one_and_ratios(maps):
    return sum(size * size * (1 + ratios) for size, ratios in maps)


def count_ratios_only(maps):
    return sum(size * size * 2 * ratios for size, ratios in maps)


def count_cells(maps):
    return sum(size * size for size, _ in maps)


def count_as_boxes(maps):
    return sum(size * size * ratios for size, ratios in maps)


def count_first_map(maps):
    return count_boxes(maps[:1])


def count_last_map(maps):
    return count_boxes(maps[-1:])


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


def shapes_no_large(scale, next_scale, ratios):
    return np.delete(box_shapes(scale, next_scale, ratios), 1, axis=0)


def shapes_wide_only(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2::2]])


def shapes_in_groups(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2::2], shapes[3::2]])


def shapes_of_next_scale(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2:] * next_scale / scale])


def shapes_of_large_square(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2:] * np.sqrt(next_scale / scale)])


def shapes_next_square(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[1] = next_scale
    return shapes


def shapes_no_root_of_product(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[1] = scale * next_scale
    return shapes


def shapes_tall_twice(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[3::2] = shapes[2::2]
    return shapes


def shapes_squares_last(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[2:], shapes[:2]])


def shapes_one_side_root(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ())
    rest = [side for r in ratios for side in ((scale * np.sqrt(r), scale), (scale, scale * np.sqrt(r)))]
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
            "one and ratios": Mistake(
                count_one_and_ratios, "a cell has *two* squares, and for each ratio *two* boxes: 2 + 2 * ratios."
            ),
            "no squares": Mistake(
                count_ratios_only,
                "the two squares of each cell are missing. The number is that of the aspect ratios, not of the boxes.",
                variants=(count_as_boxes,),
            ),
            "cells": Mistake(count_cells, "these are the cells. Each has 2 + 2 * ratios boxes."),
            "one map": Mistake(
                count_last_map, "this is one map alone. Add up all of them.", variants=(count_first_map,)
            ),
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
                shapes_one_side,
                "only one side is stretched, so that the area grows with the ratio; it should stay.",
                variants=(shapes_one_side_root,),
            ),
            "no large square": Mistake(
                shapes_no_large, "the second square is missing: its side is sqrt(scale * next_scale)."
            ),
            "wide only": Mistake(shapes_wide_only, "each ratio has a tall box, too: its inverse."),
            "in groups": Mistake(
                shapes_in_groups,
                "you have all wide boxes first, then all tall ones. Each tall one follows its wide one.",
            ),
            "another scale": Mistake(
                shapes_of_next_scale,
                "the wide and tall boxes are made from this map's scale, not from the next one or the large square.",
                variants=(shapes_of_large_square,),
            ),
            "next square": Mistake(
                shapes_next_square,
                "the large square's side lies between both scales: sqrt(scale * next_scale).",
                variants=(shapes_no_root_of_product,),
            ),
            "twice the same": Mistake(shapes_tall_twice, "both boxes of a ratio are wide. The second is tall."),
            "squares last": Mistake(shapes_squares_last, "the right boxes in another order: the squares come first."),
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
                centers_corner,
                "these are the corners of the cells: the center is half a step farther than the upper left one.",
                variants=(centers_far_corner,),
            ),
            "half a pixel": Mistake(
                centers_half_a_pixel, "you add half a pixel. It is half a *cell*: (i + 0.5) * step."
            ),
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
    ),
}
