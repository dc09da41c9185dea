"""Non-maximum suppression: ties, an overlap of exactly the threshold, boxes without area, top_k."""

from tests.golden.cases.common import EXACT, Noise, case, sixteenths
from tests.golden.rules.nms import nms


def nms_case(name, boxes, scores, iou_threshold=0.45, top_k=None, why=None):
    """Return a case with the indices that stay, best first."""
    inputs = {"boxes": boxes, "scores": scores, "iou_threshold": iou_threshold, "top_k": top_k}
    return case(name, inputs, {"keep": nms(**inputs)}, EXACT, why)


def crowd(seed, count):
    """Return boxes on a few heaps, and scores of which no two are equal."""
    noise, boxes = Noise(seed), []
    for i in range(count):
        x, y = 0.25 * (i % 3) + noise.whole(0, 16) / 128, 0.25 * (i % 2) + noise.whole(0, 16) / 128
        boxes.append([x, y, x + noise.whole(20, 40) / 128, y + noise.whole(20, 40) / 128])
    return boxes, [(i * 37 % 64) / 64 for i in range(count)]


def make():
    """Return what goes into nms.json."""
    heap = sixteenths((0, 0, 8, 8), (0, 1, 8, 9), (8, 8, 16, 16))
    chain = sixteenths((0, 0, 8, 8), (3, 0, 11, 8), (6, 0, 14, 8))
    return {
        "what": "indices of the boxes that survive greedy suppression, best first",
        "source": "Caffe ApplyNMSFast in bbox_util.cpp; paper section 3.7",
        "units": "boxes xyxy, any unit; a box goes if its IoU with a kept one is greater than iou_threshold",
        "cases": [
            nms_case("the better of two", heap, [0.5, 0.75, 0.25]),
            nms_case("equal scores: the lower index", heap, [0.5, 0.5, 0.5]),
            nms_case("equal scores, listed the other way round", heap[::-1], [0.5, 0.5, 0.5],
                     why="an unstable sort, or one that is turned round, keeps the other one"),
            nms_case("exactly at the threshold", sixteenths((0, 0, 8, 8), (0, 0, 8, 4), (8, 8, 16, 16)),
                     [0.75, 0.5, 0.25], 0.5, why="IoU 0.5 stays at 0.5: > and not >="),
            nms_case("exactly 9 / 20", [[0.0, 0.0, 20.0, 1.0], [0.0, 0.0, 9.0, 1.0], [0.0, 0.0, 10.0, 1.0]],
                     [0.75, 0.5, 0.25], why="IoU 0.45 stays; 0.5 goes, though only by the first box"),
            nms_case("a removed box removes nobody", chain, [0.75, 0.5, 0.25],
                     why="the first removes the second, which would have removed the third"),
            nms_case("the middle of the chain is the best", chain, [0.5, 0.75, 0.25]),
            nms_case("boxes without area", sixteenths((4, 4, 4, 8), (4, 4, 4, 8), (4, 4, 4, 4), (0, 0, 8, 8)),
                     [0.5, 0.5, 0.75, 0.25], why="they overlap nothing, and 0 / 0 is no reason to go"),
            nms_case("an inverted box", sixteenths((8, 8, 0, 0), (0, 0, 8, 8)), [0.75, 0.5]),
            nms_case("small boxes in units of the image", [[0.0, 0.0, 0.25, 0.25], [0.25, 0.0, 0.5, 0.25]], [0.75, 0.5],
                     why="they only touch; with + 1 their IoU is 0.67"),
            nms_case("small boxes in pixels", [[0.0, 0.0, 4.0, 4.0], [2.0, 0.0, 6.0, 4.0]], [0.75, 0.5], 0.375,
                     why="IoU 1/3; with + 1 it is 0.43"),
            nms_case("top_k cuts first", heap, [0.5, 0.75, 0.25], 0.45, 2,
                     why="the third box is cut, although suppression leaves a place"),
            nms_case("top_k with equal scores", heap[::-1], [0.5, 0.5, 0.5], 0.45, 1),
            nms_case("top_k 0", heap, [0.5, 0.75, 0.25], 0.45, 0),
            nms_case("threshold 1: nothing goes", [heap[0], heap[0]], [0.5, 0.75], 1.0, why="not even an equal box"),
            nms_case("threshold 0: whatever overlaps goes", chain, [0.75, 0.5, 0.25], 0.0),
            nms_case("no boxes", [], []),
            nms_case("forty boxes", *crowd(9, 40)),
            nms_case("forty boxes, top_k 10", *crowd(9, 40), 0.3, 10),
        ],
    }  # fmt: skip
