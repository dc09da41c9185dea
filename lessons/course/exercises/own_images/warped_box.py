"""Exercise warped_box of lesson 18: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def warped_box(box, width, height, side):
    x1, y1, x2, y2 = box
    return np.array([x1 * side / width, y1 * side / height, x2 * side / width, y2 * side / height])


def warped_exchanged(box, width, height, side):
    return warped_box(box, height, width, side)


def warped_in_shape(box, width, height, side):
    return np.asarray(box, float) * side / max(width, height)


def warped_to_one(box, width, height, side):
    return warped_box(box, width, height, 1)


def warped_by_the_shorter(box, width, height, side):
    return np.asarray(box, float) * side / min(width, height)


def warped_by_the_width(box, width, height, side):
    return np.asarray(box, float) * side / width


def warped_by_the_height(box, width, height, side):
    return np.asarray(box, float) * side / height


def warped_xxyy(box, width, height, side):
    return np.asarray(box, float) * side / np.array([width, width, height, height])


def warped_backwards(box, width, height, side):
    return np.asarray(box, float) * np.array([width, height, width, height]) / side


def warped_letterboxed(box, width, height, side):
    scale = side / max(width, height)
    border = np.array([side - width * scale, side - height * scale] * 2) / 2
    return np.asarray(box, float) * scale + border


def boxes_to_warp():
    rows = (((0, 0, 2, 2), 2, 2, 4), ((0, 0, 10, 10), 40, 20, 20), ((64, 8, 88, 32), 192, 64, 64))
    return [*((np.array(box, float), *rest) for box, *rest in rows), (np.array([10, 30, 110, 330.0]), 640, 480, 300)]


EXERCISE = Exercise(
    question="Return a box in pixels of a width x height image, in pixels of the side x side square it becomes.",
    answer=warped_box,
    cases=boxes_to_warp,
    hints=(
        "Two factors: one for x and one for y. The image is not cut and gets no border.",
        "x times side / width, y times side / height.",
    ),
    mistakes={
        "exchanged": Mistake(warped_exchanged, "width and height are exchanged: x belongs to the width."),
        "in shape": Mistake(
            warped_in_shape,
            "you scale both sides alike, as if a border were added (letterboxing). SSD warps: each side by its own "
            "factor.",
            variants=(warped_by_the_shorter, warped_by_the_width, warped_by_the_height, warped_letterboxed),
        ),
        "x, x, y, y": Mistake(
            warped_xxyy, "the order of the four numbers is x, y, x, y: width, height, width, height."
        ),
        "backwards": Mistake(
            warped_backwards,
            "this leads from the square back to the image: multiply by side, divide by width or height.",
        ),
        "to one": Mistake(warped_to_one, "these are fractions of the image's sides, 0 to 1; multiply by side."),
    },
)
