"""Exercise iou of lesson 01: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.boxes.shared import area_of, around_both, draw_pair, pairs, shared_by, xywh_to_xyxy
from lessons.course.exercises.exercise import Exercise, Mistake
from numpyssd.boxes import cxcywh_to_xyxy


def iou(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = width * height
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return shared / (area_a + area_b - shared)


def iou_not_clamped(a, b):
    shared = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def iou_sum_of_areas(a, b):
    return shared_by(a, b) / (area_of(a) + area_of(b))


def iou_smaller(a, b):
    return shared_by(a, b) / min(area_of(a), area_of(b))


def iou_product_clamped(a, b):
    shared = max(0.0, (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1])))
    return shared / (area_of(a) + area_of(b) - shared)


def iou_of_the_first(a, b):
    return shared_by(a, b) / area_of(a)


def iou_of_the_second(a, b):
    return shared_by(a, b) / area_of(b)


def iou_larger(a, b):
    return shared_by(a, b) / max(area_of(a), area_of(b))


def iou_plus_one(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    area_a = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    area_b = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return width * height / (area_a + area_b - width * height)


def iou_as_cxcywh(a, b):
    a, b = cxcywh_to_xyxy(np.array([a, b], dtype=float))
    return iou(a, b)


def iou_absolute(a, b):
    shared = abs(min(a[2], b[2]) - max(a[0], b[0])) * abs(min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (area_of(a) + area_of(b) - shared)


def iou_width_clamped(a, b):
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (area_of(a) + area_of(b) - shared)


def iou_height_clamped(a, b):
    shared = (min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (area_of(a) + area_of(b) - shared)


def iou_over_the_box_around(a, b):
    return shared_by(a, b) / around_both(a, b)


def iou_exchanged(a, b):
    with np.errstate(all="ignore"):
        return np.float64(around_both(a, b)) / (area_of(a) + area_of(b) - around_both(a, b))


def iou_without_brackets(a, b):
    return shared_by(a, b) / area_of(a) + area_of(b) - shared_by(a, b)


def iou_as_xywh(a, b):
    a, b = xywh_to_xyxy(np.array([a, b], dtype=float))
    return iou(a, b)


def iou_if_a_corner_is_inside(a, b):
    inside = [all(s[:2] <= f[:2]) and all(f[:2] < s[2:]) for f, s in ((a, b), (b, a))]
    return iou(a, b) if any(inside) else 0.0


def iou_axes_mixed(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[1], b[1]))
    height = max(0.0, min(a[3], b[3]) - max(a[0], b[0]))
    return width * height / (area_of(a) + area_of(b) - width * height)


def iou_as_xxyy(a, b):
    order = [0, 2, 1, 3]
    with np.errstate(all="ignore"):
        return np.float64(shared_by(a[order], b[order])) / (
            area_of(a[order]) + area_of(b[order]) - shared_by(a[order], b[order])
        )


EXERCISE = Exercise(
    question="Return the IoU of two boxes (4,) xyxy.",
    answer=iou,
    cases=pairs,
    draw=draw_pair,
    hints=(
        "The shared box runs from the larger of the two minima to the smaller of the two maxima, along x and y.",
        "Where the boxes are apart, its width or height comes out negative: max(0, ...) each before you multiply. "
        "What both cover is one area plus the other, less what they share.",
    ),
    mistakes={
        "not clamped": Mistake(
            iou_not_clamped,
            "width and height of the shared box go negative where the boxes are apart, and the product of two "
            "negative numbers is positive. Clamp each at 0 before multiplying.",
        ),
        "plus one": Mistake(
            iou_plus_one,
            "this is the +1 of pixel indices, where a box from 0 to 2 holds 3 pixels. Here corners lie between "
            "the pixels: a width is x_max - x_min.",
        ),
        "sum of areas": Mistake(
            iou_sum_of_areas,
            "you divide by the sum of both areas, in which the shared part counts twice. Subtract it once.",
        ),
        "smaller area": Mistake(
            iou_smaller,
            "you divide by the smaller area: a small box inside a large one would then be a perfect match.",
        ),
        "cxcywh": Mistake(
            iou_as_cxcywh,
            "you read (x_min, y_min, x_max, y_max) as (center x, center y, width, height).",
        ),
        "product clamped": Mistake(
            iou_product_clamped,
            "you clamp the product. Where the boxes are apart along x and along y, two negative sides have a "
            "positive product. Clamp each side at 0 before you multiply.",
        ),
        "absolute": Mistake(
            iou_absolute, "abs makes the distance of two boxes that are apart a side: use max(0, ...) instead."
        ),
        "one side clamped": Mistake(
            iou_width_clamped,
            "only one side is clamped at 0. Width and height can both be negative.",
            variants=(iou_height_clamped,),
        ),
        "one area": Mistake(
            iou_of_the_first,
            "you divide by the area of one box. Divide by what both cover together.",
            variants=(iou_of_the_second, iou_larger),
        ),
        "area only": Mistake(shared_by, "this is the area that they share. Divide it by what they cover together."),
        "box around": Mistake(
            iou_over_the_box_around,
            "you divide by the area of the smallest box around both, which has corners that neither box covers.",
        ),
        "min and max exchanged": Mistake(
            iou_exchanged,
            "min and max are exchanged: this is the box around both. The shared box begins at the larger of the "
            "two minima and ends at the smaller of the two maxima.",
        ),
        "no brackets": Mistake(
            iou_without_brackets, "brackets are missing: s / a + b - s is (s / a) + b - s. Write s / (a + b - s)."
        ),
        "xywh": Mistake(iou_as_xywh, "you read the last two numbers as width and height; they are x_max and y_max."),
        "corner inside": Mistake(
            iou_if_a_corner_is_inside,
            "two boxes can cross without a corner of one inside the other. max(0, ...) alone finds out if they share "
            "anything.",
        ),
        "axes mixed": Mistake(
            iou_axes_mixed, "x and y are mixed: the first and third number are along x, the others along y."
        ),
        "x, x, y, y": Mistake(iou_as_xxyy, "the order of the four numbers is x_min, y_min, x_max, y_max."),
    },
)
