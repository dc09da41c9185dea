"""L2 normalization with its gradient, also at a cell of zeros."""

from tests.golden.cases.common import Noise, case
from tests.golden.rules.l2norm import EPSILON, l2norm, l2norm_backward


def norm_case(name, x, scale, dout, why=None):
    """Return a case."""
    dx, dscale = l2norm_backward(dout, x, scale)
    inputs = {"epsilon": EPSILON, "x": x, "scale": scale, "dout": dout}
    return case(name, inputs, {"out": l2norm(x, scale), "dx": dx, "dscale": dscale}, why=why)


def make():
    """Return what goes into l2norm.json."""
    noise = Noise(4)
    return {
        "what": "each cell divided by the length of its channels and multiplied by a scale for each channel",
        "source": "paper section 3.1 (conv4_3); Caffe normalize_layer.cpp: length = sqrt(sum of squares + epsilon)",
        "units": "x, out, dout, dx (N, H, W, C); scale, dscale (C,)",
        "cases": [
            norm_case("3 and 4", [[[[3.0, 4.0]]]], [20.0, 10.0], [[[[1.0, 0.0]]]]),
            norm_case("a cell of zeros", [[[[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]]]], [20.0, 20.0, 20.0],
                      [[[[1.0, -1.0, 0.5], [1.0, -1.0, 0.5]]]], "with epsilon outside the root its gradient is NaN"),
            norm_case("irregular", noise.array((2, 2, 3, 4)), noise.array((4,), 8, 24, 4), noise.array((2, 2, 3, 4))),
        ],
    }  # fmt: skip
