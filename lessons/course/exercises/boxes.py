"""Exercises of lesson 01: two boxes, many boxes, and the generalized IoU."""

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, draw_iou
from lessons.course.exercises.exercise import Exercise, Mistake


def half_iou():
    a = np.array([0.0, 0.0, 2.0, 1.0])
    b = np.array([0.0, 0.0, 1.0, 1.0])  # inside a, and half of it: shared 1, covered 2
    return a, b


def half_of_each():
    return np.array([0.0, 0.0, 2.0, 1.0]), np.array([1.0, 0.0, 3.0, 1.0])


def is_half(yours, expected):
    boxes = np.array(yours, dtype=float)
    return boxes.shape == (2, 4) and abs(iou(*boxes) - 0.5) < 1e-9


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


def iou_plus_one(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    area_a = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    area_b = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return width * height / (area_a + area_b - width * height)


def _shared(a, b):
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _area(a):
    return (a[2] - a[0]) * (a[3] - a[1])


def iou_sum_of_areas(a, b):
    return _shared(a, b) / (_area(a) + _area(b))


def iou_smaller(a, b):
    return _shared(a, b) / min(_area(a), _area(b))


def iou_as_cxcywh(a, b):
    a, b = cxcywh_to_xyxy(np.array([a, b], dtype=float))
    return iou(a, b)


def pairs():
    tiny = [
        ((0, 0, 2, 2), (0, 0, 2, 2)),
        ((0, 0, 2, 2), (1, 0, 3, 2)),
        ((0, 0, 4, 4), (1, 1, 3, 3)),
        ((0, 0, 2, 2), (2, 0, 4, 2)),  # they touch
        ((0, 0, 1, 1), (3, 3, 4, 4)),  # far apart, both ways
        ((0, 0, 4, 2), (1, 1, 3, 5)),
    ]
    rng = np.random.default_rng(1)
    corners = np.sort(rng.uniform(0, 10, (6, 2, 2, 2)), axis=2).reshape(6, 2, 4).round(2)
    return [(np.array(a, float), np.array(b, float)) for a, b in [*tiny, *corners]]


def iou_matrix(a, b):
    low = np.maximum(a[:, None, :2], b[None, :, :2])  # (N, M, 2)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])  # (N, M, 2)
    shared = np.maximum(high - low, 0).prod(axis=2)  # (N, M)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)  # (N,)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)  # (M,)
    return shared / (area_a[:, None] + area_b[None, :] - shared)


def iou_matrix_exchanged(a, b):
    return iou_matrix(b, a)


def iou_matrix_rows(a, b):
    return np.array([iou(x, y) for x, y in zip(a, b)])


def iou_matrix_not_clamped(a, b):
    return np.array([[iou_not_clamped(x, y) for y in b] for x in a]).reshape(len(a), len(b))


def groups():
    rng = np.random.default_rng(2)
    sizes = ((1, 1), (2, 2), (2, 3), (4, 1), (0, 3))
    corners = [np.sort(rng.integers(0, 9, (n + m, 2, 2)), axis=1) for n, m in sizes]
    boxes = [(c + np.array([[0, 0], [1, 1]])).reshape(-1, 4).astype(float) for c in corners]
    return [(c[:n], c[n:]) for c, (n, m) in zip(boxes, sizes)]


def giou(a, b):
    shared = _shared(a, b)
    union = _area(a) + _area(b) - shared
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return shared / union - (around - union) / around


def giou_without_iou(a, b):
    return giou(a, b) - iou(a, b)


def giou_by_union(a, b):
    shared = _shared(a, b)
    union = _area(a) + _area(b) - shared
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return shared / union - (around - union) / union


def draw_pair(axes, arguments, yours, expected):
    """Draw the two boxes that a function got wrong, and write both numbers under them."""
    boxes = np.array(arguments, dtype=float)
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    scale = 100 / (high - low).max()
    a, b = ((boxes.reshape(2, 2, 2) - low) * scale + 10).reshape(2, 4)
    for ax, name, value in zip(axes, ("yours", "expected"), (yours, expected)):
        draw_iou(ax, np.full((120, 120, 3), 255, np.uint8), a, b)
        ax.set_title(f"{name}: {value:.3f}", fontsize=11)


EXERCISES = {
    "half_iou": Exercise(
        question="Return two boxes (4,) xyxy whose IoU is exactly one half.",
        answer=half_iou,
        cases=lambda: [()],
        accept=is_half,
        hints=(
            "IoU 1/2 means that what they share is half of what they cover together.",
            "Put one box inside the other: then they cover the larger one, and share the smaller one.",
        ),
        mistakes={
            "half of each": Mistake(
                half_of_each,
                "each box has half of itself in the other. They share 1 and cover 3, so that the IoU is 1/3.",
            )
        },
    ),
    "iou": Exercise(
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
        },
    ),
    "iou_matrix": Exercise(
        question="Return the IoU (N, M) of every box of a (N, 4) with every box of b (M, 4), without a loop.",
        answer=iou_matrix,
        cases=groups,
        hints=(
            "a[:, None] has the shape (N, 1, 4) and b[None] the shape (1, M, 4): together they broadcast to (N, M, 4).",
            "np.maximum(a[:, None, :2], b[None, :, :2]) holds the lower corners of all N x M shared boxes, (N, M, 2).",
        ),
        mistakes={
            "exchanged": Mistake(iou_matrix_exchanged, "rows and columns are exchanged: the rows belong to a."),
            "row by row": Mistake(
                iou_matrix_rows,
                "you compare the first with the first and the second with the second, (N,). Wanted are all pairs.",
            ),
            "not clamped": Mistake(
                iou_matrix_not_clamped, "np.maximum(high - low, 0) is missing: two negative sides make an area."
            ),
        },
    ),
    "giou": Exercise(
        question="Return the generalized IoU: the IoU minus the empty fraction of the smallest box around both.",
        answer=giou,
        cases=pairs,
        draw=draw_pair,
        hints=(
            "The smallest box around both runs from the smaller minimum to the larger maximum.",
            "iou - (around - union) / around, where around is that box's area. It falls to -1 far apart.",
        ),
        mistakes={
            "without IoU": Mistake(
                giou_without_iou, "this is only the part that is subtracted; it starts from the IoU."
            ),
            "over the union": Mistake(
                giou_by_union, "the empty part is divided by the union; divide it by the area of the box around both."
            ),
        },
    ),
}
