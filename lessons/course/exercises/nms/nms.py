"""Exercise nms of lesson 14: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake
from numpyssd.boxes import iou
from numpyssd.inference.nms import draw_nms


def nms(boxes, scores, threshold):
    left, keep = list(np.argsort(-scores, kind="stable")), []
    while left:
        best = left.pop(0)
        keep.append(int(best))
        left = [i for i in left if iou(boxes[[best]], boxes[[i]])[0, 0] <= threshold]
    return keep


def nms_ascending(boxes, scores, threshold):
    return nms(boxes, -scores, threshold)


def nms_all_pairs(boxes, scores, threshold):
    overlaps, order = iou(boxes, boxes), list(np.argsort(-scores, kind="stable"))
    keep = [i for n, i in enumerate(order) if not any(overlaps[i, j] > threshold for j in order[:n])]
    return [int(i) for i in keep]


def nms_one_pass(boxes, scores, threshold):
    order = np.argsort(-scores, kind="stable")
    overlaps = iou(boxes, boxes)
    keep = [i for n, i in enumerate(order) if n == 0 or overlaps[i, order[n - 1]] <= threshold]
    return [int(i) for i in keep]


def nms_by_index(boxes, scores, threshold):
    return nms(boxes, np.zeros(len(scores)), threshold)


def nms_in_index_order(boxes, scores, threshold):
    return sorted(nms(boxes, scores, threshold))


def nms_at_threshold(boxes, scores, threshold):
    return nms(boxes, scores, threshold - 1e-9)


def nms_removing_while_iterating(boxes, scores, threshold):
    left, keep = list(np.argsort(-scores, kind="stable")), []
    while left:
        best = left.pop(0)
        keep.append(int(best))
        for other in left:
            if iou(boxes[[best]], boxes[[other]])[0, 0] > threshold:
                left.remove(other)  # the next one moves up, and is skipped
    return keep


def nms_popping_while_iterating(boxes, scores, threshold):
    left, keep = list(np.argsort(-scores, kind="stable")), []
    while left:
        keep.append(int(left[0]))
        for other in left:
            if iou(boxes[[keep[-1]]], boxes[[other]])[0, 0] > threshold or other == keep[-1]:
                left.remove(other)
    return keep


def nms_places_in_the_order(boxes, scores, threshold):
    order = list(np.argsort(-scores, kind="stable"))
    return [order.index(i) for i in nms(boxes, scores, threshold)]


def nms_first_only(boxes, scores, threshold):
    order = [int(i) for i in np.argsort(-scores, kind="stable")]
    return [i for i in order if i == order[0] or iou(boxes[[order[0]]], boxes[[i]])[0, 0] <= threshold]


def nms_the_other_way(boxes, scores, threshold):
    left, keep = list(np.argsort(-scores, kind="stable")), []
    while left:
        keep.append(int(left.pop(0)))
        left = [i for i in left if iou(boxes[[keep[-1]]], boxes[[i]])[0, 0] > threshold]
    return keep


def nms_of_the_last_kept(boxes, scores, threshold):
    keep = []
    for i in np.argsort(-scores, kind="stable"):
        if not keep or iou(boxes[[keep[-1]]], boxes[[i]])[0, 0] <= threshold:
            keep.append(int(i))
    return keep


def nms_mask(boxes, scores, threshold):
    return np.isin(np.arange(len(boxes)), nms(boxes, scores, threshold))


def nms_boxes(boxes, scores, threshold):
    return boxes[nms(boxes, scores, threshold)]


def nms_scores(boxes, scores, threshold):
    return scores[nms(boxes, scores, threshold)]


def nms_nothing_removed(boxes, scores, threshold):
    return [int(i) for i in np.argsort(-scores, kind="stable")]


def nms_removed_ones(boxes, scores, threshold):
    keep = nms(boxes, scores, threshold)
    return [int(i) for i in np.argsort(-scores, kind="stable") if i not in keep]


def nms_if_any_is_far(boxes, scores, threshold):
    keep = []
    for i in np.argsort(-scores, kind="stable"):
        if not keep or any(iou(boxes[[k]], boxes[[i]])[0, 0] <= threshold for k in keep):
            keep.append(int(i))
    return keep


def nms_the_other_way_or_equal(boxes, scores, threshold):
    left, keep = list(np.argsort(-scores, kind="stable")), []
    while left:
        keep.append(int(left.pop(0)))
        left = [i for i in left if iou(boxes[[keep[-1]]], boxes[[i]])[0, 0] >= threshold]
    return keep


def nms_cases():
    row = np.array([[x, 0, x + 10, 10] for x in (0, 4, 8, 30)], float)  # a chain: neighbors overlap, ends do not
    half = np.array([[0, 0, 2, 1], [0, 0, 1, 1]], float)  # IoU exactly 0.5
    cases = [
        (row[:1], np.array([0.9]), 0.4),
        (row[[0, 3]], np.array([0.6, 0.9]), 0.4),
        (row[:2], np.array([0.6, 0.9]), 0.4),
        (half, np.array([0.9, 0.8]), 0.5),
        (row, np.array([0.9, 0.8, 0.7, 0.3]), 0.4),
        (row, np.array([0.5, 0.9, 0.7, 0.95]), 0.2),
    ]
    rng = np.random.default_rng(3)
    for count in (6, 12):
        low = rng.uniform(0, 40, (count, 2))
        boxes = np.concatenate([low, low + rng.uniform(20, 40, (count, 2))], axis=1).round(1)
        cases.append((boxes, rng.permutation(count) / count + 0.01, 0.45))
    return cases


def draw_boxes_kept(axes, arguments, yours, expected):
    """Draw the boxes before NMS and those that should be left."""
    boxes, scores, threshold = arguments
    boxes = (boxes - boxes.min()) / (boxes.max() - boxes.min()) * 100 + 10
    draw_nms(axes, np.full((120, 120, 3), 255, np.uint8), boxes, scores, threshold)
    axes[0].set_title(f"all boxes; you keep {yours}", fontsize=9)
    axes[1].set_title(f"expected: {expected}", fontsize=9)


EXERCISE = Exercise(
    question="Return the list of kept indices, best first, after NMS above an IoU threshold.",
    answer=nms,
    cases=nms_cases,
    draw=draw_boxes_kept,
    hints=(
        "Sort by score. Take the best that is left, keep it, and remove what overlaps it. Repeat.",
        "order = list(np.argsort(-scores, kind='stable')); after best = order.pop(0), keep in order only those "
        "whose IoU with best is not greater than the threshold.",
    ),
    mistakes={
        "ascending": Mistake(nms_ascending, "you begin with the worst score: np.argsort sorts upwards."),
        "removed boxes remove": Mistake(
            nms_all_pairs,
            "a box that was removed removes others here. Only kept boxes suppress: of three in a chain the first "
            "and the last stay.",
        ),
        "neighbors only": Mistake(
            nms_one_pass,
            "each box is compared with one box only, the one before it. Compare it with all that are kept.",
            variants=(nms_of_the_last_kept,),
        ),
        "not sorted": Mistake(nms_by_index, "the scores are not used: boxes are taken in the order they come."),
        "in index order": Mistake(
            nms_in_index_order,
            "the right boxes, but in index order: best score first.",
        ),
        "mask": Mistake(nms_mask, "this says which boxes stay. Return their indices, best first."),
        "removing while iterating": Mistake(
            nms_removing_while_iterating,
            "you remove from a list while you loop over it: the next element moves up into the gap, and the loop skips "
            "it. Build a new list instead.",
            variants=(nms_popping_while_iterating,),
        ),
        "places in the order": Mistake(
            nms_places_in_the_order,
            "these are places among the sorted boxes. Go back to the boxes as they were given: order[i].",
        ),
        "first only": Mistake(
            nms_first_only, "only the best box removes others. Each box that is kept does, one after the other."
        ),
        "the other way": Mistake(
            nms_the_other_way,
            "you remove the boxes that do *not* overlap. Keep those with an IoU up to the threshold.",
            variants=(nms_the_other_way_or_equal,),
        ),
        "far from any": Mistake(
            nms_if_any_is_far,
            "a box stays if it is far from *all* boxes that are kept. With any, one that is far away is enough.",
        ),
        "nothing removed": Mistake(nms_nothing_removed, "no box is removed."),
        "removed ones": Mistake(nms_removed_ones, "these are the boxes that are removed. Return those that stay."),
        "boxes": Mistake(
            nms_boxes, "these are the boxes or scores themselves. Return their indices.", variants=(nms_scores,)
        ),
        "at the threshold": Mistake(
            nms_at_threshold, "a box with an IoU of exactly the threshold stays: suppress if it is greater."
        ),
    },
)
