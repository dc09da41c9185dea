"""Exercise half_iou of lesson 01: its answer, its cases, and the mistakes that are often made in it."""

from fractions import Fraction

import numpy as np

from lessons.course.exercises.boxes.iou import iou
from lessons.course.exercises.boxes.shared import area_of, shared_by, xywh_to_xyxy
from lessons.course.exercises.exercise import Exercise, Mistake
from numpyssd.boxes import cxcywh_to_xyxy


def half_iou():
    a = np.array([0.0, 0.0, 2.0, 1.0])
    b = np.array([0.0, 0.0, 1.0, 1.0])  # inside a, and half of it: shared 1, covered 2
    return a, b


def is_half(yours, expected):
    boxes = np.array(yours, dtype=float)
    half = boxes.shape == (2, 4) and _proper(boxes) and abs(iou(*boxes) - 0.5) < 1e-9
    return half and not is_the_lesson_s(boxes)


def _proper(boxes):
    return (boxes[:, 2:] > boxes[:, :2]).all()


def amounts_to(yours):
    """Say what the IoU of two boxes is."""
    try:
        boxes = np.array(yours, dtype=float).reshape(2, 4)
    except (TypeError, ValueError, OverflowError):
        return "Two boxes of four numbers are wanted: return a, b"
    if not _proper(boxes):
        return "A box has no width or no height: its numbers are x_min, y_min, x_max, y_max."
    value = Fraction(iou(*boxes)).limit_denominator(1000)
    return f"Their IoU is {value}." if abs(iou(*boxes) - value) < 1e-9 else f"Their IoU is {iou(*boxes):.6g}."


def the_lesson_s():
    return np.array([0.0, 0.0, 3.0, 2.0]), np.array([1.0, 0.0, 4.0, 2.0])


def is_the_lesson_s(yours):
    return any(np.allclose(yours, pair) for pair in (the_lesson_s(), the_lesson_s()[::-1]))


def half_of_each():
    return np.array([0.0, 0.0, 2.0, 1.0]), np.array([1.0, 0.0, 3.0, 1.0])


def is_half_of_each(yours):
    a, b = np.array(yours, dtype=float)
    return np.isclose(area_of(a), area_of(b)) and np.isclose(2 * shared_by(a, b), area_of(a))


def quarter():
    return np.array([0.0, 0.0, 2.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0])


def is_quarter(yours):
    small, large = sorted(np.array(yours, dtype=float), key=area_of)
    sides = np.isclose(2 * (small[2:] - small[:2]), large[2:] - large[:2])
    return sides.all() and np.isclose(shared_by(small, large), area_of(small))


def moved_along_both():
    return np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, 1.0, 3.0, 3.0])


def is_moved_along_both(yours):
    a, b = np.array(yours, dtype=float)
    return np.allclose(2 * abs(b - a), np.tile(a[2:] - a[:2], 2))


def twice_the_same():
    return np.array([0.0, 0.0, 2.0, 1.0]), np.array([0.0, 0.0, 2.0, 1.0])


def is_twice_the_same(yours):
    a, b = np.array(yours, dtype=float)
    return np.allclose(a, b)


def half_of_one():
    return np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, 0.0, 3.0, 1.0])


def is_half_of_one(yours):
    a, b = boxes = np.array(yours, dtype=float)
    return _proper(boxes) and any(np.isclose(2 * shared_by(a, b), area_of(box)) for box in (a, b))


def apart():
    return np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 0.0, 2.0, 1.0])


def is_apart(yours):
    boxes = np.array(yours, dtype=float)
    return _proper(boxes) and shared_by(*boxes) == 0


def half_with_sizes():
    return np.array([5.0, 5.0, 2.0, 4.0]), np.array([5.0, 5.0, 2.0, 2.0])


def is_half_with_sizes(yours):
    a, b = np.array(yours, dtype=float)
    return any(is_half(as_corners(np.array([a, b])), None) for as_corners in (cxcywh_to_xyxy, xywh_to_xyxy))


EXERCISE = Exercise(
    question="Return two boxes (4,) xyxy whose IoU is exactly one half, another pair than the lesson's.",
    answer=half_iou,
    cases=lambda: [()],
    accept=is_half,
    amounts=amounts_to,
    hints=(
        "IoU 1/2 means that what they share is half of what they cover together.",
        "Put one box inside the other: then they cover the larger one, and share the smaller one.",
    ),
    mistakes={
        "the lesson's": Mistake(
            the_lesson_s, "this is right, but it is the pair of the lesson. Find another.", when=is_the_lesson_s
        ),
        "half of each": Mistake(
            half_of_each,
            "each box has half of itself in the other. So they share one half of a box and cover three halves: "
            "the IoU is 1/3.",
            when=is_half_of_each,
        ),
        "a quarter": Mistake(
            quarter,
            "half as wide and half as high is a quarter of the area. Halve one side only.",
            when=is_quarter,
        ),
        "moved along both": Mistake(
            moved_along_both,
            "one box is moved by half a side along x *and* along y. So they share a quarter of a box and cover "
            "seven quarters: the IoU is 1/7.",
            when=is_moved_along_both,
        ),
        "twice the same": Mistake(
            twice_the_same,
            "both boxes are the same, so what they share is all that they cover: the IoU is 1.",
            when=is_twice_the_same,
        ),
        "half of one": Mistake(
            half_of_one,
            "what they share is half of one box. It should be half of what both cover *together*.",
            when=is_half_of_one,
        ),
        "apart": Mistake(apart, "they share nothing: they only touch, or are apart.", when=is_apart),
        "sizes": Mistake(
            half_with_sizes,
            "the IoU is 1/2 if the last two numbers are width and height. Here they are a corner, x_max and y_max.",
            when=is_half_with_sizes,
        ),
    },
)
