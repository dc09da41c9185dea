"""Exercises of lesson 14: from offsets to boxes, and from many boxes to one for each object."""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.nms import draw_nms
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


def decode_cases():
    default = np.array([4.0, 6.0, 2.0, 8.0])
    rows = ((0, 0, 0, 0), (5, 0, 0, 0), (0, -5, 0, 0), (0, 0, 2, -1), (1.5, -2, 3, 0.5))
    return [(np.array(row, float), default) for row in rows]


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


def nms_each_class(boxes, labels, scores, threshold):
    keep = []
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        keep += [int(mine[i]) for i in nms(boxes[mine], scores[mine], threshold)]
    return sorted(keep, key=lambda i: -scores[i])


def nms_ignoring_class(boxes, labels, scores, threshold):
    return nms(boxes, scores, threshold)


def nms_class_indices(boxes, labels, scores, threshold):
    found = [i for label in np.unique(labels) for i in nms(boxes[labels == label], scores[labels == label], threshold)]
    return sorted(found, key=lambda i: -scores[i])


def nms_classes_not_sorted(boxes, labels, scores, threshold):
    keep = nms_each_class(boxes, labels, scores, threshold)
    return [i for label in np.unique(labels) for i in keep if labels[i] == label]


def class_cases():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 1, 10, 11], [40, 0, 50, 10]], float)
    scores = np.array([0.6, 0.9, 0.8, 0.7])
    labels = (np.array([1, 1, 1, 1]), np.array([1, 2, 1, 2]), np.array([3, 1, 2, 1]), np.array([2, 1, 1, 2]))
    return [(boxes, row, scores, 0.45) for row in labels]


def soft_nms(boxes, scores, sigma=0.5):
    scores, left = np.array(scores, float), list(range(len(scores)))
    result = np.zeros(len(scores))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        result[best] = scores[best]
        for i in left:
            scores[i] *= np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / sigma)
    return result


def soft_nms_linear(boxes, scores, sigma=0.5):
    scores, left = np.array(scores, float), list(range(len(scores)))
    result = np.zeros(len(scores))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        result[best] = scores[best]
        for i in left:
            scores[i] *= 1 - iou(boxes[[best]], boxes[[i]])[0, 0]
    return result


def soft_nms_old_scores(boxes, scores, sigma=0.5):
    order, result = np.argsort(-scores, kind="stable"), np.array(scores, float)
    overlaps = iou(boxes, boxes)
    for n, i in enumerate(order):
        result[i] *= np.exp(-(overlaps[i, order[:n]] ** 2) / sigma).prod()
    return result


def soft_cases():
    row = np.array([[x, 0, x + 10, 10] for x in (0, 2, 4, 30)], float)
    near = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [6, 0, 16, 10]], float)
    return [
        (row[:1], np.array([0.9])),
        (row[[0, 3]], np.array([0.6, 0.9])),
        (row[:2], np.array([0.9, 0.8])),
        (row, np.array([0.9, 0.8, 0.7, 0.3])),
        (near, np.array([0.9, 0.89, 0.8])),  # the second falls behind the third
    ]


def draw_boxes_kept(axes, arguments, yours, expected):
    """Draw the boxes before NMS and those that should be left."""
    boxes, scores, threshold = arguments
    boxes = (boxes - boxes.min()) / (boxes.max() - boxes.min()) * 100 + 10
    draw_nms(axes, np.full((120, 120, 3), 255, np.uint8), boxes, scores, threshold)
    axes[0].set_title(f"all boxes; you keep {yours}", fontsize=9)
    axes[1].set_title(f"expected: {expected}", fontsize=9)


EXERCISES = {
    "decode_box": Exercise(
        question="Return the box (4,) xyxy to which offsets (4,) lead from a default box (4,) cxcywh.",
        answer=decode_box,
        cases=decode_cases,
        hints=(
            "The first two offsets move the center, in tenths of the default box's own size.",
            "x = cx + dx * 0.1 * w; width = w * exp(dw * 0.2). At the end go from center and size to corners.",
        ),
        mistakes={
            "no variances": Mistake(
                decode_without_variances, "the factors 0.1 and 0.2 are missing: boxes move too far and grow too large."
            ),
            "no exp": Mistake(decode_without_exp, "the size is multiplied by exp(0.2 dw), not by 1 + 0.2 dw."),
            "not by size": Mistake(
                decode_in_image,
                "an offset counts in sizes of the default box: multiply dx by its width, dy by its height.",
            ),
            "cxcywh": Mistake(decode_to_cxcywh, "this is the right box, but as center and size; xyxy is wanted."),
        },
    ),
    "nms": Exercise(
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
                "each box is compared only with the one before it in the order, not with all that are kept.",
            ),
            "not sorted": Mistake(nms_by_index, "the scores are not used: boxes are taken in the order they come."),
            "in index order": Mistake(nms_in_index_order, "the right boxes, but in index order: best score first."),
            "at the threshold": Mistake(
                nms_at_threshold, "a box with an IoU of exactly the threshold stays: suppress if it is greater."
            ),
        },
    ),
    "nms_each_class": Exercise(
        question="Return the kept indices, best first, where only boxes of the same class suppress each other.",
        answer=nms_each_class,
        cases=class_cases,
        hints=(
            "For each label on its own: which rows have it? Apply NMS to these.",
            "mine = np.flatnonzero(labels == label); what nms returns are places in mine, so mine[i] is the row.",
        ),
        mistakes={
            "class-agnostic": Mistake(
                nms_ignoring_class, "a cat suppresses a dog here: the classes are not kept apart (class-agnostic)."
            ),
            "indices of the class": Mistake(
                nms_class_indices, "these are places among the boxes of one class, not rows of all boxes: use mine[i]."
            ),
            "class by class": Mistake(
                nms_classes_not_sorted, "the right boxes, but class by class: the best score of all comes first."
            ),
        },
    ),
    "soft_nms": Exercise(
        question="Return the scores (N,) after Soft-NMS: a kept box multiplies the others by exp(-IoU^2 / 0.5).",
        answer=soft_nms,
        cases=soft_cases,
        hints=(
            "The same loop as nms, but instead of removing a box, lower its score.",
            "The next best is chosen by the lowered scores, so look for the maximum again in each round.",
        ),
        mistakes={
            "linear": Mistake(
                soft_nms_linear, "you multiply by 1 - IoU, the linear kind; here it is exp(-IoU^2 / 0.5)."
            ),
            "old order": Mistake(
                soft_nms_old_scores, "the order is that of the first scores; a lowered box may fall behind another."
            ),
        },
    ),
}
