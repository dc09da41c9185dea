"""Exercise iou_matrix of lesson 01: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.boxes.iou import (
    iou,
    iou_as_cxcywh,
    iou_larger,
    iou_not_clamped,
    iou_of_the_first,
    iou_of_the_second,
    iou_product_clamped,
    iou_smaller,
    iou_sum_of_areas,
)
from lessons.course.exercises.boxes.shared import shared_by
from lessons.course.exercises.exercise import Exercise, Mistake


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


def _all_pairs(function):
    return lambda a, b: np.array([[function(x, y) for y in b] for x in a]).reshape(len(a), len(b))


def iou_matrix_areas_exchanged(a, b):
    return _matrix(a, b, area_a=_areas(a)[None, :], area_b=_areas(b)[:, None])


def iou_matrix_areas_of_a(a, b):
    return _matrix(a, b, area_a=_areas(a)[:, None], area_b=_areas(a)[:, None])


def iou_matrix_areas_of_b(a, b):
    return _matrix(a, b, area_a=_areas(b)[None, :], area_b=_areas(b)[None, :])


def _areas(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)


def _matrix(a, b, area_a, area_b):
    shared = _all_pairs(shared_by)(a, b)
    return shared / (area_a + area_b - shared)


def iou_matrix_rows_at_once(a, b):
    shared = np.maximum(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0).prod(axis=1)
    return shared / (_areas(a) + _areas(b) - shared)


def groups():
    rng = np.random.default_rng(2)
    sizes = ((1, 1), (2, 2), (2, 3), (4, 1), (0, 3))
    corners = [np.sort(rng.integers(0, 9, (n + m, 2, 2)), axis=1) for n, m in sizes]
    boxes = [(c + np.array([[0, 0], [1, 1]])).reshape(-1, 4).astype(float) for c in corners]
    cases = [(c[:n], c[n:]) for c, (n, m) in zip(boxes, sizes)]
    cases.insert(1, (np.array([[0.0, 0, 1, 1]]), np.array([[3.0, 3, 4, 5], [0, 0, 2, 2]])))  # apart along x and y
    return cases


EXERCISE = Exercise(
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
            variants=(iou_matrix_rows_at_once,),
        ),
        "not clamped": Mistake(
            iou_matrix_not_clamped, "np.maximum(high - low, 0) is missing: two negative sides make an area."
        ),
        "product clamped": Mistake(
            _all_pairs(iou_product_clamped),
            "you clamp the product of the two sides. Clamp each side at 0 before you multiply.",
        ),
        "sum of areas": Mistake(
            _all_pairs(iou_sum_of_areas),
            "you divide by the sum of both areas, in which the shared part counts twice. Subtract it once.",
        ),
        "one area": Mistake(
            _all_pairs(iou_of_the_first),
            "you divide by the area of one box. Divide by what both cover together.",
            variants=(_all_pairs(iou_of_the_second), _all_pairs(iou_smaller), _all_pairs(iou_larger)),
        ),
        "area only": Mistake(
            _all_pairs(shared_by), "these are the areas that they share. Divide by what two boxes cover together."
        ),
        "areas on the wrong axis": Mistake(
            iou_matrix_areas_exchanged,
            "the areas of a must differ from row to row, area_a[:, None], and those of b from column to column.",
        ),
        "same area twice": Mistake(
            iou_matrix_areas_of_a,
            "you add the area of one of the two boxes twice. The union has one box of a and one of b.",
            variants=(iou_matrix_areas_of_b,),
        ),
        "cxcywh": Mistake(
            _all_pairs(iou_as_cxcywh),
            "you read (x_min, y_min, x_max, y_max) as (center x, center y, width, height).",
        ),
    },
)
