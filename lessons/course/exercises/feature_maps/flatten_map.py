"""Exercise flatten_map of lesson 07: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
)
