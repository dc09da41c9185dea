"""Lessons 00 and 01: what a detector outputs, boxes."""

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("last_false", "the threshold is a little above the highest wrong score")
def last_false_a_bit_more(scores, right):
    t = 0
    for s, ok in zip(scores, right):
        if not ok and s > t:
            t = s
    return t + 0.01 if t else 0


@wrong("last_false", "takes the lowest right score above all wrong ones")
def last_false_next_right(scores, right):
    bad = scores[~right]
    if not len(bad):
        return 0
    good = [s for s in scores[right] if s > bad.max()]
    return min(good) if good else 1


@wrong("last_false", "counts the wrong boxes")
def last_false_count(scores, right):
    return int((~right).sum())


@wrong("detections_over", "the threshold is compared with >=")
def detections_at_least(probabilities, threshold):
    out = []
    for k, row in enumerate(probabilities):
        for c in range(1, len(row)):
            if row[c] >= threshold:
                out.append((k, c, row[c]))
    out.sort(key=lambda d: d[2], reverse=True)
    if not out:
        return np.array([], int), np.array([], int), np.array([])
    rows, labels, scores = zip(*out)
    return np.array(rows), np.array(labels), np.array(scores)


@wrong("detections_over", "not sorted at all")
def detections_unsorted(probabilities, threshold):
    mask = probabilities > threshold
    mask[:, 0] = False
    rows, labels = np.nonzero(mask)
    return rows, labels, probabilities[mask]


@wrong("detections_over", "the labels stay in their old order when the rows are sorted")
def detections_half_sorted(probabilities, threshold):
    rows, cols = np.where(probabilities[:, 1:] > threshold)
    scores = probabilities[rows, cols + 1]
    order = np.argsort(scores)[::-1]
    return rows[order], cols + 1, scores[order]


@wrong("to_pixels", "the image's channels are used as the height")
def to_pixels_last_two(boxes, image_shape):
    h, w = image_shape[-2:]
    return boxes * [w, h, w, h]


@wrong("to_pixels", "rounded to whole pixels")
def to_pixels_rounded(boxes, image_shape):
    H, W, _ = image_shape
    return (boxes * np.array([W, H, W, H])).round().astype(int)


@wrong("to_pixels", "a list of four columns: rows and columns are exchanged")
def to_pixels_columns(boxes, image_shape):
    h, w = image_shape[0], image_shape[1]
    x1, y1, x2, y2 = boxes.T
    return np.array([x1 * w, y1 * h, x2 * w, y2 * h])


@wrong("keep_best", "keeps n + 1")
def keep_best_one_more(scores, n):
    order = sorted(range(len(scores)), key=lambda i: scores[i], reverse=True)
    out = np.zeros(len(scores))
    for rank, i in enumerate(order):
        if rank <= n:
            out[i] = scores[i]
    return out


@wrong("keep_best", "argsort's order is used as if it were a rank")
def keep_best_order_as_rank(scores, n):
    rank = np.argsort(-scores, kind="stable")
    return scores * (rank < n)


@wrong("keep_best", "an index list in brackets makes a copy, which is filled and thrown away")
def keep_best_lost_copy(scores, n):
    out = scores.copy()
    order = np.argsort(-scores, kind="stable")
    out[order][n:] = 0
    return out


@wrong("half_iou", "one of two equal boxes is moved by half a side both ways: 1/7")
def half_both_ways():
    return (0, 0, 10, 10), (5, 5, 15, 15)


@wrong("half_iou", "they only touch")
def half_side_by_side():
    return [0, 0, 1, 1], [1, 0, 2, 1]


@wrong("half_iou", "the shared part is half of the smaller box")
def half_of_the_smaller():
    a = np.array([0, 0, 2, 2])
    b = np.array([1, 0, 3, 1])
    return a, b


@wrong("half_iou", "the second box is x, y, width, height")
def half_mixed_forms():
    return np.array([0, 0, 4, 4]), np.array([1, 1, 2, 4])


@wrong("iou", "the boxes count as apart unless a corner of one lies in the other")
def iou_corner_inside(a, b):
    inside = a[0] <= b[0] < a[2] and a[1] <= b[1] < a[3] or b[0] <= a[0] < b[2] and b[1] <= a[1] < b[3]
    if not inside:
        return 0.0
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    s = w * h
    return s / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - s)


@wrong("iou", "min and max are exchanged")
def iou_min_max(a, b):
    w = max(0, max(a[2], b[2]) - min(a[0], b[0]))
    h = max(0, max(a[3], b[3]) - min(a[1], b[1]))
    s = w * h
    total = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - s
    return s / total if total else 0


@wrong("iou", "brackets are missing around the union")
def iou_precedence(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return w * h / area_a + area_b - w * h


@wrong("iou", "the width is computed from y, the height from x")
def iou_axes_mixed(a, b):
    w = max(0, min(a[2], b[2]) - max(a[1], b[1]))
    h = max(0, min(a[3], b[3]) - max(a[0], b[0]))
    s = w * h
    return s / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - s)


@wrong("iou", "not clipped, and the shared part counts twice")
def iou_two_errors(a, b):
    s = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    return s / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]))


@wrong("iou_matrix", "first with first, second with second")
def iou_matrix_zip(a, b):
    low = np.maximum(a[:, :2], b[:, :2])
    high = np.minimum(a[:, 2:], b[:, 2:])
    wh = np.clip(high - low, 0, None)
    s = wh[:, 0] * wh[:, 1]
    area = lambda r: (r[:, 2] - r[:, 0]) * (r[:, 3] - r[:, 1])  # noqa: E731
    return s / (area(a) + area(b) - s)


@wrong("iou_matrix", "the union is the sum of both areas")
def iou_matrix_sum(a, b):
    rows = []
    for x in a:
        row = []
        for y in b:
            w = max(0, min(x[2], y[2]) - max(x[0], y[0]))
            h = max(0, min(x[3], y[3]) - max(x[1], y[1]))
            row.append(w * h / ((x[2] - x[0]) * (x[3] - x[1]) + (y[2] - y[0]) * (y[3] - y[1])))
        rows.append(row)
    return np.array(rows).reshape(len(a), len(b))


@wrong("iou_matrix", "the product of the sides is clipped, not each side")
def iou_matrix_prod_clip(a, b):
    low = np.maximum(a[:, None, :2], b[:, :2])
    high = np.minimum(a[:, None, 2:], b[:, 2:])
    s = np.clip((high - low).prod(-1), 0, None)
    area = lambda r: (r[:, 2:] - r[:, :2]).prod(-1)  # noqa: E731
    return s / (area(a)[:, None] + area(b)[None] - s)


@wrong("iou_matrix", "returned as one long row")
def iou_matrix_flat(a, b):
    values = []
    for p in a:
        for q in b:
            s = np.prod(np.clip(np.minimum(p[2:], q[2:]) - np.maximum(p[:2], q[:2]), 0, None))
            values.append(s / (np.prod(p[2:] - p[:2]) + np.prod(q[2:] - q[:2]) - s))
    return np.array(values)


@wrong("giou", "only the part that is subtracted")
def giou_penalty(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    C = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return (C - union) / C


@wrong("giou", "boxes that are apart have a negative shared part")
def giou_unclipped(a, b):
    i = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    u = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - i
    c = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return i / u - (c - u) / c


@wrong("giou", "the IoU divided by the box around")
def giou_over_around(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    u = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    c = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return w * h / u - c - u / c
