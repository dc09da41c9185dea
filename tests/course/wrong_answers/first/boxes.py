"""Lessons 00 and 01: what a detector outputs, boxes."""

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("last_false", "takes the lowest score of the wrong boxes, not the highest")
def last_false_lowest(scores, right):
    false_ones = []
    for s, r in zip(scores, right):
        if not r:
            false_ones.append(s)
    if len(false_ones) == 0:
        return 0
    return min(false_ones)


@wrong("last_false", "trusts the order: it returns the wrong box that comes last")
def last_false_in_order(scores, right):
    threshold = 0
    for i in range(len(scores)):
        if right[i] == False:  # noqa: E712
            threshold = scores[i]
    return threshold


@wrong("last_false", "looks at the right boxes instead of the wrong ones")
def last_false_of_right(scores, right):
    chosen = scores[right]
    return chosen.max() if chosen.size else 0


@wrong("detections_over", "the background counts as a detection")
def detections_with_background(probabilities, threshold):
    rows, labels = np.where(probabilities > threshold)
    scores = probabilities[rows, labels]
    order = np.argsort(-scores, kind="stable")
    return rows[order], labels[order], scores[order]


@wrong("detections_over", "labels are one too small, because the background's column was cut off")
def detections_label_shifted(probabilities, threshold):
    objects = probabilities[:, 1:]
    rows, labels = np.nonzero(objects > threshold)
    scores = objects[rows, labels]
    best_first = scores.argsort()[::-1]
    return rows[best_first], labels[best_first], scores[best_first]


@wrong("detections_over", "only the best class of each default box is looked at")
def detections_argmax(probabilities, threshold):
    labels = probabilities[:, 1:].argmax(axis=1) + 1
    scores = probabilities[:, 1:].max(axis=1)
    rows = np.flatnonzero(scores > threshold)
    rows = rows[np.argsort(-scores[rows])]
    return rows, labels[rows], scores[rows]


@wrong("detections_over", "the worst comes first")
def detections_worst_first(probabilities, threshold):
    found = []
    for row in range(len(probabilities)):
        for label in range(1, probabilities.shape[1]):
            if probabilities[row, label] > threshold:
                found.append((probabilities[row, label], row, label))
    found.sort()
    rows = np.array([f[1] for f in found], int)
    labels = np.array([f[2] for f in found], int)
    return rows, labels, np.array([f[0] for f in found])


@wrong("to_pixels", "width and height are exchanged")
def to_pixels_exchanged(boxes, image_shape):
    w, h, _ = image_shape
    return boxes * np.array([w, h, w, h])


@wrong("to_pixels", "multiplies as if a box were x, x, y, y")
def to_pixels_wwhh(boxes, image_shape):
    h, w = image_shape[:2]
    out = np.zeros_like(boxes)
    for i, (x1, y1, x2, y2) in enumerate(boxes):
        out[i] = [x1 * w, y1 * w, x2 * h, y2 * h]
    return out


@wrong("to_pixels", "changes the boxes that it was given")
def to_pixels_in_place(boxes, image_shape):
    h, w, _ = image_shape
    boxes[:, [0, 2]] *= w
    boxes[:, [1, 3]] *= h
    return boxes


@wrong("keep_best", "gives the best n, sorted, and drops the others")
def keep_best_drops(scores, n):
    return np.sort(scores)[::-1][:n]


@wrong("keep_best", "keeps all that are equal to the n-th")
def keep_best_ties(scores, n):
    limit = np.sort(scores)[len(scores) - n] if n else np.inf
    return np.where(scores >= limit, scores, 0)


@wrong("keep_best", "of two equal scores the last is kept; and it changes the scores it was given")
def keep_best_last_in_place(scores, n):
    order = np.argsort(scores)
    scores[order[: len(scores) - n]] = 0
    return scores


@wrong("half_iou", "the intersection is half of each box, so the IoU is 1/3")
def half_of_each():
    return np.array([0, 0, 4, 4]), np.array([2, 0, 6, 4])


@wrong("half_iou", "the boxes are written as center and size")
def half_in_center_and_size():
    return np.array([5, 5, 2, 4]), np.array([5, 5, 2, 2])


@wrong("half_iou", "half as wide and half as high has a quarter of the area")
def half_of_both_sides():
    return [0, 0, 10, 10], [0, 0, 5, 5]


@wrong("iou", "a negative width times a negative height counts as an intersection")
def iou_clips_the_product(a, b):
    dx = min(a[2], b[2]) - max(a[0], b[0])
    dy = min(a[3], b[3]) - max(a[1], b[1])
    inter = max(0, dx * dy)
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return inter / (area_a + area_b - inter)


@wrong("iou", "the intersection is counted twice in the union")
def iou_sum_of_areas(a, b):
    left, top = np.maximum(a[:2], b[:2])
    right, bottom = np.minimum(a[2:], b[2:])
    inter = max(0, right - left) * max(0, bottom - top)
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return inter / (area(a) + area(b))


@wrong("iou", "reads the boxes as x, y, width, height")
def iou_of_xywh(a, b):
    ax, ay, aw, ah = a
    bx, by, bw, bh = b
    w = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    h = max(0, min(ay + ah, by + bh) - max(ay, by))
    return w * h / (aw * ah + bw * bh - w * h)


@wrong("iou", "divides by the smaller box")
def iou_by_the_smaller(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return w * h / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))


@wrong("iou", "pixels are counted with the + 1")
def iou_plus_one(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    one = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    two = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return w * h / (one + two - w * h)


@wrong("iou_matrix", "rows and columns are exchanged")
def iou_matrix_transposed(a, b):
    low = np.maximum(a[None, :, :2], b[:, None, :2])
    high = np.minimum(a[None, :, 2:], b[:, None, 2:])
    inter = (high - low).clip(0).prod(axis=2)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    return inter / (area_a[None, :] + area_b[:, None] - inter)


@wrong("iou_matrix", "a negative width is not clipped at 0")
def iou_matrix_unclipped(a, b):
    w = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    h = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    inter = w * h
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])  # noqa: E731
    return inter / (area(a)[:, None] + area(b) - inter)


@wrong("iou_matrix", "the areas of a are laid along the columns")
def iou_matrix_areas(a, b):
    out = np.zeros((len(a), len(b)))
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in b]
    for i in range(len(a)):
        for j in range(len(b)):
            w = max(0, min(a[i][2], b[j][2]) - max(a[i][0], b[j][0]))
            h = max(0, min(a[i][3], b[j][3]) - max(a[i][1], b[j][1]))
            out[i, j] = w * h / (areas[j] + areas[j] - w * h)
    return out


@wrong("giou", "divides the empty part by the union")
def giou_by_union(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    inter = w * h
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return inter / union - (around - union) / union


@wrong("giou", "subtracts the intersection from the box around, not the union")
def giou_minus_intersection(a, b):
    iw = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    ih = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    covered = iw * ih
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - covered
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return covered / union - (around - covered) / around
