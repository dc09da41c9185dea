"""Max pooling with its gradient: sides rounded up, ties, padding that never wins."""

from tests.golden.cases.common import EXACT, Noise, case
from tests.golden.rules.max_pooling import max_pooling, max_pooling_backward


def pool_case(name, x, size, stride, padding=0, ceil_mode=False, why=None):
    """Return a case; x is one image (H, W) or nested (N, H, W, C)."""
    if not isinstance(x[0][0], list):
        x = [[[[value] for value in row] for row in x]]
    out, winner = max_pooling(x, size, stride, padding, ceil_mode)
    dout = Noise(len(x[0])).array((len(out), len(out[0]), len(out[0][0]), len(out[0][0][0])), -2, 2, 4)
    shape = len(x), len(x[0]), len(x[0][0]), len(x[0][0][0])
    dx = max_pooling_backward(dout, winner, shape, size, stride, padding)
    inputs = {"size": size, "stride": stride, "padding": padding, "ceil_mode": ceil_mode, "x": x, "dout": dout}
    return case(name, inputs, {"out": out, "winner": winner, "dx": dx}, EXACT, why)


def make():
    """Return what goes into pooling.json."""
    noise = Noise(2)
    return {
        "what": "max pooling, the tap (row * size + column in the window) that won, and the gradient for a given dout",
        "source": "Caffe pooling_layer.cpp; paper section 3 (pool5 is 3 x 3 with stride 1)",
        "units": "x, dx (N, H, W, C); out, winner, dout (N, H', W', C)",
        "cases": [
            pool_case("2 x 2", noise.array((1, 4, 4, 2), -8, 8, 1), 2, 2),
            pool_case("an odd side, rounded up", noise.array((1, 5, 3, 2), -8, 8, 1), 2, 2, 0, True,
                      "pool3 of SSD300: 75 to 38"),
            pool_case("an odd side, rounded down", noise.array((1, 5, 3, 1), -8, 8, 1), 2, 2),
            pool_case("3 x 3, stride 1, padding 1", noise.array((1, 4, 3, 1), -8, 8, 1), 3, 1, 1, False, "pool5"),
            pool_case("equal values: the first", [[1.0] * 4] * 4, 2, 2, why="the whole gradient goes to one pixel"),
            pool_case("padding never wins", [[-3.0, -1.0], [-2.0, -4.0]], 3, 1, 1, why="padding with zeros gives 0"),
            pool_case("no window begins beyond the image", noise.array((1, 3, 3, 1), -8, 8, 1), 2, 2, 1, True,
                      "rounded up it would be 3 windows; the last would begin in the padding"),
            pool_case("windows that overlap", [[0.0, 1.0, 0.0], [2.0, 9.0, 3.0], [0.0, 4.0, 0.0]], 2, 1,
                      why="four windows send their gradient to one pixel"),
        ],
    }  # fmt: skip
