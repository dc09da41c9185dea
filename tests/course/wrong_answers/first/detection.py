"""Lessons 14, 15 and 18: NMS, evaluation, your own images."""

import numpy as np

from numpyssd.boxes import iou
from numpyssd.inference.nms import nms
from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("decode_box", "the whole width is added on both sides")
def decode_box_whole_width(offsets, default_box):
    lx, ly, lw, lh = offsets
    dx, dy, dw, dh = default_box
    x, y = dx + 0.1 * lx * dw, dy + 0.1 * ly * dh
    w, h = dw * np.exp(0.2 * lw), dh * np.exp(0.2 * lh)
    return np.array([x - w, y - h, x + w, y + h])


@wrong("decode_box", "returns center and size")
def decode_box_center(offsets, default_box):
    center = default_box[:2] + 0.1 * offsets[:2] * default_box[2:]
    size = default_box[2:] * np.exp(0.2 * offsets[2:])
    return np.concatenate([center, size])


@wrong("decode_box", "the factors 0.1 and 0.2 are missing")
def decode_box_no_variances(offsets, default_box):
    x = default_box[0] + offsets[0] * default_box[2]
    y = default_box[1] + offsets[1] * default_box[3]
    w = default_box[2] * np.exp(offsets[2])
    h = default_box[3] * np.exp(offsets[3])
    return np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])


@wrong("decode_box", "the center is moved by absolute units, not by the default box's size")
def decode_box_absolute(offsets, default_box):
    x, y = default_box[0] + 0.1 * offsets[0], default_box[1] + 0.1 * offsets[1]
    w, h = default_box[2] * np.exp(0.2 * offsets[2]), default_box[3] * np.exp(0.2 * offsets[3])
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


@wrong("nms", "removes from the list over which it loops, so boxes are skipped")
def nms_removes_while_iterating(boxes, scores, threshold):
    left = list(np.argsort(-scores, kind="stable"))
    keep = []
    while left:
        best = left.pop(0)
        keep.append(int(best))
        for other in left:
            if iou(boxes[[best]], boxes[[other]])[0, 0] > threshold:
                left.remove(other)
    return keep


@wrong("nms", "a removed box removes others")
def nms_removed_removes(boxes, scores, threshold):
    order = np.argsort(-scores, kind="stable")
    keep = []
    for n, i in enumerate(order):
        if all(iou(boxes[[i]], boxes[[j]])[0, 0] <= threshold for j in order[:n]):
            keep.append(int(i))
    return keep


@wrong("nms", "an IoU of exactly the threshold is removed")
def nms_equal_removed(boxes, scores, threshold):
    left = sorted(range(len(scores)), key=lambda i: -scores[i])
    keep = []
    while left:
        best = left.pop(0)
        keep.append(best)
        left = [i for i in left if iou(boxes[[best]], boxes[[i]])[0, 0] < threshold]
    return keep


@wrong("nms", "begins with the lowest score")
def nms_lowest_first(boxes, scores, threshold):
    order = list(np.argsort(scores, kind="stable"))
    keep = []
    while len(order) > 0:
        best = order[0]
        keep.append(int(best))
        order = [i for i in order[1:] if iou(boxes[[best]], boxes[[i]])[0, 0] <= threshold]
    return keep


@wrong("nms", "never ends: the best box is not taken out of the list")
def nms_never_ends(boxes, scores, threshold):
    left = sorted(range(len(scores)), key=lambda i: -scores[i])
    keep = []
    while left:
        best = left[0]
        if best not in keep:
            keep.append(best)
        left = [i for i in left if i == best or iou(boxes[[best]], boxes[[i]])[0, 0] <= threshold]
    return keep


@wrong("nms", "indices of the sorted boxes, not of the boxes that were given")
def nms_sorted_indices(boxes, scores, threshold):
    boxes = boxes[np.argsort(-scores, kind="stable")]
    keep = []
    for i in range(len(boxes)):
        if all(iou(boxes[[i]], boxes[[j]])[0, 0] <= threshold for j in keep):
            keep.append(i)
    return keep


@wrong("nms_each_class", "boxes of other classes are removed as well")
def each_class_agnostic(boxes, labels, scores, threshold):
    return list(nms(boxes, scores, threshold))


