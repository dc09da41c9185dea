"""Matching: ties, shared default boxes, objects that nothing overlaps, and a scene; with the targets that follow."""

from tests.golden.cases.common import Noise, case, sixteenths
from tests.golden.rules.boxes import to_cxcywh
from tests.golden.rules.default_boxes import default_boxes
from tests.golden.rules.matching import match, targets


def match_case(name, objects, default, why=None, threshold=0.5):
    """Return a case; objects are xyxy, default boxes cxcywh, labels are 1, 2, ... in the order of the objects."""
    labels = list(range(1, len(objects) + 1))
    inputs = {"gt_boxes": objects, "gt_labels": labels, "default_boxes": default, "iou_threshold": threshold}
    loc, conf = targets(objects, labels, default, threshold)
    expected = {"matched": match(objects, default, threshold), "loc_targets": loc, "conf_targets": conf}
    return case(name, inputs, expected, {"float32": 2e-6, "float64": 1e-12}, why)


def default(*boxes):
    """Return default boxes cxcywh given as xyxy in sixteenths."""
    return [to_cxcywh(box) for box in sixteenths(*boxes)]


def scene():
    """Return five objects, and eighty default boxes on a 4 x 4 and a 2 x 2 map, in 1/256 of the side."""
    maps = [
        {"size": 4, "step": 16, "scale_px": 16, "next_scale_px": 30, "aspect_ratios": [2]},
        {"size": 2, "step": 32, "scale_px": 30, "next_scale_px": 50, "aspect_ratios": [2]},
    ]
    boxes = [[int(256 * value) / 256 for value in box] for box in default_boxes(64, maps)]
    noise, objects = Noise(5), []
    for _ in range(5):
        x, y = noise.fraction(0, 1, 256) * 0.75, noise.fraction(0, 1, 256) * 0.75
        objects.append([x, y, x + noise.whole(20, 120) / 256, y + noise.whole(20, 120) / 256])
    return objects, boxes


def make():
    """Return what goes into matching.json."""
    tight, loose = (0, 0, 8, 8), (3, 0, 11, 8)
    wanted_by_both = default((1, 0, 9, 8), (6, 0, 14, 8))
    both = "per-object argmax lets the last object overwrite the first, which then has no default box"
    return {
        "what": "which object each default box answers for (-1: none), and the targets for the loss",
        "source": "paper section 2.2; Caffe MatchBBox in bbox_util.cpp (bipartite, then IoU >= iou_threshold)",
        "units": "gt_boxes xyxy and default_boxes cxcywh in units of the side; targets divided by 0.1, 0.1, 0.2, 0.2",
        "cases": [
            match_case("no objects", [], default((0, 0, 8, 8), (8, 8, 16, 16)), "all background, no error"),
            match_case("the best default box is weak", sixteenths((0, 0, 4, 4)), default(
                (8, 8, 16, 16), (0, 0, 8, 8), (2, 2, 10, 10)), "an object gets a default box below the threshold"),
            match_case("exactly at the threshold", sixteenths((0, 0, 8, 8)), default(
                (0, 0, 8, 8), (0, 0, 8, 4), (0, 0, 4, 7)), "IoU 1, 0.5 and 0.4375: >= and not >"),
            match_case("two objects want one default box", sixteenths(tight, loose), wanted_by_both, both),
            match_case("two objects want one default box, the looser first", sixteenths(loose, tight), wanted_by_both,
                       "the order of the objects must not matter"),
            match_case("equal overlap: the lower default box", sixteenths((4, 4, 8, 8)), default(
                (0, 0, 1, 1), (2, 4, 6, 8), (6, 4, 10, 8)), "both IoU 1/3"),
            match_case("equal overlap: the lower object", sixteenths(tight, tight), default(
                (0, 0, 8, 8), (0, 0, 8, 7), (0, 0, 8, 6)), "the same box twice"),
            match_case("an object that nothing overlaps", sixteenths((0, 0, 4, 4), (12, 12, 16, 16)), default(
                (0, 0, 4, 5), (5, 0, 9, 4)), "the argmax of nothing but zeros is default box 0: it must not be forced"),
            match_case("an object that only touches", sixteenths((4, 0, 8, 4)), default((0, 0, 4, 4), (0, 4, 4, 8))),
            match_case("an object without width", sixteenths((4, 4, 4, 8), (0, 0, 8, 8)), default(
                (0, 0, 8, 8), (2, 2, 6, 8)), "log(0) in the targets"),
            match_case("more objects than default boxes", sixteenths((0, 0, 8, 8), (1, 0, 9, 8), (2, 0, 10, 8)),
                       default((0, 0, 8, 8), (1, 0, 9, 8))),
            match_case("the object's own default box stays its own", sixteenths((0, 0, 2, 2), (0, 0, 8, 8)), default(
                (0, 0, 8, 8), (0, 0, 7, 7)), "the other object overlaps it by 0.77, but comes too late"),
            match_case("a lower threshold", sixteenths((0, 0, 8, 8)), default((0, 0, 8, 8), (0, 0, 4, 7), (0, 0, 4, 6)),
                       "IoU 0.4375 joins, 0.375 too", 0.375),
            match_case("x and y apart", sixteenths((2, 9, 14, 11)), default((1, 9, 13, 12), (9, 2, 11, 14)),
                       "x and y swapped find the other one"),
            match_case("a scene", *scene()),
        ],
    }  # fmt: skip
