"""Exercises of lesson 01: two boxes, many boxes, and the generalized IoU."""

from fractions import Fraction

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, draw_iou
from lessons.course.exercises.exercise import Exercise, Mistake


def half_iou():
    a = np.array([0.0, 0.0, 2.0, 1.0])
    b = np.array([0.0, 0.0, 1.0, 1.0])  # inside a, and half of it: shared 1, covered 2
    return a, b


def is_half(yours, expected):
    boxes = np.array(yours, dtype=float)
    return boxes.shape == (2, 4) and _proper(boxes) and abs(iou(*boxes) - 0.5) < 1e-9


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


def half_of_each():
    return np.array([0.0, 0.0, 2.0, 1.0]), np.array([1.0, 0.0, 3.0, 1.0])


def is_half_of_each(yours):
    a, b = np.array(yours, dtype=float)
    return np.isclose(_area(a), _area(b)) and np.isclose(2 * _shared(a, b), _area(a))


def quarter():
    return np.array([0.0, 0.0, 2.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0])


def is_quarter(yours):
    small, large = sorted(np.array(yours, dtype=float), key=_area)
    sides = np.isclose(2 * (small[2:] - small[:2]), large[2:] - large[:2])
    return sides.all() and np.isclose(_shared(small, large), _area(small))


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
    return _proper(boxes) and any(np.isclose(2 * _shared(a, b), _area(box)) for box in (a, b))


def apart():
    return np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 0.0, 2.0, 1.0])


def is_apart(yours):
    boxes = np.array(yours, dtype=float)
    return _proper(boxes) and _shared(*boxes) == 0


def half_with_sizes():
    return np.array([5.0, 5.0, 2.0, 4.0]), np.array([5.0, 5.0, 2.0, 2.0])


def is_half_with_sizes(yours):
    a, b = np.array(yours, dtype=float)
    return any(is_half(as_corners(np.array([a, b])), None) for as_corners in (cxcywh_to_xyxy, _xywh_to_xyxy))


def _xywh_to_xyxy(boxes):
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


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


def iou_product_clamped(a, b):
    shared = max(0.0, (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1])))
    return shared / (_area(a) + _area(b) - shared)


def iou_absolute(a, b):
    shared = abs(min(a[2], b[2]) - max(a[0], b[0])) * abs(min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (_area(a) + _area(b) - shared)


def iou_width_clamped(a, b):
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (_area(a) + _area(b) - shared)


def iou_height_clamped(a, b):
    shared = (min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (_area(a) + _area(b) - shared)


def iou_of_the_first(a, b):
    return _shared(a, b) / _area(a)


def iou_of_the_second(a, b):
    return _shared(a, b) / _area(b)


def iou_larger(a, b):
    return _shared(a, b) / max(_area(a), _area(b))


def iou_over_the_box_around(a, b):
    return _shared(a, b) / _around(a, b)


def _around(a, b):
    return (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))


def iou_exchanged(a, b):
    with np.errstate(all="ignore"):
        return np.float64(_around(a, b)) / (_area(a) + _area(b) - _around(a, b))


def iou_without_brackets(a, b):
    return _shared(a, b) / _area(a) + _area(b) - _shared(a, b)


def iou_as_xywh(a, b):
    a, b = _xywh_to_xyxy(np.array([a, b], dtype=float))
    return iou(a, b)


def iou_if_a_corner_is_inside(a, b):
    inside = [all(s[:2] <= f[:2]) and all(f[:2] < s[2:]) for f, s in ((a, b), (b, a))]
    return iou(a, b) if any(inside) else 0.0


def iou_axes_mixed(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[1], b[1]))
    height = max(0.0, min(a[3], b[3]) - max(a[0], b[0]))
    return width * height / (_area(a) + _area(b) - width * height)


def iou_as_xxyy(a, b):
    order = [0, 2, 1, 3]
    with np.errstate(all="ignore"):
        return np.float64(_shared(a[order], b[order])) / (
            _area(a[order]) + _area(b[order]) - _shared(a[order], b[order])
        )


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
    shared = _all_pairs(_shared)(a, b)
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


def giou_by_shared(a, b):
    return iou(a, b) - (_around(a, b) - _shared(a, b)) / _around(a, b)


def giou_added(a, b):
    return 2 * iou(a, b) - giou(a, b)


def giou_not_clamped(a, b):
    shared = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    union = _area(a) + _area(b) - shared
    return shared / union - (_around(a, b) - union) / _around(a, b)


def giou_product_clamped(a, b):
    shared = max(0.0, (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1])))
    union = _area(a) + _area(b) - shared
    return shared / union - (_around(a, b) - union) / _around(a, b)


def giou_sum_of_areas(a, b):
    union = _area(a) + _area(b)
    return _shared(a, b) / union - (_around(a, b) - union) / _around(a, b)


def giou_around_sum(a, b):
    return iou(a, b) - (_around(a, b) - _area(a) - _area(b)) / _around(a, b)


def giou_not_divided(a, b):
    return iou(a, b) - (_around(a, b) - (_area(a) + _area(b) - _shared(a, b)))


def giou_union_part(a, b):
    return iou(a, b) - (_area(a) + _area(b) - _shared(a, b)) / _around(a, b)


def giou_empty_part(a, b):
    return iou(a, b) - giou(a, b)


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
        amounts=amounts_to,
        hints=(
            "IoU 1/2 means that what they share is half of what they cover together.",
            "Put one box inside the other: then they cover the larger one, and share the smaller one.",
        ),
        mistakes={
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
            "area only": Mistake(_shared, "this is the area that they share. Divide it by what they cover together."),
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
            "xywh": Mistake(
                iou_as_xywh, "you read the last two numbers as width and height; they are x_max and y_max."
            ),
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
                _all_pairs(_shared), "these are the areas that they share. Divide by what two boxes cover together."
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
                giou_without_iou,
                "this is only the part that is subtracted; it starts from the IoU.",
                variants=(giou_empty_part,),
            ),
            "over the union": Mistake(
                giou_by_union, "the empty part is divided by the union; divide it by the area of the box around both."
            ),
            "shared part": Mistake(
                giou_by_shared,
                "you subtract the shared part from the box around. What is empty is the box around minus the *union*.",
            ),
            "added": Mistake(giou_added, "you add the empty fraction. It is subtracted: GIoU is never above the IoU."),
            "not clamped": Mistake(
                giou_not_clamped,
                "the sides of the shared box are not clamped at 0, so boxes that are apart seem to share something.",
                variants=(giou_product_clamped,),
            ),
            "sum of areas": Mistake(
                giou_sum_of_areas,
                "your union is the sum of both areas, in which the shared part counts twice. Subtract it once.",
                variants=(giou_around_sum,),
            ),
            "not divided": Mistake(
                giou_not_divided, "you subtract the empty *area*. Divide it by the area of the box around both."
            ),
            "covered fraction": Mistake(
                giou_union_part, "you subtract the fraction that is covered. Subtract the fraction that is empty."
            ),
        },
    ),
}
