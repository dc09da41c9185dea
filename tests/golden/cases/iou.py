"""Pairs of boxes and their overlap."""

from tests.golden.cases.common import EXACT, USUAL, case, sixteenths
from tests.golden.rules.boxes import iou


def iou_case(name, a, b, tolerance=USUAL, why=None):
    """Return a case of all boxes a against all boxes b."""
    return case(name, {"a": a, "b": b}, {"iou": [[iou(one, other) for other in b] for one in a]}, tolerance, why)


def make():
    """Return what goes into iou.json."""
    square = sixteenths((0, 0, 8, 8))
    return {
        "what": "intersection over union of each box of a (rows) with each of b (columns)",
        "source": "paper section 2.2 (jaccard overlap); pixel i covers [i, i + 1), so there is no + 1",
        "units": "xyxy, any unit",
        "cases": [
            iou_case("apart, touching, inside, half, equal", square, sixteenths(
                (9, 9, 12, 12), (8, 0, 16, 8), (2, 2, 6, 6), (0, 0, 8, 4), (0, 0, 8, 8)), EXACT),
            iou_case("in pixels: the same boxes, the same overlap", [[0.0, 0.0, 4.0, 4.0]],
                     [[0.0, 0.0, 4.0, 2.0], [3.0, 3.0, 7.0, 7.0]], why="with + 1 they are 0.6 and 0.087"),
            iou_case("a box without area overlaps nothing, not even itself", sixteenths((4, 4, 4, 8), (0, 0, 0, 0)),
                     [*square, *sixteenths((4, 4, 4, 8), (0, 0, 0, 0))], EXACT, "0 / 0 must not become NaN"),
            iou_case("an inverted box overlaps nothing", sixteenths((8, 8, 2, 2), (8, 0, 2, 8)), square, EXACT,
                     "two negative sides make a positive area"),
            iou_case("no boxes", [], square, EXACT),
        ],
    }  # fmt: skip
