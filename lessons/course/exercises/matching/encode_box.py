"""Exercise encode_box of lesson 09: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from numpyssd.boxes import xyxy_to_cxcywh


def encode_box(box, default_box):
    dx, dy, dw, dh = default_box
    gx, gy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    gw, gh = box[2] - box[0], box[3] - box[1]
    center = [(gx - dx) / dw / 0.1, (gy - dy) / dh / 0.1]
    size = [np.log(gw / dw) / 0.2, np.log(gh / dh) / 0.2]
    return np.array(center + size)


def encode_without_variances(box, default_box):
    return encode_box(box, default_box) * (0.1, 0.1, 0.2, 0.2)


def encode_multiplied(box, default_box):
    return encode_box(box, default_box) * np.square((0.1, 0.1, 0.2, 0.2))


def encode_by_the_object(box, default_box):
    _, _, w, h = xyxy_to_cxcywh(np.array([box], dtype=float))[0]
    return encode_box(box, default_box) * (default_box[2] / w, default_box[3] / h, 1, 1)


def encode_no_logarithm(box, default_box):
    return encode_box(box, default_box) * (1, 1, 0, 0) + (0, 0, *_ratio(box, default_box))


def _ratio(box, default_box):
    return (box[2] - box[0]) / default_box[2] / 0.2, (box[3] - box[1]) / default_box[3] / 0.2


def encode_no_division(box, default_box):
    return encode_box(box, default_box) * (default_box[2], default_box[3], 1, 1)


def _encoded(gx, gy, gw, gh, default_box):
    dx, dy, dw, dh = default_box
    with np.errstate(all="ignore"):
        return np.array([(gx - dx) / dw / 0.1, (gy - dy) / dh / 0.1, np.log(gw / dw) / 0.2, np.log(gh / dh) / 0.2])


def encode_from_the_corner(box, default_box):
    return _encoded(box[0], box[1], box[2] - box[0], box[3] - box[1], default_box)


def encode_corner_to_corner(box, default_box):
    dx, dy, dw, dh = default_box
    corner = np.array([dx - dw / 2, dy - dh / 2, dw, dh])
    return _encoded(box[0], box[1], box[2] - box[0], box[3] - box[1], corner)


def encode_center_not_halved(box, default_box):
    return _encoded(box[0] + box[2], box[1] + box[3], box[2] - box[0], box[3] - box[1], default_box)


def encode_center_by_difference(box, default_box):
    w, h = box[2] - box[0], box[3] - box[1]
    return _encoded(w / 2, h / 2, w, h, default_box)


def encode_as_cxcywh(box, default_box):
    return _encoded(*box, default_box)


def encode_default_as_corners(box, default_box):
    x1, y1, x2, y2 = default_box
    center_and_size = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    return _encoded(*xyxy_to_cxcywh(np.array([box], dtype=float))[0], center_and_size)


def encode_variances_exchanged(box, default_box):
    return encode_box(box, default_box) * (0.5, 0.5, 2, 2)


def encode_one_variance(box, default_box):
    return encode_box(box, default_box) * (1, 1, 2, 2)


def encode_center_variance_only(box, default_box):
    return encode_box(box, default_box) * (1, 1, 0.2, 0.2)


def encode_size_variance_only(box, default_box):
    return encode_box(box, default_box) * (0.1, 0.1, 1, 1)


def encode_backwards(box, default_box):
    return -encode_box(box, default_box)


def encode_size_backwards(box, default_box):
    return encode_box(box, default_box) * (1, 1, -1, -1)


def encode_center_backwards(box, default_box):
    return encode_box(box, default_box) * (-1, -1, 1, 1)


def encode_base_2(box, default_box):
    return encode_box(box, default_box) * (1, 1, 1 / np.log(2), 1 / np.log(2))


def encode_base_10(box, default_box):
    return encode_box(box, default_box) * (1, 1, 1 / np.log(10), 1 / np.log(10))


def encode_variance_inside(box, default_box):
    dx, dy, _, _ = encode_box(box, default_box)
    _, _, w, h = xyxy_to_cxcywh(np.array([box], dtype=float))[0]
    return np.array([dx, dy, np.log(w / default_box[2] / 0.2), np.log(h / default_box[3] / 0.2)])


def encode_by_width_only(box, default_box):
    return encode_box(box, default_box) * (1, default_box[3] / default_box[2], 1, 1)


def objects_and_default_boxes():
    tiny = [
        ((6, 4, 14, 8), (10, 6, 8, 4)),
        ((10, 4, 18, 6), (10, 6, 8, 2)),
        ((2, 5, 18, 7), (10, 6, 8, 2)),
        ((0, 0, 2, 4), (3, 3, 4, 2)),
    ]
    rng = np.random.default_rng(3)
    low, sizes = rng.uniform(0, 5, (3, 2)), rng.uniform(1, 9, (3, 2))
    drawn = [((*a, *(a + s)), tuple(rng.uniform(2, 6, 4))) for a, s in zip(low, sizes)]
    return [(np.round(b, 2).astype(float), np.round(d, 2).astype(float)) for b, d in [*tiny, *drawn]]


EXERCISE = Exercise(
    question="Return the four offsets from a default box (cxcywh) to an object's box (xyxy), with the variances.",
    answer=encode_box,
    cases=objects_and_default_boxes,
    hints=(
        "Turn the object's box into center and size first. The step between the centers is measured in sizes of "
        "the default box, the size by the logarithm of the quotient.",
        "(gx - dx) / dw / 0.1 and log(gw / dw) / 0.2, the same for y and h.",
    ),
    mistakes={
        "no variances": Mistake(
            encode_without_variances,
            "these are the offsets of the paper's equation 2. Divide them by the variances, 0.1 for the center "
            "and 0.2 for the size.",
        ),
        "multiplied": Mistake(
            encode_multiplied,
            "you multiply by the variances. Encoding divides by them, and decoding multiplies.",
        ),
        "by the object": Mistake(
            encode_by_the_object,
            "you measure the step in sizes of the object. When it is decoded, that size is not known yet: use the "
            "default box's.",
        ),
        "no logarithm": Mistake(
            encode_no_logarithm,
            "the quotient of the sizes lacks its logarithm: an offset of 0 has to mean the same size.",
        ),
        "no division": Mistake(
            encode_no_division,
            "the step of the center isn't divided by the default box's size: a large object would then have "
            "large offsets.",
        ),
        "corner as center": Mistake(
            encode_from_the_corner,
            "you take x_min and y_min for the center of the object. The center is (x_min + x_max) / 2.",
        ),
        "corner to corner": Mistake(
            encode_corner_to_corner,
            "your step leads from corner to corner. It leads from the default box's center to the object's.",
        ),
        "center not halved": Mistake(encode_center_not_halved, "x_min + x_max is twice the center: divide it by 2."),
        "half the size": Mistake(
            encode_center_by_difference,
            "(x_max - x_min) / 2 is half the width, not the center. The center is (x_min + x_max) / 2.",
        ),
        "object as cxcywh": Mistake(
            encode_as_cxcywh, "you read the object's box as center and size; it is two corners."
        ),
        "default box as xyxy": Mistake(
            encode_default_as_corners, "you read the default box as two corners; it is center and size."
        ),
        "variances exchanged": Mistake(
            encode_variances_exchanged,
            "the variances are exchanged: 0.1 belongs to the center, 0.2 to the size.",
            variants=(encode_one_variance,),
        ),
        "half the variances": Mistake(
            encode_center_variance_only,
            "only half of the offsets are divided by their variance: 0.1 for the center, and 0.2 for the size.",
            variants=(encode_size_variance_only,),
        ),
        "backwards": Mistake(
            encode_backwards,
            "the direction is wrong. The offsets lead from the default box to the object: object minus default box, "
            "and object over default box.",
            variants=(encode_size_backwards, encode_center_backwards),
        ),
        "another base": Mistake(encode_base_2, "wanted is the natural logarithm, np.log.", variants=(encode_base_10,)),
        "variance inside": Mistake(
            encode_variance_inside, "you divide by 0.2 inside the logarithm. Divide the logarithm by it."
        ),
        "by the width": Mistake(
            encode_by_width_only, "both steps are divided by the width. The step along y is divided by the height."
        ),
    },
)
