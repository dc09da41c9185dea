"""Lessons 14, 15 and 18: NMS, evaluation, your own images."""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.nms import nms
from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("decode_box", "1 + instead of exp")
def decode_box_linear(offsets, default_box):
    cx, cy, w, h = default_box
    x = cx + 0.1 * offsets[0] * w
    y = cy + 0.1 * offsets[1] * h
    nw = w * (1 + 0.2 * offsets[2])
    nh = h * (1 + 0.2 * offsets[3])
    return np.array([x - nw / 2, y - nh / 2, x + nw / 2, y + nh / 2])


@wrong("decode_box", "the center is taken for the upper left corner")
def decode_box_corner(offsets, default_box):
    c = default_box[:2] + offsets[:2] * 0.1 * default_box[2:]
    s = default_box[2:] * np.exp(offsets[2:] * 0.2)
    return np.concatenate([c, c + s])


@wrong("decode_box", "0.1 and 0.2 are exchanged")
def decode_box_exchanged(offsets, default_box):
    tx, ty, tw, th = offsets
    cx, cy, w, h = default_box
    x, y = cx + 0.2 * tx * w, cy + 0.2 * ty * h
    bw, bh = w * np.exp(0.1 * tw), h * np.exp(0.1 * th)
    return [x - bw / 2, y - bh / 2, x + bw / 2, y + bh / 2]


@wrong("decode_box", "the step counts in sizes of the new box")
def decode_box_new_size(offsets, default_box):
    cx, cy, w, h = default_box
    w, h = w * np.exp(0.2 * offsets[2]), h * np.exp(0.2 * offsets[3])
    x, y = cx + 0.1 * offsets[0] * w, cy + 0.1 * offsets[1] * h
    return np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])


@wrong("nms", "compares with the box that was kept last only")
def nms_last_kept(boxes, scores, threshold):
    keep = []
    for i in np.argsort(-scores):
        if len(keep) == 0 or iou(boxes[[keep[-1]]], boxes[[i]])[0, 0] <= threshold:
            keep.append(int(i))
    return keep


@wrong("nms", "the best box removes, and nobody else")
def nms_one_round(boxes, scores, threshold):
    order = [int(i) for i in np.argsort(-scores)]
    best = order[0]
    return [best] + [i for i in order[1:] if iou(boxes[[best]], boxes[[i]])[0, 0] <= threshold]


@wrong("nms", "keeps what overlaps and removes the rest")
def nms_opposite(boxes, scores, threshold):
    left = list(np.argsort(-scores))
    keep = []
    while left:
        i = left.pop(0)
        keep.append(int(i))
        left = [j for j in left if iou(boxes[[i]], boxes[[j]])[0, 0] >= threshold]
    return keep


@wrong("nms", "the right boxes, in the order of their indices")
def nms_sorted(boxes, scores, threshold):
    alive = np.ones(len(boxes), bool)
    for i in np.argsort(-scores):
        if alive[i]:
            for j in range(len(boxes)):
                if j != i and scores[j] < scores[i] and iou(boxes[[i]], boxes[[j]])[0, 0] > threshold:
                    alive[j] = False
    return list(np.flatnonzero(alive))


@wrong("nms", "returns the boxes")
def nms_boxes(boxes, scores, threshold):
    order = list(np.argsort(-scores))
    kept = []
    while order:
        i = order.pop(0)
        kept.append(boxes[i])
        order = [j for j in order if iou(boxes[[i]], boxes[[j]])[0, 0] <= threshold]
    return np.array(kept)


@wrong("nms", "the scores are not looked at")
def nms_given_order(boxes, scores, threshold):
    keep = []
    for i in range(len(boxes)):
        for k in keep:
            if iou(boxes[[k]], boxes[[i]])[0, 0] > threshold:
                break
        else:
            keep.append(i)
    return keep


@wrong("nms_each_class", "only the best of each class")
def each_class_best(boxes, labels, scores, threshold):
    keep = []
    for c in set(labels.tolist()):
        idx = np.flatnonzero(labels == c)
        keep.append(int(idx[np.argmax(scores[idx])]))
    return sorted(keep, key=lambda i: scores[i], reverse=True)


@wrong("nms_each_class", "the list begins anew for each class")
def each_class_forgets(boxes, labels, scores, threshold):
    for c in np.unique(labels):
        idx = np.where(labels == c)[0]
        keep = [int(idx[i]) for i in nms(boxes[idx], scores[idx], threshold)]
    return keep


