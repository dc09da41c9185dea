"""Exercise giou of lesson 01: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.boxes.iou import iou
from lessons.course.exercises.boxes.shared import area_of, around_both, draw_pair, pairs, shared_by
from lessons.course.exercises.exercise import Exercise, Mistake


def giou(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return shared / union - (around - union) / around


def giou_without_iou(a, b):
    return giou(a, b) - iou(a, b)


def giou_by_union(a, b):
    shared = shared_by(a, b)
    union = area_of(a) + area_of(b) - shared
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return shared / union - (around - union) / union


def giou_by_shared(a, b):
    return iou(a, b) - (around_both(a, b) - shared_by(a, b)) / around_both(a, b)


def giou_added(a, b):
    return 2 * iou(a, b) - giou(a, b)


def giou_not_clamped(a, b):
    shared = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    union = area_of(a) + area_of(b) - shared
    return shared / union - (around_both(a, b) - union) / around_both(a, b)


def giou_product_clamped(a, b):
    shared = max(0.0, (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1])))
    union = area_of(a) + area_of(b) - shared
    return shared / union - (around_both(a, b) - union) / around_both(a, b)


def giou_sum_of_areas(a, b):
    union = area_of(a) + area_of(b)
    return shared_by(a, b) / union - (around_both(a, b) - union) / around_both(a, b)


def giou_around_sum(a, b):
    return iou(a, b) - (around_both(a, b) - area_of(a) - area_of(b)) / around_both(a, b)


def giou_not_divided(a, b):
    return iou(a, b) - (around_both(a, b) - (area_of(a) + area_of(b) - shared_by(a, b)))


def giou_union_part(a, b):
    return iou(a, b) - (area_of(a) + area_of(b) - shared_by(a, b)) / around_both(a, b)


def giou_empty_part(a, b):
    return iou(a, b) - giou(a, b)


EXERCISE = Exercise(
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
)
