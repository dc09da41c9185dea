"""Smooth L1 around 1, and softmax cross-entropy with logits of ten thousand."""

from tests.golden.cases.common import EXACT, Noise, case
from tests.golden.rules.losses import smooth_l1, softmax, softmax_cross_entropy


def smooth_case(name, x, tolerance=EXACT, why=None):
    """Return a case of smooth L1, elementwise."""
    value, gradient = zip(*[smooth_l1(one) for one in x])
    return case(
        name, {"operation": "smooth_l1", "x": x}, {"value": list(value), "gradient": list(gradient)}, tolerance, why
    )


def entropy_case(name, logits, labels, why=None):
    """Return a case of softmax cross-entropy, row by row."""
    loss, gradient = zip(*[softmax_cross_entropy(*row) for row in zip(logits, labels)])
    expected = {"loss": list(loss), "gradient": list(gradient), "probabilities": [softmax(row) for row in logits]}
    inputs = {"operation": "softmax_cross_entropy", "logits": logits, "labels": labels}
    return case(name, inputs, expected, why=why)


def make():
    """Return what goes into losses.json."""
    bit = 2.0**-20
    return {
        "what": "the two losses and their gradients",
        "source": "paper equations 2 and 3; smooth L1: Fast R-CNN equation 3",
        "units": "smooth_l1: elementwise; softmax_cross_entropy: logits (N, C), labels (N,)",
        "cases": [
            smooth_case("zero and halves", [0.0, 0.5, -0.5, 0.25]),
            smooth_case("at and around 1", [1.0, -1.0, 1 + bit, -1 - bit, 1 - bit, bit - 1],
                        {"float32": 1e-7, "float64": 1e-15}, "|x| itself is twice as much at 1"),
            smooth_case("large", [2.0, -3.0, 1000.0, -1e6]),
            entropy_case("two equal classes", [[0.0, 0.0]], [1]),
            entropy_case("each label", [[1.0, 2.0, -1.0], [1.0, 2.0, -1.0], [1.0, 2.0, -1.0]], [0, 1, 2]),
            entropy_case("logits of ten thousand", [[1e4, -1e4, 0.0], [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], [0, 1, 2],
                         "losses 0, 20000 and log 3; not Infinity and not NaN"),
            entropy_case("one row far below another", [[10000.0, 9999.0, 9998.0], [-9998.0, -10000.0, -9999.0]], [1, 2],
                         "taking off the largest logit of the batch instead of the row makes 0 / 0 of the second"),
            entropy_case("irregular", Noise(7).array((5, 6), -8, 8), [0, 5, 2, 2, 1]),
        ],
    }  # fmt: skip
