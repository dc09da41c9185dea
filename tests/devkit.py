"""The rule of VOC's devkit written out as a slow program, and the mistakes that other evaluators make, to be planted.

Boxes here are those of VOC's files: whole numbers, counted from 1, the last pixel inside, so that 1 to 10 is ten pixels
wide; hence "+ 1". A detection is (image, (x1, y1, x2, y2), score, class), an object (image, box, class, difficult).
"""

from fractions import Fraction

BUGS = {
    "no plus one": "IoU without + 1 of boxes that name the last pixel inside",
    "shifted": "detections of boxes written + 1, objects read - 1",
    "greater": "a detection that reaches the threshold exactly does not fit",
    "difficult is wrong": "a detection of a difficult object counts as wrong",
    "difficult counts": "difficult objects are among those to be found",
    "duplicate is right": "an object is found again by every detection of it",
    "arange": "voc07's recalls are sums of 0.1, of which 0.3, 0.6 and 0.7 come out too large",
    "absent classes": "a class without objects has an AP of 0 in the mean",
    "cut over classes": "of each image only the best two detections of all classes, where the rule has no such cut",
}


def overlap(a, b, one=1):
    """Return the IoU of two boxes as a fraction, so that nothing is rounded."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + one
    height = min(a[3], b[3]) - max(a[1], b[1]) + one
    if width <= 0 or height <= 0:
        return Fraction(0)
    sizes = [(box[2] - box[0] + one) * (box[3] - box[1] + one) for box in (a, b)]
    return Fraction(width * height, sum(sizes) - width * height)


def evaluate_class(detections, objects, threshold, bug=None):
    """VOCevaldet.m for one class: (right, wrong), lists of 0 and 1 along falling scores, and the number of objects."""
    taken, right, wrong = set(), [], []
    for image, box, _, _ in sorted(detections, key=lambda row: -row[2]):  # sorted keeps the order of equals
        most, nearest = None, None
        for number, (where, truth, _, _) in enumerate(objects):
            if where != image:
                continue
            if bug == "shifted":
                fit = overlap([n + 1 for n in box], [n - 1 for n in truth])
            else:
                fit = overlap(box, truth, 0 if bug == "no plus one" else 1)
            if most is None or fit > most:
                most, nearest = fit, number
        fits = most is not None and (most > threshold if bug == "greater" else most >= threshold)
        if not fits:
            right, wrong = [*right, 0], [*wrong, 1]
        elif objects[nearest][3] and bug != "difficult counts":
            right, wrong = [*right, 0], [*wrong, int(bug == "difficult is wrong")]
        elif nearest in taken and bug != "duplicate is right":
            right, wrong = [*right, 0], [*wrong, 1]
        else:
            taken.add(nearest)
            right, wrong = [*right, 1], [*wrong, 0]
    return right, wrong, sum(bug == "difficult counts" or not row[3] for row in objects)


def curve(right, wrong, count):
    """Return recall and precision along falling scores; where nothing has counted yet, precision is 0."""
    recall, precision, hits, errors = [], [], 0, 0
    for one, other in zip(right, wrong):
        hits, errors = hits + one, errors + other
        recall.append(Fraction(hits, count))
        precision.append(Fraction(hits, hits + errors) if hits + errors else Fraction(0))
    return recall, precision


def ap_2007(recall, precision, bug=None):
    """The eleven points of VOCevaldet.m until 2009."""
    total = Fraction(0)
    for i in range(11):
        level = i * 0.1 if bug == "arange" else Fraction(i, 10)
        total += max((p for r, p in zip(recall, precision) if r >= level), default=0)
    return float(total / 11)


def ap_2010(recall, precision):
    """VOCap.m: the area under the curve made monotonous."""
    mrec, mpre = [Fraction(0), *recall, Fraction(1)], [Fraction(0), *precision, Fraction(0)]
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    return float(sum((mrec[i] - mrec[i - 1]) * mpre[i] for i in range(1, len(mrec)) if mrec[i] != mrec[i - 1]))


def evaluate(detections, objects, classes, metric="voc07", threshold=Fraction(1, 2), bug=None):
    """Return the AP of each class that has an object which is not difficult, and their mean (None without any)."""
    if bug == "cut over classes":
        best = sorted(detections, key=lambda row: -row[2])
        detections = [row for n, row in enumerate(best) if [other[0] for other in best[:n]].count(row[0]) < 2]
    per_class = {}
    for name in classes:
        mine, theirs = [row for row in detections if row[3] == name], [row for row in objects if row[2] == name]
        right, wrong, count = evaluate_class(mine, theirs, threshold, bug)
        if count:
            recall, precision = curve(right, wrong, count)
            per_class[name] = ap_2007(recall, precision, bug) if metric == "voc07" else ap_2010(recall, precision)
        elif bug == "absent classes":
            per_class[name] = 0.0
    return per_class, sum(per_class.values()) / len(per_class) if per_class else None
