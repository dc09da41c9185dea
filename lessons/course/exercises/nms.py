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


def nms_best_of_each_class(boxes, labels, scores, threshold):
    best = [max(np.flatnonzero(labels == label), key=lambda i: scores[i]) for label in np.unique(labels)]
    return sorted((int(i) for i in best), key=lambda i: -scores[i])


def nms_classes_by_index(boxes, labels, scores, threshold):
    return sorted(nms_each_class(boxes, labels, scores, threshold))


def nms_classes_ascending(boxes, labels, scores, threshold):
    return nms_each_class(boxes, labels, scores, threshold)[::-1]


def nms_first_class(boxes, labels, scores, threshold):
    return nms_last_class(boxes, -labels, scores, threshold)


def nms_class_indices_by_class(boxes, labels, scores, threshold):
    return [i for label in np.unique(labels) for i in nms(boxes[labels == label], scores[labels == label], threshold)]


def nms_other_classes_only(boxes, labels, scores, threshold):
    keep = []
    for i in np.argsort(-scores, kind="stable"):
        if all(labels[i] == labels[k] or iou(boxes[[k]], boxes[[i]])[0, 0] <= threshold for k in keep):
            keep.append(int(i))
    return keep


def nms_last_class(boxes, labels, scores, threshold):
    mine = np.flatnonzero(labels == labels.max())
    return [int(mine[i]) for i in nms(boxes[mine], scores[mine], threshold)]


def class_cases():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 1, 10, 11], [40, 0, 50, 10]], float)
    scores = np.array([0.6, 0.9, 0.8, 0.7])
    labels = (np.array([1, 1, 1, 1]), np.array([1, 2, 1, 2]), np.array([3, 1, 2, 1]), np.array([2, 1, 1, 2]))
    cases = [(boxes, row, scores, 0.45) for row in labels]
    row = np.array([[x, 0, x + 10, 10] for x in (0, 30, 1, 60, 31, 90, 2)], float)
    return [*cases, (row, np.array([2, 1, 2, 1, 3, 2, 1]), np.array([0.5, 0.3, 0.9, 0.4, 0.8, 0.7, 0.6]), 0.45)]


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


def _soft(boxes, scores, factor):
    scores, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        for i in left:
            scores[i] *= factor(iou(boxes[[best]], boxes[[i]])[0, 0])
    return scores


def soft_nms_not_squared(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-overlap / 0.5))


def soft_nms_without_half(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-(overlap**2)))


def soft_nms_times_half(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-(overlap**2) * 0.5))


def soft_nms_quotient_squared(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(-((overlap / 0.5) ** 2)))


def soft_nms_sign(boxes, scores):
    return _soft(boxes, scores, lambda overlap: np.exp(overlap**2 / 0.5))


def soft_nms_hard(boxes, scores):
    return _soft(boxes, scores, lambda overlap: float(overlap <= 0.45))


def soft_nms_itself(boxes, scores):
    return soft_nms(boxes, scores) * np.exp(-1 / 0.5)


def soft_nms_itself_too(boxes, scores):
    scores, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        for i in left:
            scores[i] *= np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / 0.5)
        left.remove(best)
    return scores


def soft_nms_kept_too(boxes, scores):
    scores, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        for i in range(len(scores)):
            if i != best:
                scores[i] *= np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / 0.5)
    return scores


def soft_nms_sorted(boxes, scores):
    return np.sort(soft_nms(boxes, scores))[::-1]


def soft_nms_from_the_first_scores(boxes, scores):
    new, left = np.array(scores, float), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: new[i])
        left.remove(best)
        for i in left:
            new[i] = scores[i] * np.exp(-(iou(boxes[[best]], boxes[[i]])[0, 0] ** 2) / 0.5)
    return new


def soft_nms_in_index_order(boxes, scores):
    scores = np.array(scores, float)
    for i in range(len(scores)):
        for j in range(i + 1, len(scores)):
            scores[j] *= np.exp(-(iou(boxes[[i]], boxes[[j]])[0, 0] ** 2) / 0.5)
    return scores


def soft_nms_of_the_best_only(boxes, scores):
    best = int(np.argmax(scores))
    factors = np.exp(-(iou(boxes[[best]], boxes)[0] ** 2) / 0.5)
    factors[best] = 1
    return scores * factors


def soft_cases():
    row = np.array([[x, 0, x + 10, 10] for x in (0, 2, 4, 30)], float)
    near = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [6, 0, 16, 10]], float)
    return [
        (row[:1], np.array([0.9])),
        (row[[0, 3]], np.array([0.6, 0.9])),
        (row[:2], np.array([0.9, 0.8])),
        (row, np.array([0.9, 0.8, 0.7, 0.3])),
        (near, np.array([0.9, 0.89, 0.8])),  # the second falls behind the third
        (row, np.array([0.5, 0.7, 0.9, 0.8])),
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
            "by the width": Mistake(
                decode_by_the_width, "the step along y is multiplied by the height, not the width."
            ),
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
                nms_class_indices,
                "these are places among the boxes of one class, not rows of all boxes: use mine[i].",
                variants=(nms_class_indices_by_class,),
            ),
            "class by class": Mistake(
                nms_classes_not_sorted, "the right boxes, but class by class: the best score of all comes first."
            ),
            "by index": Mistake(
                nms_classes_by_index, "the right boxes, but in the order of their indices: the best score comes first."
            ),
            "worst first": Mistake(
                nms_classes_ascending, "the right boxes, but the worst comes first: sort by -scores."
            ),
            "best of each": Mistake(
                nms_best_of_each_class,
                "you keep one box of each class. Boxes of a class that do not overlap stay, too.",
            ),
            "one class": Mistake(
                nms_last_class,
                "this is one class alone. Is the list emptied for each class, or is there a return inside the loop?",
                variants=(nms_first_class,),
            ),
            "other classes": Mistake(
                nms_other_classes_only,
                "boxes of *other* classes suppress each other here. It is those of the same class.",
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
            "not squared": Mistake(soft_nms_not_squared, "the IoU is squared in the exponent: exp(-IoU^2 / 0.5)."),
            "another exponent": Mistake(
                soft_nms_without_half,
                "the exponent is not -IoU^2 / 0.5: IoU squared, and then divided by 0.5.",
                variants=(soft_nms_times_half, soft_nms_quotient_squared),
            ),
            "sign": Mistake(soft_nms_sign, "the minus in the exponent is missing, so the scores rise."),
            "removed": Mistake(soft_nms_hard, "you set scores to 0, as NMS removes boxes. Soft-NMS only lowers them."),
            "itself": Mistake(
                soft_nms_itself_too,
                "a box lowers its own score as well: its IoU with itself is 1. Take it out of the list first.",
                variants=(soft_nms_itself,),
            ),
            "kept ones, too": Mistake(
                soft_nms_kept_too,
                "boxes that are kept already are lowered again. Only those that are left are lowered.",
            ),
            "sorted": Mistake(soft_nms_sorted, "you sorted the scores. Each stays in the place of its box."),
            "from the first scores": Mistake(
                soft_nms_from_the_first_scores,
                "you start from the first score each time, so only the last factor counts. Multiply what is left of it: *=.",
            ),
            "in index order": Mistake(
                soft_nms_in_index_order, "you go through the boxes as they are given. The best that is left comes next."
            ),
            "best only": Mistake(
                soft_nms_of_the_best_only, "only the best box lowers others. Each box does, as soon as it is chosen."
            ),
        },
    ),
}
