"""Exercises of lesson 07: how many outputs a cell has, in which order, and how one cell is computed."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def outputs_per_cell(boxes, classes):
    return boxes * (classes + 4)


def outputs_one_box(boxes, classes):
    return boxes * classes + 4


def outputs_shared_classes(boxes, classes):
    return boxes * 5 + classes


def outputs_second_background(boxes, classes):
    return boxes * (classes + 1 + 4)


def outputs_product(boxes, classes):
    return boxes * classes * 4


def outputs_without_offsets(boxes, classes):
    return boxes * classes


def outputs_without_background(boxes, classes):
    return boxes * (classes - 1 + 4)


def outputs_sum(boxes, classes):
    return boxes + classes + 4


def outputs_of_one(boxes, classes):
    return classes + 4


def cells():
    return [(1, 2), (2, 3), (4, 21), (6, 21), (6, 81)]


def flatten_map(out, values):
    return out.transpose(1, 2, 0).reshape(-1, values)  # (channels, H, W) -> (H, W, channels) -> (H * W * B, values)


def flatten_as_it_is(out, values):
    return out.reshape(-1, values)


def flatten_columns_first(out, values):
    return out.transpose(2, 1, 0).reshape(-1, values)


def flatten_box_first(out, values):
    boxes = out.reshape(-1, values, *out.shape[1:])  # (B, values, H, W)
    return boxes.transpose(0, 2, 3, 1).reshape(-1, values)


def flatten_value_first(out, values):
    return out.reshape(values, -1, *out.shape[1:]).transpose(2, 3, 1, 0).reshape(-1, values)


def flatten_values_apart(out, values):
    return out.reshape(values, -1).T


def flatten_boxes_together(out, values):
    return out.transpose(1, 2, 0).reshape(-1, len(out))


def outputs_of_maps():
    """Return maps whose numbers say where they belong: box 1, value 2 of row 3, column 4 is 3412."""
    cases = []
    for height, width, boxes, values in ((1, 2, 1, 2), (2, 2, 2, 2), (2, 3, 2, 3)):
        row, column, box, value = np.indices((height, width, boxes, values))
        numbers = 1000 * row + 100 * column + 10 * box + value
        cases.append((numbers.reshape(height, width, -1).transpose(2, 0, 1), values))
    return cases


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


def predict_cell(x, weight, bias, row, column):
    height, width = x.shape[:2]
    out = bias.astype(float)  # a copy: += must not change the bias
    for i in range(3):
        for j in range(3):
            y, across = row + i - 1, column + j - 1
            if 0 <= y < height and 0 <= across < width:  # outside lies zero padding
                out += x[y, across] @ weight[i, j]
    return out


def predict_wrapped(x, weight, bias, row, column):
    out = bias.astype(float)
    for i in range(3):
        for j in range(3):
            out += x[(row + i - 1) % x.shape[0], (column + j - 1) % x.shape[1]] @ weight[i, j]
    return out


def predict_not_centered(x, weight, bias, row, column):
    return predict_cell(x, weight, bias, row + 1, column + 1)


def predict_without_bias(x, weight, bias, row, column):
    return predict_cell(x, weight, np.zeros_like(bias), row, column)


def predict_flipped(x, weight, bias, row, column):
    return predict_cell(x, weight[::-1, ::-1], bias, row, column)


def predict_one_by_one(x, weight, bias, row, column):
    return x[row, column] @ weight[1, 1] + bias


def predict_wrapped_backwards(x, weight, bias, row, column):
    out = bias.astype(float)
    for i in range(3):
        for j in range(3):
            if row + i - 1 < x.shape[0] and column + j - 1 < x.shape[1]:
                out += x[row + i - 1, column + j - 1] @ weight[i, j]
    return out


def predict_edge_repeated(x, weight, bias, row, column):
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return predict_cell(padded, weight, bias, row + 1, column + 1)


def predict_transposed(x, weight, bias, row, column):
    return predict_cell(x, weight.transpose(1, 0, 2, 3), bias, row, column)


def predict_bias_nine_times(x, weight, bias, row, column):
    return predict_cell(x, weight, 9 * bias, row, column)


def predict_above_and_left(x, weight, bias, row, column):
    return predict_cell(x, weight, bias, row - 1, column - 1)


def predict_mean(x, weight, bias, row, column):
    return predict_cell(x, weight / 9, bias, row, column)


def predict_bias_at_each_place(x, weight, bias, row, column):
    places = [(row + i - 1, column + j - 1) for i in range(3) for j in range(3)]
    inside = sum(0 <= r < x.shape[0] and 0 <= c < x.shape[1] for r, c in places)
    return predict_cell(x, weight, inside * bias, row, column)


def cells_to_predict():
    rng = np.random.default_rng(6)
    one = np.arange(1.0, 5.0).reshape(2, 2, 1)
    cases = [(one, np.ones((3, 3, 1, 1)), np.zeros(1), 0, 0)]
    cases.append((one, np.arange(9.0).reshape(3, 3, 1, 1), np.ones(1), 1, 1))
    x, weight = rng.integers(-2, 3, (4, 5, 2)).astype(float), rng.integers(-2, 3, (3, 3, 2, 3)).astype(float)
    return cases + [(x, weight, np.array([1.0, 2.0, 3.0]), *place) for place in ((1, 2), (0, 4), (3, 0))]


EXERCISES = {
    "outputs_per_cell": Exercise(
        question="Return how many numbers the predictors give a cell of a map; classes count the background.",
        answer=outputs_per_cell,
        cases=cells,
        hints=(
            "What does one default box need? A number for each class, and some to move and stretch it.",
            "classes + 4 for each box, and each box of the cell has its own.",
        ),
        mistakes={
            "offsets once": Mistake(
                outputs_one_box, "you count four offsets for the whole cell. Each of its boxes has four of its own."
            ),
            "shared classes": Mistake(
                outputs_shared_classes,
                "this is YOLO's first version: 4 offsets and a confidence for each box, and one set of classes that "
                "all boxes of the cell share. In SSD each box has its own.",
            ),
            "second background": Mistake(
                outputs_second_background,
                "one number too many for each box. Background is among the classes already (VOC's 20 kinds make 21), and "
                "SSD has no confidence beside them.",
            ),
            "product": Mistake(
                outputs_product,
                "four offsets for each class of each box. Faster R-CNN does that; SSD's offsets serve all classes.",
            ),
            "no offsets": Mistake(outputs_without_offsets, "the four offsets of each box are missing."),
            "no background": Mistake(
                outputs_without_background, "background has a score as well, and it is counted in classes already."
            ),
            "sum": Mistake(outputs_sum, "you add the number of boxes. Each box has its own classes + 4: multiply."),
            "one box": Mistake(outputs_of_one, "these are the numbers of one box. A cell has several."),
        },
    ),
    "flatten_map": Exercise(
        question="Return the rows (H * W * B, values) of an output (B * values, H, W): row, column, box, value.",
        answer=flatten_map,
        cases=outputs_of_maps,
        hints=(
            "reshape keeps the order in memory: the last axis runs fastest. Which axis has to be the last?",
            "Bring the channels to the end, out.transpose(1, 2, 0), and only then reshape(-1, values).",
        ),
        mistakes={
            "no transpose": Mistake(
                flatten_as_it_is,
                "the transpose before the reshape is missing. The shape is right, but a row now holds one channel of "
                "neighboring cells, and not all values of one box.",
            ),
            "columns first": Mistake(
                flatten_columns_first, "rows and columns are exchanged: down the columns first. SSD goes row by row."
            ),
            "box first": Mistake(
                flatten_box_first,
                "here all cells of box 0 come first, then all of box 1. The boxes of a cell belong side by side.",
            ),
            "value first": Mistake(
                flatten_value_first,
                "you read the channels as value, then box. A box's values are neighbors: box * values + value.",
            ),
            "boxes together": Mistake(
                flatten_boxes_together,
                "a row holds all boxes of a cell. Each box has a row of its own, of values numbers.",
            ),
            "transposed rows": Mistake(
                flatten_values_apart,
                "reshape(values, -1).T takes numbers that lie far apart in memory. Bring the channels to the end first: "
                "transpose(1, 2, 0).",
            ),
        },
    ),
    "place_of": Exercise(
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
    ),
    "predict_cell": Exercise(
        question="Return the outputs (C_out,) of one cell: weight (3, 3, C_in, C_out) over x (H, W, C_in), padded.",
        answer=predict_cell,
        cases=cells_to_predict,
        hints=(
            "The window is the cell and its eight neighbors. What lies outside of the map counts as zeros.",
            "For i, j in 0..2 add x[row + i - 1, column + j - 1] @ weight[i, j], if that place is on the map; begin "
            "with the bias.",
        ),
        mistakes={
            "wrapped": Mistake(
                predict_wrapped,
                "at the border you read the other side of the map: x[-1] is the last row, not a row of zeros.",
                variants=(predict_wrapped_backwards,),
            ),
            "not centered": Mistake(
                predict_not_centered,
                "your window does not have the cell in its middle: it begins one row above and one column to the left.",
                variants=(predict_above_and_left,),
            ),
            "no bias": Mistake(predict_without_bias, "the bias is missing."),
            "flipped": Mistake(
                predict_flipped, "the kernel is flipped. A network's convolution does not flip it (lesson 03)."
            ),
            "one by one": Mistake(
                predict_one_by_one, "you look at the cell alone. The predictor is 3 x 3: its neighbors count too."
            ),
            "edge repeated": Mistake(
                predict_edge_repeated,
                "outside the map you repeat the numbers of the edge (mode='edge', or an index that is clipped). There are "
                "zeros.",
            ),
            "transposed": Mistake(
                predict_transposed, "rows and columns of the kernel are exchanged: weight[i, j] belongs to row i."
            ),
            "bias nine times": Mistake(
                predict_bias_nine_times,
                "the bias is added once for each place; add it once.",
                variants=(predict_bias_at_each_place,),
            ),
            "mean": Mistake(predict_mean, "you divide by 9. A convolution adds up."),
        },
    ),
}
