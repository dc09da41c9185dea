"""Exercise decode_box of lesson 14: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def decode_box(offsets, default_box):
    dx, dy, dw, dh = offsets
    cx, cy, w, h = default_box
    x, y = cx + dx * 0.1 * w, cy + dy * 0.1 * h
    width, height = w * np.exp(dw * 0.2), h * np.exp(dh * 0.2)
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def decode_without_variances(offsets, default_box):
    return decode_box(np.array(offsets) / (0.1, 0.1, 0.2, 0.2), default_box)


def decode_without_exp(offsets, default_box):
    dx, dy, dw, dh = offsets
    return decode_box(
        (dx, dy, np.log(max(1e-9, 1 + dw * 0.2)) / 0.2, np.log(max(1e-9, 1 + dh * 0.2)) / 0.2), default_box
    )


def decode_in_image(offsets, default_box):
    dx, dy, dw, dh = offsets
    return decode_box((dx / default_box[2], dy / default_box[3], dw, dh), default_box)


def decode_to_cxcywh(offsets, default_box):
    x1, y1, x2, y2 = decode_box(offsets, default_box)
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])


def _decoded(offsets, default_box, left=0.5, right=0.5, factors=(0.1, 0.2)):
    dx, dy, dw, dh = offsets
    cx, cy, w, h = default_box
    x, y = cx + dx * factors[0] * w, cy + dy * factors[0] * h
    width, height = w * np.exp(dw * factors[1]), h * np.exp(dh * factors[1])
    return np.array([x - left * width, y - left * height, x + right * width, y + right * height])


def decode_whole_size(offsets, default_box):
    return _decoded(offsets, default_box, 1, 1)


def decode_from_the_corner(offsets, default_box):
    return _decoded(offsets, default_box, 0, 1)


def decode_variances_exchanged(offsets, default_box):
    return _decoded(offsets, default_box, factors=(0.2, 0.1))


def decode_one_variance(offsets, default_box):
    return _decoded(offsets, default_box, factors=(0.1, 0.1))


def decode_center_variance_only(offsets, default_box):
    return _decoded(offsets, default_box, factors=(0.1, 1))


def decode_size_variance_only(offsets, default_box):
    return _decoded(offsets, default_box, factors=(1, 0.2))


def decode_divided(offsets, default_box):
    return _decoded(offsets, default_box, factors=(10, 5))


def decode_by_the_new_size(offsets, default_box):
    dx, dy, dw, dh = offsets
    cx, cy, w, h = default_box
    width, height = w * np.exp(dw * 0.2), h * np.exp(dh * 0.2)
    return _decoded((dx * width / w, dy * height / h, dw, dh), default_box)


def decode_exp_of_all(offsets, default_box):
    dx, dy, dw, dh = offsets
    cx, cy, w, h = default_box
    width, height = np.exp(w * dw * 0.2), np.exp(h * dh * 0.2)
    x, y = cx + dx * 0.1 * w, cy + dy * 0.1 * h
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def decode_factor_outside_exp(offsets, default_box):
    dx, dy, dw, dh = offsets
    cx, cy, w, h = default_box
    width, height = 0.2 * w * np.exp(dw), 0.2 * h * np.exp(dh)
    x, y = cx + dx * 0.1 * w, cy + dy * 0.1 * h
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def decode_size_not_changed(offsets, default_box):
    return _decoded((*offsets[:2], 0, 0), default_box)


def decode_subtracted(offsets, default_box):
    return _decoded((-offsets[0], -offsets[1], *offsets[2:]), default_box)


def decode_by_the_width(offsets, default_box):
    return _decoded((offsets[0], offsets[1] * default_box[2] / default_box[3], *offsets[2:]), default_box)


def decode_cases():
    default = np.array([4.0, 6.0, 2.0, 8.0])
    rows = ((0, 0, 0, 0), (5, 0, 0, 0), (0, -5, 0, 0), (0, 0, 2, -1), (1.5, -2, 3, 0.5))
    return [(np.array(row, float), default) for row in rows]


EXERCISE = Exercise(
    question="Return the box (4,) xyxy to which offsets (4,) lead from a default box (4,) cxcywh.",
    answer=decode_box,
    cases=decode_cases,
    hints=(
        "The first two offsets move the center, in tenths of the default box's own size.",
        "x = cx + dx * 0.1 * w; width = w * exp(dw * 0.2). At the end go from center and size to corners.",
    ),
    mistakes={
        "no variances": Mistake(
            decode_without_variances,
            "the factors 0.1 and 0.2 are missing: boxes move too far and grow too large.",
            variants=(decode_center_variance_only, decode_size_variance_only),
        ),
        "no exp": Mistake(decode_without_exp, "the size is multiplied by exp(0.2 dw), not by 1 + 0.2 dw."),
        "not by size": Mistake(
            decode_in_image,
            "an offset counts in sizes of the default box: multiply dx by its width, dy by its height.",
        ),
        "cxcywh": Mistake(decode_to_cxcywh, "this is the right box, but as center and size; xyxy is wanted."),
        "whole size": Mistake(
            decode_whole_size, "you go the whole size from the center to each side. Half of it is enough."
        ),
        "from the corner": Mistake(
            decode_from_the_corner, "you begin at the center as if it were a corner: go half the size back first."
        ),
        "variances exchanged": Mistake(
            decode_variances_exchanged,
            "the factors are exchanged: 0.1 belongs to the center, 0.2 to the size.",
            variants=(decode_one_variance,),
        ),
        "divided": Mistake(
            decode_divided, "you divide by 0.1 and 0.2. Encoding divides by them, and decoding multiplies."
        ),
        "by the new size": Mistake(
            decode_by_the_new_size, "the step counts in sizes of the *default box*, not of the new box."
        ),
        "factor outside": Mistake(
            decode_factor_outside_exp,
            "the size is w * exp(0.2 dw): 0.2 stands inside the exponential, and w outside.",
            variants=(decode_exp_of_all,),
        ),
        "size kept": Mistake(decode_size_not_changed, "the last two offsets are not used: they change the size."),
        "backwards": Mistake(decode_subtracted, "you move the center the other way: the step is added."),
        "by the width": Mistake(decode_by_the_width, "the step along y is multiplied by the height, not the width."),
    },
)