@wrong("nms_each_class", "worst first")
def each_class_ascending(boxes, labels, scores, threshold):
    keep = []
    for c in np.unique(labels):
        idx = np.flatnonzero(labels == c)
        keep.extend(idx[nms(boxes[idx], scores[idx], threshold)])
    return sorted(keep, key=lambda i: scores[i])


@wrong("nms_each_class", "in the order of the indices")
def each_class_indices(boxes, labels, scores, threshold):
    mask = np.zeros(len(boxes), bool)
    for c in np.unique(labels):
        idx = np.flatnonzero(labels == c)
        mask[idx[nms(boxes[idx], scores[idx], threshold)]] = True
    return np.flatnonzero(mask).tolist()


@wrong("soft_nms", "the linear kind")
def soft_nms_linear(boxes, scores):
    s = scores.copy()
    left = set(range(len(s)))
    while left:
        best = max(left, key=lambda i: s[i])
        left.discard(best)
        for j in left:
            s[j] = s[j] * (1 - iou(boxes[[best]], boxes[[j]])[0, 0])
    return s


@wrong("soft_nms", "the minus is missing")
def soft_nms_grows(boxes, scores):
    s = scores.copy()
    left = list(range(len(s)))
    while left:
        best = max(left, key=lambda i: s[i])
        left.remove(best)
        for j in left:
            s[j] *= np.exp(iou(boxes[[best]], boxes[[j]])[0, 0] ** 2 / 0.5)
    return s


@wrong("soft_nms", "returned best first")
def soft_nms_order(boxes, scores):
    s, left, out = scores.copy(), list(range(len(scores))), []
    while left:
        best = max(left, key=lambda i: s[i])
        left.remove(best)
        out.append(s[best])
        for j in left:
            s[j] *= np.exp(-(iou(boxes[[best]], boxes[[j]])[0, 0] ** 2) / 0.5)
    return np.array(out)


@wrong("soft_nms", "the IoU is divided by 0.5 before it is squared")
def soft_nms_brackets(boxes, scores):
    s, left = scores.copy(), list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: s[i])
        left.remove(best)
        for j in left:
            s[j] *= np.exp(-((iou(boxes[[best]], boxes[[j]])[0, 0] / 0.5) ** 2))
    return s


@wrong("precision_recall", "divides by the index, which begins at 0")
def precision_recall_index(right, objects):
    p, r, tp = [], [], 0
    with np.errstate(all="ignore"):
        for i in range(len(right)):
            tp += int(right[i])
            p.append(np.float64(tp) / i)
            r.append(tp / objects)
    return np.array(p), np.array(r)


@wrong("precision_recall", "the outcomes are not added up")
def precision_recall_single(right, objects):
    n = np.arange(1, len(right) + 1)
    return right / n, np.cumsum(right) / objects


@wrong("precision_recall", "recall by the number of detections")
def precision_recall_detections(right, objects):
    tp = np.cumsum(right)
    return tp / np.arange(1, len(right) + 1), tp / len(right)