@wrong("nms_each_class", "indices within the class")
def each_class_local(boxes, labels, scores, threshold):
    keep = []
    for label in np.unique(labels):
        mine = labels == label
        keep += list(nms(boxes[mine], scores[mine], threshold))
    return sorted(keep, key=lambda i: -scores[i])


@wrong("nms_each_class", "one class after the other, not best first")
def each_class_one_after_the_other(boxes, labels, scores, threshold):
    keep = []
    for label in sorted(set(labels.tolist())):
        where = np.flatnonzero(labels == label)
        keep.extend(where[nms(boxes[where], scores[where], threshold)].tolist())
    return keep


@wrong("soft_nms", "the IoU is not squared")
def soft_nms_not_squared(boxes, scores):
    scores = scores.copy()
    left = list(range(len(scores)))
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        for i in left:
            scores[i] *= np.exp(-iou(boxes[[best]], boxes[[i]])[0, 0] / 0.5)
    return scores


@wrong("soft_nms", "goes in the order of the old scores")
def soft_nms_old_order(boxes, scores):
    new = scores.copy()
    order = np.argsort(-scores, kind="stable")
    for n, i in enumerate(order):
        for j in order[n + 1 :]:
            new[j] *= np.exp(-(iou(boxes[[i]], boxes[[j]])[0, 0] ** 2) / 0.5)
    return new


@wrong("soft_nms", "changes the scores that it was given")
def soft_nms_in_place(boxes, scores):
    overlaps = iou(boxes, boxes)
    left = set(range(len(scores)))
    while left:
        best = max(left, key=lambda i: (scores[i], -i))
        left.remove(best)
        for i in left:
            scores[i] *= np.exp(-(overlaps[best, i] ** 2) / 0.5)
    return scores


@wrong("precision_recall", "precision is divided by the number of all detections")
def precision_by_all(right, objects):
    hits = np.cumsum(right)
    return hits / len(right), hits / objects


@wrong("precision_recall", "recall is divided by the true positives that were found")
def recall_by_found(right, objects):
    hits = np.cumsum(right)
    return hits / np.arange(1, len(right) + 1), hits / hits[-1]


@wrong("precision_recall", "recall and precision are exchanged")
def precision_recall_exchanged(right, objects):
    precision, recall, hits = [], [], 0
    for i, r in enumerate(right):
        hits += r
        precision.append(hits / (i + 1))
        recall.append(hits / objects)
    return np.array(recall), np.array(precision)


