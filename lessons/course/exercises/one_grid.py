"""Exercises of lesson 20: responsible boxes, decoding, and two gradients of YOLO's loss."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def responsible(overlaps, apart):
    if max(overlaps) > 0:
        return int(np.argmax(overlaps))  # of equal ones the first
    return int(np.argmin(apart))


def responsible_no_distance(overlaps, apart):
    return int(np.argmax(overlaps))


def responsible_by_distance(overlaps, apart):
    return int(np.argmin(apart))


def responsible_last(overlaps, apart):
    last = len(overlaps) - 1
    return last - responsible(overlaps[::-1], apart[::-1])


def responsible_farthest(overlaps, apart):
    return int(np.argmax(overlaps)) if max(overlaps) > 0 else int(np.argmax(apart))


def responsible_if_any_is_zero(overlaps, apart):
    return int(np.argmin(apart)) if min(overlaps) == 0 else int(np.argmax(overlaps))


def responsible_least_overlap(overlaps, apart):
    return int(np.argmin(overlaps)) if max(overlaps) > 0 else int(np.argmin(apart))


def responsible_value(overlaps, apart):
    return max(overlaps) if max(overlaps) > 0 else min(apart)


def responsible_last_of_overlaps(overlaps, apart):
    last = len(overlaps) - 1
    return last - int(np.argmax(overlaps[::-1])) if max(overlaps) > 0 else int(np.argmin(apart))


def responsible_ties_by_distance(overlaps, apart):
    return min(range(len(overlaps)), key=lambda i: (-overlaps[i], apart[i]))


def boxes_of_a_cell():
    rows = [
        ([0.3, 0.6], [0.1, 0.2]),
        ([0.6, 0.3], [0.2, 0.1]),
        ([0.0, 0.0], [0.4, 0.1]),
        ([0.5, 0.5], [0.3, 0.2]),  # a tie
        ([0.0, 0.2, 0.1], [0.1, 0.5, 0.3]),
        ([0.0, 0.0, 0.0], [0.3, 0.2, 0.5]),
        ([0.0, 0.0], [0.2, 0.2]),
        ([0.5, 0.5, 0.5], [0.3, 0.1, 0.2]),
    ]
    return [(np.array(overlaps), np.array(apart)) for overlaps, apart in rows]


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


def confidence_gradient(confidences, overlaps, has_object):
    gradient = 2 * 0.5 * confidences  # of every box that should say 0
    if has_object:
        best = np.argmax(overlaps)
        gradient[best] = 2 * (confidences[best] - overlaps[best])
    return gradient


def confidence_without_the_others(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    others = np.arange(len(confidences)) != np.argmax(overlaps)
    return np.where(others & has_object, 0, gradient)


def confidence_towards_1(confidences, overlaps, has_object):
    return confidence_gradient(confidences, np.where(overlaps == overlaps.max(), 1, 0), has_object)


def confidence_all_responsible(confidences, overlaps, has_object):
    return 2 * (confidences - overlaps) if has_object else confidences


def confidence_no_half(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, gradient, 2 * gradient)


def confidence_no_2(confidences, overlaps, has_object):
    return confidence_gradient(confidences, overlaps, has_object) / 2


def confidence_no_empty_cells(confidences, overlaps, has_object):
    return confidence_gradient(confidences, overlaps, has_object) * has_object


def confidence_of_the_surest(confidences, overlaps, has_object):
    gradient = 1.0 * confidences
    if has_object:
        best = np.argmax(confidences)
        gradient[best] = 2 * (confidences[best] - overlaps[best])
    return gradient


def confidence_backwards(confidences, overlaps, has_object):
    return -confidence_gradient(confidences, overlaps, has_object)


def confidence_own_backwards(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, -gradient, gradient)


def confidence_half_for_all(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, gradient / 2, gradient)


def confidence_object_everywhere(confidences, overlaps, has_object):
    return confidence_gradient(confidences, overlaps, True)


def confidence_half_only(confidences, overlaps, has_object):
    gradient = confidence_gradient(confidences, overlaps, has_object)
    own = has_object & (np.arange(len(confidences)) == np.argmax(overlaps))
    return np.where(own, gradient, gradient / 2)


def confidence_loss(confidences, overlaps, has_object):
    best = np.argmax(overlaps)
    own = has_object & (np.arange(len(confidences)) == best)
    return np.where(own, (confidences - overlaps) ** 2, 0.5 * confidences**2)


def confidence_all_boxes_half(confidences, overlaps, has_object):
    return confidences - overlaps if has_object else 1.0 * confidences


def confidence_to_each_iou_of_the_best(confidences, overlaps, has_object):
    return 2 * (confidences - overlaps.max()) if has_object else 1.0 * confidences


def confidences_of_a_cell():
    rows = [
        ([0.4], [0.0], False),
        ([0.9, 0.4], [0.6, 0.0625], True),  # by hand
        ([0.3, 0.2], [0.0, 0.0], False),
        ([0.1, 0.5], [0.2, 0.8], True),
        ([-0.1, 0.3, 0.6], [0.5, 0.1, 0.0], True),
        ([0.7, 0.7], [0.7, 0.1], True),
    ]
    return [(np.array(c), np.array(o), has_object) for c, o, has_object in rows]


def box_gradient(values, truth, overlap, overlap_gradient):
    x, y, a, b, confidence = values
    true_x, true_y, width, height = truth
    errors = np.array([x - true_x, y - true_y, a - np.sqrt(width), b - np.sqrt(height)])
    return np.array([*(2 * 5 * errors), 2 * (confidence - overlap)])  # the IoU is a constant


def box_gradient_through_the_iou(values, truth, overlap, overlap_gradient):
    through = -2 * (values[4] - overlap) * np.array([*overlap_gradient, 0])
    return box_gradient(values, truth, overlap, overlap_gradient) + through


def box_gradient_no_lambda(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [0.2, 0.2, 0.2, 0.2, 1]


def box_gradient_no_2(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) / 2


def box_gradient_no_root(values, truth, overlap, overlap_gradient):
    return box_gradient(values, np.array([*truth[:2], *np.square(truth[2:])]), overlap, overlap_gradient)


def box_gradient_root_of_the_output(values, truth, overlap, overlap_gradient):
    x, y, w, h, confidence = values
    return box_gradient([x, y, np.sqrt(w), np.sqrt(h), confidence], truth, overlap, overlap_gradient)


def box_gradient_towards_1(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, 1, overlap_gradient)


def box_gradient_five_everywhere(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 1, 1, 5]


def box_gradient_backwards(values, truth, overlap, overlap_gradient):
    return -box_gradient(values, truth, overlap, overlap_gradient)


def box_gradient_confidence_backwards(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 1, 1, -1]


def box_gradient_outputs_squared(values, truth, overlap, overlap_gradient):
    x, y, a, b, confidence = values
    errors = np.array([x, y, a * a, b * b]) - truth
    return np.array([*(10 * errors), 2 * (confidence - overlap)])


def box_gradient_outputs_squared_by_chain(values, truth, overlap, overlap_gradient):
    _, _, a, b, _ = values
    return box_gradient_outputs_squared(values, truth, overlap, overlap_gradient) * [1, 1, 2 * a, 2 * b, 1]


def box_gradient_half_lambda(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 0.2, 0.2, 1]


def box_gradient_no_2_on_the_box(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [0.5, 0.5, 0.5, 0.5, 1]


def box_gradient_no_2_on_confidence(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) * [1, 1, 1, 1, 0.5]


def box_gradient_added(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient) + np.array([*overlap_gradient, 0])


def box_gradient_iou_sign(values, truth, overlap, overlap_gradient):
    through = 2 * (values[4] - overlap) * np.array([*overlap_gradient, 0])
    return box_gradient(values, truth, overlap, overlap_gradient) + through


def box_gradient_four(values, truth, overlap, overlap_gradient):
    return box_gradient(values, truth, overlap, overlap_gradient)[:4]


def responsible_boxes_and_truths():
    rows = [
        ([0.75, 0.75, 0.5, 0.5, 0.9], [0.5, 0.75, 0.25, 0.25], 0.6, [-1.6, 0, 0, 0]),  # by hand
        ([0.5, 0.5, 0.3, 0.5, 0.5], [0.5, 0.5, 0.25, 0.25], 0.36, [0, 0, 2.4, 0]),
        ([0.2, 0.9, 0.6, 0.4, 0.1], [0.4, 0.7, 0.49, 0.09], 0.35, [0.8, -1.1, 0.4, -1.5]),
    ]
    return [(np.array(v), np.array(t), overlap, np.array(g)) for v, t, overlap, g in rows]


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


EXERCISES = {
    "responsible": Exercise(
        question="Return the index of the box of a cell that is responsible for the cell's object.",
        answer=responsible,
        cases=boxes_of_a_cell,
        hints=(
            "Two cases: some box overlaps the object, or none does.",
            "np.argmax(overlaps) if one of them is over 0, otherwise np.argmin(apart). Both take the first of equals.",
        ),
        mistakes={
            "no distance": Mistake(
                responsible_no_distance,
                "where no box overlaps the object, all IoUs are 0, and argmax takes the first box. So the others are "
                "never trained. Take the nearest box there.",
            ),
            "by distance": Mistake(
                responsible_by_distance,
                "the distance counts only where no box overlaps the object. Otherwise the largest IoU wins.",
            ),
            "last": Mistake(
                responsible_last,
                "of two equal boxes the first is responsible, not the last.",
                variants=(responsible_last_of_overlaps,),
            ),
            "any is zero": Mistake(
                responsible_if_any_is_zero,
                "you take the nearest box as soon as one IoU is 0. It counts only if *all* are 0.",
            ),
            "least": Mistake(responsible_least_overlap, "you take the smallest IoU. The largest wins."),
            "value": Mistake(responsible_value, "this is the number itself. Return its index."),
            "ties by distance": Mistake(
                responsible_ties_by_distance,
                "you let the distance decide between equal IoUs. Of equal ones the first wins; the distance counts only "
                "where all IoUs are 0.",
            ),
            "farthest": Mistake(
                responsible_farthest, "where nothing overlaps, the smallest distance wins, not the largest."
            ),
        },
    ),
    "decode_cell": Exercise(
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
    ),
    "confidence_gradient": Exercise(
        question="Return the gradient of the loss with respect to the confidences (B,) of the boxes of one cell.",
        answer=confidence_gradient,
        cases=confidences_of_a_cell,
        hints=(
            "One box of a cell with an object should say its IoU. What should each other box say, in any cell?",
            "2 * 0.5 * confidence for every box; then 2 * (confidence - overlap) for the responsible one.",
        ),
        mistakes={
            "without the others": Mistake(
                confidence_without_the_others,
                "in a cell with an object the other box learns nothing here. It should learn 0 "
                "(aladdinpersson/Machine-Learning-Collection, issue 137).",
            ),
            "towards 1": Mistake(
                confidence_towards_1,
                "the confidence should be the IoU of its box, not 1: a box that fits badly should say so.",
            ),
            "all responsible": Mistake(
                confidence_all_responsible,
                "every box of the cell learns an IoU. Only the best one should; the others should say 0.",
                variants=(confidence_all_boxes_half, confidence_to_each_iou_of_the_best),
            ),
            "no half": Mistake(
                confidence_no_half,
                "the confidences that should be 0 have a weight of 0.5 in the loss: there are so many.",
            ),
            "no 2": Mistake(
                confidence_no_2,
                "the gradient of a square has a factor 2. Darknet leaves it out.",
                variants=(confidence_half_for_all, confidence_half_only),
            ),
            "surest": Mistake(
                confidence_of_the_surest,
                "you take the box with the largest confidence for the responsible one. It is that with the largest IoU.",
            ),
            "backwards": Mistake(
                confidence_backwards,
                "the sign is wrong: a confidence that is too large has a positive gradient, confidence - IoU.",
                variants=(confidence_own_backwards,),
            ),
            "object everywhere": Mistake(
                confidence_object_everywhere,
                "you look for a responsible box in a cell without an object, too. There every box should say 0.",
            ),
            "loss": Mistake(confidence_loss, "these are the losses. Their gradients are wanted: 2 * (C - IoU), and C."),
            "no empty cells": Mistake(
                confidence_no_empty_cells,
                "a cell without an object learns nothing here. All its boxes should say 0, or it will detect something.",
            ),
        },
    ),
    "box_gradient": Exercise(
        question="Return the gradient of the loss (5,) with respect to x, y, a, b and C of a responsible box.",
        answer=box_gradient,
        cases=responsible_boxes_and_truths,
        hints=(
            "Write the two terms of the loss down that hold these five numbers. Which of them is a constant?",
            "2 * 5 * (x - true_x), 2 * 5 * (a - np.sqrt(width)), the same for y and b, and 2 * (C - overlap).",
        ),
        mistakes={
            "through the IoU": Mistake(
                box_gradient_through_the_iou,
                "your gradient goes through the IoU. The target of a confidence is a constant: otherwise a box would "
                "move in order to fit badly, where its confidence is too low.",
                variants=(box_gradient_iou_sign, box_gradient_added),
            ),
            "no lambda": Mistake(
                box_gradient_no_lambda,
                "the terms of x, y, a and b have a weight of 5 in the loss.",
                variants=(box_gradient_half_lambda,),
            ),
            "no 2": Mistake(
                box_gradient_no_2,
                "the gradient of a square has a factor 2. Darknet leaves it out.",
                variants=(box_gradient_no_2_on_the_box, box_gradient_no_2_on_confidence),
            ),
            "no root": Mistake(
                box_gradient_no_root,
                "a and b are roots: compare them with the roots of the true width and height.",
                variants=(box_gradient_outputs_squared, box_gradient_outputs_squared_by_chain),
            ),
            "weight on the confidence": Mistake(
                box_gradient_five_everywhere, "the weight of 5 is for x, y, a and b. The confidence has a weight of 1."
            ),
            "backwards": Mistake(
                box_gradient_backwards,
                "the sign is wrong: a number that is too large has a positive gradient, output minus truth.",
                variants=(box_gradient_confidence_backwards,),
            ),
            "four": Mistake(box_gradient_four, "the gradient of the confidence is missing: it is the fifth number."),
            "root of the output": Mistake(
                box_gradient_root_of_the_output,
                "you take the root of the outputs. They *are* roots already, and the root of a negative number is NaN.",
            ),
            "towards 1": Mistake(box_gradient_towards_1, "the confidence should be the IoU of its box, not 1."),
        },
    ),
    "count_wins": Exercise(
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
            "indices": Mistake(
                wins_indices, "these are the winners, one for each cell. Count how often each box wins."
            ),
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
    ),
}
