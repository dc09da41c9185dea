"""The convolutions and their gradients, on the processor, against the reference in float64."""

import numpy as np
import pytest
from checking import assert_same_bits, assert_sums, exactly, host, normal

from numpyssd.kernels import reference
from numpyssd.kernels.cuda import conv2d
from numpyssd.kernels.cuda.runtime.sums import column_sums

CASES = {
    #                              N  H  W  in out  kh kw  stride padding dilation
    "one pixel, 1x1": ((1, 1, 1, 1, 1), (1, 1), 1, 0, 1),
    "one pixel, padded": ((1, 1, 1, 2, 3), (3, 3), 1, 1, 1),
    "not square, 3 to 65 channels": ((2, 5, 7, 3, 65), (3, 3), 1, 1, 1),
    "65 to 3 channels": ((1, 4, 5, 65, 3), (3, 3), 1, 1, 1),
    "65 to 65 channels, 1x1": ((2, 6, 7, 65, 65), (1, 1), 1, 0, 1),
    "one channel to one": ((1, 6, 4, 1, 1), (3, 3), 1, 1, 1),
    "as conv6": ((1, 14, 13, 3, 2), (3, 3), 1, 6, 6),
    "conv6, all but the middle in the padding": ((1, 3, 3, 2, 2), (3, 3), 1, 6, 6),
    "as conv8_2": ((2, 9, 8, 3, 5), (3, 3), 2, 1, 1),
    "3x3 to one pixel": ((2, 3, 3, 4, 2), (3, 3), 1, 0, 1),
    "2x2, stride over kernel": ((1, 9, 11, 2, 2), (2, 2), 5, 0, 1),
    "1x1 with stride and dilation": ((2, 7, 6, 3, 3), (1, 1), 2, 0, 6),
    "4x4": ((2, 6, 5, 4, 3), (4, 4), 1, 1, 1),
    "5x5, stride 2": ((1, 11, 9, 3, 6), (5, 5), 2, 2, 1),
    "stride 3, dilation 2, padding 2": ((1, 8, 9, 3, 2), (3, 3), 3, 2, 2),
    "padding over kernel": ((1, 2, 3, 1, 2), (2, 2), 1, 3, 1),
    "a kernel that is not square": ((2, 5, 6, 2, 3), (1, 3), 1, 0, 2),
    "rows of input that no window sees": ((1, 8, 8, 2, 2), (2, 2), 3, 0, 1),
    "64 pixels and 64 channels to the point": ((1, 8, 8, 16, 64), (1, 1), 1, 0, 1),
    "several parts of pixels": ((2, 27, 26, 2, 3), (3, 3), 1, 1, 1),
    "no image": ((0, 5, 4, 3, 2), (3, 3), 1, 1, 1),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def arrays(case, rng):
    """Return x, weight, bias and the geometry of a case."""
    (n, height, width, c_in, c_out), kernel, *geometry = case
    return *normal(rng, (n, height, width, c_in), (*kernel, c_in, c_out), (c_out,)), geometry


@pytest.mark.parametrize("forward", [conv2d.conv2d_forward, conv2d.conv2d_forward_plain], ids=["tile", "plain"])
@pytest.mark.parametrize("fused", [False, True], ids=["sums", "scale and relu"])
@each_case
def test_forward(gpu, rng, case, forward, fused):
    x, weight, bias, geometry = arrays(case, rng)
    more = {"relu": True, "scale": normal(rng, bias.shape)[0]} if fused else {}
    out = host(forward(x, weight, bias, *geometry, **more))
    also = {"relu": True, "scale": more["scale"].astype(np.float64)} if fused else {}
    exact = reference.conv2d_forward(*exactly(x, weight, bias), *geometry, **also)
    sizes = {"scale": abs(also["scale"])} if fused else {}
    magnitudes = reference.conv2d_forward(*map(abs, exactly(x, weight, bias)), *geometry, **sizes)
    assert_sums(out, exact, magnitudes, weight[..., 0].size)


@pytest.mark.parametrize("forward", [conv2d.conv2d_forward, conv2d.conv2d_forward_plain], ids=["tile", "plain"])
def test_without_a_bias_nothing_is_added(gpu, rng, forward):
    x, weight, bias, geometry = arrays(CASES["not square, 3 to 65 channels"], rng)
    assert_same_bits(host(forward(x, weight, None, *geometry)), host(forward(x, weight, 0 * bias, *geometry)))


@pytest.mark.parametrize("after_relu", [False, True], ids=["plain", "after relu"])
@each_case
def test_gradients(gpu, rng, case, after_relu):
    x, weight, bias, geometry = arrays(case, rng)
    out = reference.conv2d_forward(x, weight, bias, *geometry, relu=True)
    (dout,) = normal(rng, out.shape)
    out = out if after_relu else None
    dx, dweight, dbias = host(conv2d.conv2d_backward(dout, x, weight, *geometry, out=out))
    exact = reference.conv2d_backward(*exactly(dout, x, weight), *geometry, out=exactly(out)[0])
    magnitudes = reference.conv2d_backward(*map(abs, exactly(dout, x, weight)), *geometry, out=exactly(out)[0])
    pixels = max(1, dout.size // dout.shape[3])
    terms = weight[..., 0, :].size, pixels, pixels
    for ours, theirs, magnitude, count in zip((dx, dweight, dbias), exact, magnitudes, terms):
        assert_sums(ours, theirs, magnitude, count)


def test_no_gradient_of_the_input_where_nobody_needs_it(gpu, rng):
    x, weight, dout = normal(rng, (1, 4, 4, 2), (3, 3, 2, 3), (1, 4, 4, 3))
    dx, *rest = host(conv2d.conv2d_backward(dout, x, weight, 1, 1, need_dx=False))
    assert dx is None
    assert "conv2d_input_gradient_kernel" not in gpu.launches
    for ours, same in zip(rest, host(conv2d.conv2d_backward(dout, x, weight, 1, 1))[1:]):
        assert_same_bits(ours, same)


@pytest.mark.parametrize("forward", [conv2d.conv2d_forward, conv2d.conv2d_forward_plain], ids=["tile", "plain"])
def test_a_nan_reaches_every_window_it_lies_in_and_no_other(gpu, rng, forward):
    x, weight, bias = normal(rng, (1, 9, 9, 2), (3, 3, 2, 3), (3,))
    x[0, 4, 4, 1] = np.nan
    for relu in (False, True):
        ours = host(forward(x, weight, bias, 1, 1, relu=relu))
        theirs = reference.conv2d_forward(x, weight, bias, 1, 1, relu=relu)
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))


def test_sums_of_columns(gpu, rng):
    for shape in ((1, 1), (5, 3), (256, 33), (257, 65), (1030, 2), (0, 4), (2, 3, 4, 5)):
        (a,) = normal(rng, shape)
        axes = tuple(range(a.ndim - 1))
        exact, magnitudes = (values.astype(np.float64).sum(axis=axes) for values in (a, abs(a)))
        assert_sums(host(column_sums(a)), exact, magnitudes, a.size // shape[-1])
