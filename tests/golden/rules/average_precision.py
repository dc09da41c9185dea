"""Average precision: VOC2007, VOC from 2010 on, and COCO (VOCevaldet.m of the devkit; pycocotools' cocoeval.py)."""

import math

from tests.golden.rules.boxes import iou

COCO_THRESHOLDS = [(50 + 5 * i) / 100 for i in range(10)]


def average_precision(detections, ground_truth, metric, iou_threshold=0.5):
    """Return the mean AP (None if no class counts), the AP of each class, and the classes that are left out.

    detections: for each image a list of [box, label, score]; ground_truth: of [box, label, difficult]. Boxes are xyxy.
    """
    labels = {row[1] for image in [*detections, *ground_truth] for row in image}
    per_class, left_out = {}, []
    for label in sorted(labels):
        mine = [[(box, score) for box, other, score in image if other == label] for image in detections]
        theirs = [[(box, hard) for box, other, hard in image if other == label] for image in ground_truth]
        count = sum(not hard for image in theirs for _, hard in image)
        if count == 0:
            left_out.append(label)
        elif metric == "coco":
            aps = [of_hundred_points(match(mine, theirs, t, coco_choice), count) for t in COCO_THRESHOLDS]
            per_class[label] = math.fsum(aps) / len(aps)
        else:
            rule = {"voc07": of_eleven_points, "voc": of_area}[metric]
            per_class[label] = rule(match(mine, theirs, iou_threshold, voc_choice), count)
    mean = math.fsum(per_class.values()) / len(per_class) if per_class else None
    return mean, per_class, left_out


def match(detections, ground_truth, threshold, choice):
    """Return True (right) or False (wrong) for each detection of one class, best first; others are left out."""
    rows = [(score, n, i) for n, image in enumerate(detections) for i, (_, score) in enumerate(image)]
    rows.sort(key=lambda row: -row[0])  # stable: of equal scores the earlier image, then the earlier row
    taken, matches = set(), []
    for _, n, i in rows:
        overlaps = [iou(detections[n][i][0], box) for box, _ in ground_truth[n]]
        m = choice(overlaps, [(n, m) in taken for m in range(len(overlaps))], threshold)
        if m is None:
            matches.append(False)
        elif not ground_truth[n][m][1]:  # a difficult object neither counts nor hurts
            matches.append((n, m) not in taken)  # a second detection of an object is wrong
            taken.add((n, m))
    return matches


def voc_choice(overlaps, taken, threshold):
    """Return the object that the detection overlaps most, even if it is taken; None if that is not enough."""
    best = max(range(len(overlaps)), key=lambda m: (overlaps[m], -m), default=None)
    return None if best is None or overlaps[best] < threshold else best


def coco_choice(overlaps, taken, threshold):
    """Return the object that it overlaps most of those still free. (The cases have no crowds and no equal overlaps.)"""
    free = [m for m in range(len(overlaps)) if not taken[m] and overlaps[m] >= threshold]
    return max(free, key=lambda m: overlaps[m], default=None)


def curve(matches):
    """Return for the best 1, 2, ... detections how many are right, and the best precision from there on."""
    hits = [sum(matches[: i + 1]) for i in range(len(matches))]
    precision = [hit / (i + 1) for i, hit in enumerate(hits)]
    return hits, [max(precision[i:]) for i in range(len(precision))]


def of_eleven_points(matches, count):
    """Average the precision at the recalls i / 10; in whole numbers, because 3 * 0.1 is more than 0.3."""
    hits, best = curve(matches)
    at = [next((p for hit, p in zip(hits, best) if 10 * hit >= i * count), 0.0) for i in range(11)]
    return math.fsum(at) / 11


def of_area(matches, count):
    """Return the area under the curve whose dips are filled."""
    hits, best = curve(matches)
    return math.fsum(p * (hit - before) for p, hit, before in zip(best, hits, [0, *hits])) / count


def of_hundred_points(matches, count):
    """Average the precision at the recalls 0, 0.01, ..., 1, those of numpy.linspace(0, 1, 101)."""
    hits, best = curve(matches)
    at = [next((p for hit, p in zip(hits, best) if hit / count >= i * 0.01), 0.0) for i in range(100)]
    at.append(next((p for hit, p in zip(hits, best) if hit == count), 0.0))
    return math.fsum(at) / 101