@wrong("eleven_points", "0.1 * 3 is more than 0.3")
def eleven_points_decimal(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    recall = hits / objects
    total = 0
    for i in range(11):
        at = precision[recall >= 0.1 * i]
        total += at.max() if len(at) else 0
    return total / 11


@wrong("eleven_points", "ten levels instead of eleven")
def eleven_points_ten(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    best = [max([p for p, n in zip(precision, hits) if 10 * n >= i * objects], default=0) for i in range(10)]
    return sum(best) / 10


@wrong("eleven_points", "the precision where the recall is first reached, not the best beyond")
def eleven_points_first(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    points = []
    for level in range(11):
        reached = [p for p, n in zip(precision, hits) if 10 * n >= level * objects]
        points.append(reached[0] if reached else 0)
    return np.mean(points)


@wrong("area_of_curve", "no envelope: a later, better precision does not count")
def area_no_envelope(right, objects):
    hits = 0
    area = 0
    for i, r in enumerate(right, start=1):
        if r:
            hits += 1
            area += hits / i / objects
    return area


@wrong("area_of_curve", "interpolates between the steps")
def area_trapezoid(right, objects):
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    recall = np.concatenate([[0], hits / objects])
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    envelope = np.concatenate([envelope[:1], envelope])
    return (np.diff(recall) * (envelope[1:] + envelope[:-1]) / 2).sum()


@wrong("area_of_curve", "divides by what was found, not by the objects")
def area_by_found(right, objects):
    right = np.asarray(right)
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    best = [precision[i:].max() for i in range(len(right)) if right[i]]
    return sum(best) / len(best) if best else 0.0


@wrong("outcomes", "the outcomes come in the order of the scores")
def outcomes_by_score(overlaps, difficult, scores):
    taken, out = set(), []
    for d in np.argsort(-scores, kind="stable"):
        if overlaps.shape[1] == 0:
            out.append(0)
            continue
        m = overlaps[d].argmax()
        if overlaps[d, m] < 0.5:
            out.append(0)
        elif difficult[m]:
            out.append(-1)
        elif m in taken:
            out.append(0)
        else:
            taken.add(m)
            out.append(1)
    return out


@wrong("outcomes", "the scores are ignored: the first detection in the list takes the object")
def outcomes_unsorted(overlaps, difficult, scores):
    taken, out = set(), np.zeros(len(scores), int)
    for d in range(len(scores)):
        if overlaps.shape[1] and overlaps[d].max() >= 0.5:
            m = int(overlaps[d].argmax())
            if difficult[m]:
                out[d] = -1
            elif m not in taken:
                out[d] = 1
                taken.add(m)
    return out


@wrong("outcomes", "a detection falls back on the next object that is free")
def outcomes_next_free(overlaps, difficult, scores):
    table = overlaps.copy()
    out = np.zeros(len(scores), int)
    for d in np.argsort(-scores, kind="stable"):
        if table.shape[1] == 0:
            continue
        m = table[d].argmax()
        if table[d, m] >= 0.5:
            if difficult[m]:
                out[d] = -1
            else:
                out[d] = 1
                table[:, m] = 0
    return out


@wrong("outcomes", "a second detection of a difficult object is a false positive")
def outcomes_difficult_once(overlaps, difficult, scores):
    taken, out = set(), [0] * len(scores)
    for d in sorted(range(len(scores)), key=lambda d: -scores[d]):
        if overlaps.shape[1] == 0:
            continue
        m = int(np.argmax(overlaps[d]))
        if overlaps[d, m] >= 0.5 and m not in taken:
            taken.add(m)
            out[d] = -1 if difficult[m] else 1
    return out


@wrong("warped_box", "width and height are exchanged")
def warped_box_exchanged(box, width, height, side):
    x1, y1, x2, y2 = box
    return np.array([x1 / height * side, y1 / width * side, x2 / height * side, y2 / width * side])


@wrong("warped_box", "one factor for both sides, so the image would keep its shape")
def warped_box_one_factor(box, width, height, side):
    return np.asarray(box) * side / max(width, height)


@wrong("warped_box", "in units of the side, not in pixels")
def warped_box_in_units(box, width, height, side):
    return np.array(box) / [width, height, width, height]


@wrong("coverage", "the fraction of default boxes, not of objects")
def coverage_of_boxes(overlaps, threshold):
    return (overlaps >= threshold).any(axis=0).mean()


@wrong("coverage", "the fraction of all pairs")
def coverage_of_pairs(overlaps, threshold):
    return np.mean(overlaps >= threshold)


@wrong("coverage", "exactly the threshold does not count")
def coverage_more_than(overlaps, threshold):
    covered = 0
    for row in overlaps:
        covered += row.max() > threshold
    return covered / len(overlaps)


@wrong("coverage_of_classes", "labels are taken to begin with 0")
def coverage_of_classes_from_zero(best_iou, labels, classes):
    out = np.zeros(classes)
    for c in range(classes):
        mine = best_iou[labels == c]
        out[c] = (mine >= 0.5).mean() if len(mine) else 0
    return out


@wrong("coverage_of_classes", "divides by all objects")
def coverage_of_classes_by_all(best_iou, labels, classes):
    return np.array([((best_iou >= 0.5) & (labels == c)).sum() / len(labels) for c in range(1, classes + 1)])


@wrong("coverage_of_classes", "the mean IoU of each class")
def coverage_of_classes_mean_iou(best_iou, labels, classes):
    return [best_iou[labels == c + 1].mean() for c in range(classes)]


@wrong("longest_reached", "the square is forgotten")
def longest_reached_no_square(threshold):
    return (1 / threshold + 1) / 2


@wrong("longest_reached", "a wrong sign")
def longest_reached_minus(threshold):
    return ((1 / threshold - 1) / 2) ** 2


@wrong("longest_reached", "the number of the text, for any threshold")
def longest_reached_fixed(threshold):
    return 2.25