@wrong("eleven_points", "recall is that of the objects found")
def eleven_points_found(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    return sum(max(precision[10 * hits >= i * hits[-1]], default=0) for i in range(11)) / 11


@wrong("eleven_points", "divides by ten")
def eleven_points_by_ten(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    total = 0
    for i in range(11):
        p = precision[10 * hits >= i * objects]
        total += p.max() if p.size else 0
    return total / 10


@wrong("eleven_points", "only the levels that are reached are averaged")
def eleven_points_reached(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    best = [precision[10 * hits >= i * objects].max() for i in range(11) if (10 * hits >= i * objects).any()]
    return np.mean(best)


@wrong("area_of_curve", "trapezoids between the points")
def area_trapezoids(right, objects):
    hits = np.cumsum(right)
    p = hits / np.arange(1, len(right) + 1)
    r = hits / objects
    area, last_r, last_p = 0, 0, p[0]
    for a, b in zip(r, p):
        area += (a - last_r) * (b + last_p) / 2
        last_r, last_p = a, b
    return area


@wrong("area_of_curve", "the best precision so far")
def area_so_far(right, objects):
    hits = np.cumsum(right)
    p = np.maximum.accumulate(hits / np.arange(1, len(right) + 1))
    r = hits / objects
    return np.sum(np.diff(r, prepend=0) * p)


@wrong("area_of_curve", "the first strip is forgotten")
def area_without_first(right, objects):
    hits = np.cumsum(right)
    p = hits / np.arange(1, len(right) + 1)
    p = np.maximum.accumulate(p[::-1])[::-1]
    r = hits / objects
    return np.sum((r[1:] - r[:-1]) * p[1:])


@wrong("outcomes", "an object may be found twice")
def outcomes_twice(overlaps, difficult, scores):
    out = []
    for row in overlaps:
        m = row.argmax()
        if row[m] >= 0.5:
            out.append(-1 if difficult[m] else 1)
        else:
            out.append(0)
    return out


@wrong("outcomes", "a second detection is ignored")
def outcomes_duplicate_ignored(overlaps, difficult, scores):
    out, used = np.zeros(len(scores), int), []
    for d in np.argsort(-scores):
        m = overlaps[d].argmax()
        if overlaps[d, m] >= 0.5:
            if difficult[m] or m in used:
                out[d] = -1
            else:
                out[d] = 1
                used.append(m)
    return out


@wrong("outcomes", "a detection of a difficult object is a false positive")
def outcomes_difficult_zero(overlaps, difficult, scores):
    out, used = np.zeros(len(scores), int), set()
    for d in np.argsort(-scores):
        m = int(overlaps[d].argmax())
        if overlaps[d, m] >= 0.5 and not difficult[m] and m not in used:
            used.add(m)
            out[d] = 1
    return out


@wrong("outcomes", "more than 0.5 is asked for")
def outcomes_above(overlaps, difficult, scores):
    out, used = [0] * len(scores), set()
    for d in sorted(range(len(scores)), key=lambda i: -scores[i]):
        m = int(np.argmax(overlaps[d]))
        if overlaps[d][m] > 0.5:
            if difficult[m]:
                out[d] = -1
            elif m not in used:
                out[d] = 1
                used.add(m)
    return out


@wrong("warped_box", "from the square to the image")
def warped_box_back(box, width, height, side):
    x1, y1, x2, y2 = box
    return np.array([x1 * width / side, y1 * height / side, x2 * width / side, y2 * height / side])


@wrong("warped_box", "whole pixels by //")
def warped_box_whole(box, width, height, side):
    return np.array([v * side // s for v, s in zip(box, (width, height, width, height))])


@wrong("warped_box", "the shorter side fills the square")
def warped_box_shorter(box, width, height, side):
    f = side / min(width, height)
    return [v * f for v in box]


@wrong("coverage", "the number, not the fraction")
def coverage_number(overlaps, threshold):
    n = 0
    for row in overlaps:
        if any(v >= threshold for v in row):
            n += 1
    return n


@wrong("coverage", "the mean of the best IoUs")
def coverage_mean_iou(overlaps, threshold):
    return np.mean([max(row) for row in overlaps])


@wrong("coverage", "all default boxes must cover the object")
def coverage_all(overlaps, threshold):
    return np.all(overlaps >= threshold, axis=1).mean()


@wrong("coverage_of_classes", "the last class is missing")
def coverage_of_classes_short(best_iou, labels, classes):
    return np.array([np.mean(best_iou[labels == c] >= 0.5) for c in range(1, classes)])


@wrong("coverage_of_classes", "numbers, not fractions")
def coverage_of_classes_numbers(best_iou, labels, classes):
    return np.bincount(labels[best_iou >= 0.5], minlength=classes + 1)[1:]


@wrong("coverage_of_classes", "one for the background, too")
def coverage_of_classes_background(best_iou, labels, classes):
    out = np.zeros(classes + 1)
    for c in range(1, classes + 1):
        out[c] = (best_iou[labels == c] >= 0.5).mean()
    return out


@wrong("coverage_of_classes", "exactly 0.5 does not count")
def coverage_of_classes_above(best_iou, labels, classes):
    result = []
    for c in range(1, classes + 1):
        values = [v for v, label in zip(best_iou, labels) if label == c]
        result.append(sum(v > 0.5 for v in values) / len(values))
    return result


@wrong("longest_reached", "a square of the object's width")
def longest_reached_width(threshold):
    return 1 / threshold


@wrong("longest_reached", "squared before it is halved")
def longest_reached_late(threshold):
    return (1 / threshold + 1) ** 2 / 2


@wrong("longest_reached", "the threshold is put in for r")
def longest_reached_put_in(threshold):
    with np.errstate(all="ignore"):
        return 1 / (2 * np.sqrt(threshold) - np.float64(1))
