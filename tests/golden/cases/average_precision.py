"""Average precision: recalls of exactly 0.3, difficult objects, duplicates, classes without objects."""

from tests.golden.cases.common import Noise, case
from tests.golden.rules.average_precision import average_precision

VOC = ("voc07", "voc")
ALL = ("voc07", "voc", "coco")


def ap_case(name, detections, ground_truth, metrics=ALL, why=None):
    """Return a case; for each image detections are [box, label, score], objects [box, label, difficult]."""
    expected = {}
    for metric in metrics:
        mean, per_class, left_out = average_precision(detections, ground_truth, metric)
        expected[metric] = {"mean": mean, "per_class": {str(k): v for k, v in per_class.items()}, "left_out": left_out}
    keys = ("boxes", "labels", "scores"), ("boxes", "labels", "difficult")
    found, truth = ([as_columns(image, k) for image in rows] for rows, k in zip((detections, ground_truth), keys))
    inputs = {"detections": found, "ground_truth": truth, "iou_threshold": 0.5}
    return case(name, inputs, expected, {"float64": 1e-12}, why)


def as_columns(rows, keys):
    """Return rows of three as three lists with names."""
    return dict(zip(keys, map(list, zip(*rows)))) if rows else {key: [] for key in keys}


def at(i, dx=0.0):
    """Return the i-th of boxes of 10 x 10 px in a row, moved by dx."""
    return [20.0 * i + dx, 0.0, 20.0 * i + 10 + dx, 10.0]


def found_of_ten(right, wrong):
    """Return ten objects, and detections of which the best are right and the rest are nowhere."""
    scores = [(64 - i) / 64 for i in range(right + wrong)]
    detections = [[at(i), 1, scores[i]] for i in range(right)]
    detections += [[at(100 + i), 1, scores[right + i]] for i in range(wrong)]
    return [detections], [[[at(i), 1, False] for i in range(10)]]


def irregular():
    """Return four images of three classes: most objects found, more or less well, and some inventions."""
    noise, detections, truth, ranks = Noise(17), [], [], list(range(1, 512))
    for _ in range(4):
        objects = [[at(i), noise.whole(1, 3), False] for i in range(noise.whole(2, 6))]
        found = []
        for box, label, _ in objects:
            for _ in range(noise.whole(0, 2)):
                dx, dy, grow = (noise.whole(-60, 60) / 16 for _ in range(3))
                moved = [box[0] + dx, box[1] + dy, box[2] + dx + grow, box[3] + dy - grow / 2]
                found.append([moved, label, ranks.pop(noise.whole(0, len(ranks) - 1)) / 512])
        found.append([at(50), noise.whole(1, 3), ranks.pop(noise.whole(0, len(ranks) - 1)) / 512])
        detections.append(found)
        truth.append(objects)
    return detections, truth


def make():
    """Return what goes into average_precision.json."""
    one = [[[at(0), 1, False]]]
    near = [[[0.0, 0.0, 10.0, 10.0], 1, False], [[4.0, 0.0, 14.0, 10.0], 1, False]]
    between = [[[1.0, 0.0, 11.0, 10.0], 1, 0.75], [[1.5, 0.0, 11.5, 10.0], 1, 0.5]]
    return {
        "what": "average precision by class and its mean; left_out: classes without an object that counts",
        "source": "VOCevaldet.m of the VOC devkit (2007 and 2010), pycocotools cocoeval.py",
        "units": "boxes xyxy in pixels, continuous (no + 1); labels from 1; voc07: recalls i / 10; coco: 10 thresholds",
        "cases": [
            ap_case("a recall of exactly 0.3", *found_of_ten(3, 2), why="0, 0.1, 0.2 and 0.3 count"),
            ap_case("a recall of exactly 0.6", *found_of_ten(6, 2)),
            ap_case("a recall of exactly 0.7", *found_of_ten(7, 0)),
            ap_case("everything found", *found_of_ten(10, 0)),
            ap_case("nothing right", *found_of_ten(0, 3)),
            ap_case("no detections", *found_of_ten(0, 0)),
            ap_case("wrong ones first", [[[at(100), 1, 0.75], [at(0), 1, 0.5], [at(101), 1, 0.25], [at(1), 1, 0.125]]],
                    [[[at(0), 1, False], [at(1), 1, False]]], why="the dips of precision are filled"),
            ap_case("a duplicate is wrong", [[[at(0), 1, 0.75], [at(0, 0.5), 1, 0.5], [at(1), 1, 0.25]]],
                    [[[at(0), 1, False], [at(1), 1, False]]]),
            ap_case("difficult objects neither count nor hurt",
                    [[[at(0), 1, 0.875], [at(0, 0.5), 1, 0.75], [at(1), 1, 0.5]]],
                    [[[at(0), 1, True], [at(1), 1, False], [at(2), 1, True]]], VOC),
            ap_case("a class with difficult objects only", [[[at(0), 1, 0.5], [at(1), 2, 0.5]]],
                    [[[at(0), 1, True], [at(1), 2, False]]], VOC, "left out of the mean, and neither 0 nor 1"),
            ap_case("a class without objects", [[[at(0), 1, 0.5], [at(1), 2, 0.75]]], one,
                    why="left out of the mean, however many detections it has"),
            ap_case("no class that counts", [[[at(0), 1, 0.5]]], [[]], why="there is no mean"),
            ap_case("images without objects and without detections", [[], [[at(0), 1, 0.5]], [[at(0), 1, 0.75]], []],
                    [[[at(0), 1, False]], [[at(0), 1, False]], [], []]),
            ap_case("exactly at the threshold", [[[[0.0, 0.0, 10.0, 5.0], 1, 0.5]]], one, VOC,
                    "IoU 0.5 fits: the devkit has >=; amdegroot, ChainerCV and sgrvinod have >"),
            ap_case("below the threshold, but not with + 1", [[[[0.0, 0.0, 4.0, 1.875], 1, 0.5]]],
                    [[[[0.0, 0.0, 4.0, 4.0], 1, False]]], VOC, "IoU 0.469; with + 1 it is 0.575"),
            ap_case("equal scores: the earlier image first", [[[at(0), 1, 0.5]], [[at(9), 1, 0.5]], []],
                    [[[at(0), 1, False]], [], [[at(0), 1, False]]], why="the right one is in the earlier image"),
            ap_case("equal scores: the earlier row first", [[[at(0), 1, 0.5], [at(9), 1, 0.5], [at(8), 1, 0.5]]],
                    [[[at(0), 1, False], [at(1), 1, False]]], why="the right one is the first row"),
            ap_case("the best object is taken", [between], [near],
                    why="VOC calls the second detection wrong; COCO gives it the object that is free"),
            ap_case("irregular", *irregular()),
        ],
    }  # fmt: skip
