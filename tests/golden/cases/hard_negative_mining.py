"""Mined negatives: ties, too few, no positives, and images that must not borrow from each other."""

from tests.golden.cases.common import EXACT, Noise, case
from tests.golden.rules.hard_negative_mining import hard_negatives


def mining_case(name, loss, positive, ratio=3, why=None):
    """Return a case; ``positive`` is written as 0 and 1 for short."""
    positive = [[bool(value) for value in row] for row in positive]
    negative = hard_negatives(loss, positive, ratio)
    return case(name, {"loss": loss, "positive": positive, "ratio": ratio}, {"negative": negative}, EXACT, why)


def make():
    """Return what goes into hard_negative_mining.json."""
    noise = Noise(11)
    return {
        "what": "the negatives that take part in the loss, image by image",
        "source": "paper section 2.2; Caffe MineHardExamples in bbox_util.cpp (MAX_NEGATIVE, neg_pos_ratio 3)",
        "units": "loss (N, K): cross-entropy towards background; positive, negative (N, K)",
        "cases": [
            mining_case("three for one positive", [[0.5, 9.0, 2.0, 0.25, 3.0, 1.0]], [[0, 1, 0, 0, 0, 0]],
                        why="the positive has the largest loss and is not a negative"),
            mining_case("image by image", [[0.5, 0.25, 0.125, 1.0, 2.0, 0.75], [8.0, 9.0, 7.0, 6.0, 5.0, 4.0]],
                        [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]],
                        why="over the whole batch the second image would give five of the six"),
            mining_case("equal losses: the lower index", [[1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0]],
                        [[1, 0, 0, 0, 0, 0, 0]]),
            mining_case("nothing but equal losses", [[0.0] * 8], [[0, 0, 1, 0, 0, 0, 0, 0]]),
            mining_case("too few negatives", [[4.0, 3.0, 2.0, 1.0]], [[1, 1, 0, 0]],
                        why="all of them, once; and no positive a second time"),
            mining_case("no negatives", [[4.0, 3.0]], [[1, 1]]),
            mining_case("no positives", [[4.0, 3.0, 2.0]], [[0, 0, 0]], why="none, and not a minimum either"),
            mining_case("one image without positives", [[4.0, 3.0, 2.0], [1.0, 3.0, 2.0]], [[0, 0, 0], [1, 0, 0]]),
            mining_case("ratio 1", [[4.0, 1.0, 3.0, 2.0]], [[1, 0, 0, 0]], 1),
            mining_case("ratio 0", [[4.0, 1.0, 3.0, 2.0]], [[1, 0, 0, 0]], 0),
            mining_case("three images of twenty", noise.array((3, 20), 0, 8, 16),
                        [[noise.whole(0, 9) == 0 for _ in range(20)] for _ in range(3)]),
        ],
    }  # fmt: skip
