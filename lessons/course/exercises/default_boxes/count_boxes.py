"""Exercise count_boxes of lesson 08: its answer, its cases, and the mistakes that are often made in it."""

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


EXERCISE = Exercise(
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
        "one map": Mistake(count_last_map, "this is one map alone. Add up all of them.", variants=(count_first_map,)),
    },
)
