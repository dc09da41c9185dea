"""Convolutions with their gradients: padding, stride, dilation, 1 x 1, and sides that differ."""

from tests.golden.cases.common import Noise, case
from tests.golden.rules.conv2d import conv2d, conv2d_backward, output_size


def conv_case(name, x_shape, weight_shape, stride=1, padding=0, dilation=1, why=None):
    """Return a case on irregular numbers, all multiples of 1/4."""
    noise = Noise(sum(x_shape) + 31 * sum(weight_shape) + stride)
    x, weight, bias = (noise.array(shape, -2, 2, 4) for shape in (x_shape, weight_shape, weight_shape[3:]))
    size = output_size(x, weight, stride, padding, dilation)
    dout = noise.array((x_shape[0], *size, weight_shape[3]), -2, 2, 4)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    out = conv2d(x, weight, bias, *options.values())
    dx, dweight, dbias = conv2d_backward(dout, x, weight, *options.values())
    inputs = {**options, "x": x, "weight": weight, "bias": bias, "dout": dout}
    expected = {"out": out, "dx": dx, "dweight": dweight, "dbias": dbias}
    return case(name, inputs, expected, {"float32": 1e-5, "float64": 1e-12}, why)


def make():
    """Return what goes into convolution.json."""
    return {
        "what": "convolution (a correlation: the kernel is not turned round), and its gradients for a given dout",
        "source": "paper section 2.1; Caffe conv_layer.cpp",
        "units": "x, dx (N, H, W, C_in); weight, dweight (kh, kw, C_in, C_out); out, dout (N, H', W', C_out)",
        "cases": [
            conv_case("3 x 3, padding 1", (1, 5, 4, 2), (3, 3, 2, 3), padding=1),
            conv_case("two images, no padding", (2, 4, 5, 1), (3, 3, 1, 2)),
            conv_case("stride 2, padding 1", (1, 6, 5, 2), (3, 3, 2, 2), 2, 1, why="conv8_2: 19 to 10, and 10 to 5"),
            conv_case("dilation 2, padding 2", (1, 5, 5, 2), (3, 3, 2, 2), 1, 2, 2),
            conv_case(
                "dilation 6, padding 6", (1, 7, 7, 1), (3, 3, 1, 1), 1, 6, 6, "conv6; here most taps see zeros only"
            ),
            conv_case("1 x 1", (1, 2, 3, 4), (1, 1, 4, 3)),
            conv_case("4 x 4, padding 1, to one cell", (1, 2, 2, 2), (4, 4, 2, 2), 1, 1, why="conv12_2 of SSD512"),
            conv_case("kernel of 3 rows and 2 columns", (1, 4, 4, 1), (3, 2, 1, 2), why="rows and columns swapped"),
        ],
    }
