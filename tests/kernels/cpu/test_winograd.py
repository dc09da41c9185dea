"""winograd: its identity in exact fractions, and 3x3 convolutions that use it against the reference."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numpyssd.kernels import cpu, reference
from numpyssd.kernels.cpu import conv2d
from numpyssd.kernels.cpu.conv import winograd, winograd_dweight, winograd_forward
from numpyssd.kernels.cpu.conv2d import MIN_CHANNELS
from numpyssd.kernels.cpu.runtime import threads

HALF = Fraction(1, 2)
SIZES = {
    "F(4,3) as used": (winograd.TILE, winograd.KERNEL, winograd.POINTS),
    "F(2,3)": (2, 3, (0, 1, -1)),
    "F(6,3)": (6, 3, (0, 1, -1, 2, -2, HALF, -HALF)),
    "F(3,2), points without a pattern": (3, 2, (5, -7, Fraction(1, 3))),
    "F(1,1), infinity alone": (1, 1, ()),
}


@pytest.mark.parametrize(("outputs", "kernel", "points"), SIZES.values(), ids=SIZES.keys())
def test_identity_holds_exactly(outputs, kernel, points, rng):
    a, g, b = winograd.cook_toom(outputs, kernel, points)
    count = outputs + kernel - 1
    assert [np.shape(m) for m in (a, g, b)] == [(count, outputs), (count, kernel), (count, count)]
    d, g_1d = ([Fraction(int(n), 7) for n in rng.integers(-99, 99, k)] for k in (count, kernel))
    values = [
        sum(x * y for x, y in zip(g_row, g_1d)) * sum(x * y for x, y in zip(b_row, d)) for g_row, b_row in zip(g, b)
    ]
    for i in range(outputs):
        assert sum(a[p][i] * values[p] for p in range(count)) == sum(d[i + k] * g_1d[k] for k in range(kernel))


def test_golden_matrices_of_lavin_and_gray():
    # Lavin, Gray (CVPR 2016), F(2x2, 3x3): our B is their B^T; the signs of a row of it and of G may change together.
    a, g, b = winograd.cook_toom(2, 3, (0, 1, -1))
    assert np.array_equal(a, [[1, 0], [1, 1], [1, -1], [0, 1]])
    assert np.array_equal(g, [[-1, 0, 0], [HALF, HALF, HALF], [HALF, -HALF, HALF], [0, 0, 1]])
    assert np.array_equal(b, [[-1, 0, 1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]])


TRANSFORMS = {  # what is written out, and its matrix
    "input_transform": np.array(winograd.B),
    "output_transform": np.transpose(winograd.A),
    "gradient_transform": np.array(winograd.A),
    "weight_transform": np.array(winograd.G),
    "weight_gradient_transform": np.transpose(winograd.G),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_are_their_matrices(name, rng):
    function, matrix = getattr(winograd, name), TRANSFORMS[name]
    rows = rng.standard_normal((matrix.shape[1], 8))
    found = getattr(function, "py_func", function)(*rows)  # as plain Python: inner functions have no other way in
    np.testing.assert_allclose(found, matrix @ rows, rtol=1e-13, atol=1e-13)


def compare(shape, channels_out, padding=1, dilation=1, dtype=np.float64, relu=False, seed=0):
    """Compare forward and backward with the reference in float64, for a convolution that Winograd takes."""
    rng = np.random.default_rng(seed)
    x, weight = rng.standard_normal(shape).astype(dtype), rng.standard_normal((3, 3, shape[3], channels_out))
    weight, bias = weight.astype(dtype), rng.standard_normal(channels_out).astype(dtype)
    assert conv2d.uses_winograd(weight, 1)
    exact = [array.astype(np.float64) for array in (x, weight, bias)]
    expected = reference.conv2d_forward(*exact, 1, padding, dilation, relu)
    found = cpu.conv2d_forward(x, weight, bias, 1, padding, dilation, relu)
    assert (found.shape, found.dtype) == (expected.shape, dtype)
    error = np.abs(found - expected).max(initial=0)
    assert error <= (1e-4 if dtype == np.float32 else 1e-12) * np.abs(expected).max(initial=1)
    assert not relu or (found >= 0).all()
    dout, out = rng.standard_normal(expected.shape).astype(dtype), expected.astype(dtype) if relu else None
    gradients = cpu.conv2d_backward(dout, x, weight, 1, padding, dilation, out=out)
    exact_out = None if out is None else out.astype(np.float64)
    expected = reference.conv2d_backward(dout.astype(float), *exact[:2], 1, padding, dilation, out=exact_out)
    for name, ours, theirs in zip(("dx", "dweight", "dbias"), gradients, expected, strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, dtype), name
        error, size = np.linalg.norm(ours - theirs), np.linalg.norm(theirs)
        assert error <= (1e-3 if dtype == np.float32 else 1e-12) * size, name


CASES = {
    #                           N   H   W   in   out  padding dilation
    "one pixel": ((1, 1, 1, 16), 16, 1, 1),
    "one row": ((1, 1, 9, 20), 50, 1, 1),
    "one column": ((1, 9, 1, 17), 33, 1, 1),
    "no padding, one output": ((1, 3, 3, 20), 17, 0, 1),
    "no padding, several images": ((3, 7, 10, 17), 33, 0, 1),
    "padding 2": ((2, 4, 6, 16), 100, 2, 1),
    "padding 3, dx by im2col": ((2, 5, 2, 20), 19, 3, 1),
    "dilation 2": ((2, 9, 5, 17), 33, 2, 2),
    "dilation 2, no padding": ((1, 5, 12, 16), 20, 0, 2),
    "dilation 2, padding 5, dx by im2col": ((1, 3, 4, 24), 16, 5, 2),
    "dilation 6 as conv6": ((1, 19, 19, 20), 50, 6, 6),
    "dilation 6, all but the middle in the padding": ((2, 3, 2, 16), 17, 6, 6),
    "dilation 6, padding 1": ((1, 13, 11, 16), 16, 1, 6),
    "more channels than a block": ((2, 3, 5, 150), 270, 1, 1),
    "no image": ((0, 5, 4, 20), 50, 1, 1),
}


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_equals_reference(case, dtype, relu):
    compare(*case, dtype=dtype, relu=relu)


@pytest.mark.parametrize("size", range(1, 14))
def test_any_rest_after_whole_tiles(size):
    compare((2, size, 14 - size, 16), 19)


# Too slow for Hypothesis is only a first run, which compiles: on a Raspberry Pi, or under qemu (make check-arm).
@given(data=st.data())
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_any_geometry(data):
    def draw(low, high):
        return data.draw(st.integers(low, high))

    padding, dilation, wide = draw(0, 5), draw(1, 3), MIN_CHANNELS
    least = max(1, 2 * dilation + 1 - 2 * padding)
    shape = draw(0, 3), draw(least, 14), draw(least, 14), draw(wide, 3 * wide + 3)
    compare(shape, draw(wide, 3 * wide + 3), padding, dilation, relu=data.draw(st.booleans()), seed=draw(0, 1000))


@pytest.mark.parametrize("tiles", [1, 3])
@pytest.mark.parametrize("jobs", [1, 5, 100])
def test_right_however_the_work_is_cut(tiles, jobs, monkeypatch):
    # Without this a small test would make one strip, one group of columns, one block and one part of the sums.
    wide, counts = MIN_CHANNELS, []
    for name, value in (("STRIP_FLOATS", 1), ("MIN_TILES", tiles), ("MAX_TILES", tiles), ("JOBS", jobs)):
        monkeypatch.setattr(winograd_forward, name, value)
    for name, value in (("STRIP", tiles), ("MIN_TILES", tiles), ("BLOCK", (wide + 3, 2 * wide)), ("JOBS", jobs)):
        monkeypatch.setattr(winograd_dweight, name, value)
    for module in (winograd_forward, winograd_dweight):
        monkeypatch.setattr(module, "parallel", lambda work, n: [counts.append(n), threads.parallel(work, n)])
    channels_in, channels_out = 3 * wide + 1, 6 * wide + 5  # with rests that are too narrow for a vector
    winograd_forward._cut.cache_clear()  # of cuts by the other constants
    compare((2, 6, 9, channels_in), channels_out, relu=True)  # 2 x 3 tiles an image
    winograd_forward._cut.cache_clear()
    strips, groups, blocks = -(-12 // tiles), {1: 1, 5: 1, 100: 3}[jobs], 2 * 3
    assert counts[0] >= strips * groups  # forward
    assert counts[1] >= blocks * (1 if jobs == 1 else min(strips, jobs // blocks))  # dweight: blocks and parts


@pytest.mark.parametrize(("channels", "size"), [(64, 10), (128, 7), (256, 6), (512, 5)])
def test_float32_is_good_enough_with_the_channels_of_vgg(channels, size):
    compare((1, size, size, channels), channels, dtype=np.float32)


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_reach_what_depends_on_them(value, dilation, rng):
    # They also reach the rest of their tiles, which is no harm: training stops there. Further on they must not come.
    near = 0, slice(9 - dilation, 10 + dilation, dilation), slice(6 - dilation, 7 + dilation, dilation)
    x, weight = rng.standard_normal((2, 24, 24, 16)), rng.standard_normal((3, 3, 16, 20))
    x[0, 9, 6, 3] = value
    for relu in (False, True) if np.isnan(value) else (False,):  # the ReLU of -infinity is 0
        out = cpu.conv2d_forward(x, weight, np.zeros(20), 1, dilation, dilation, relu)
        assert not np.isfinite(out[near]).any()
        assert np.isfinite(out[1]).all()
        assert np.isfinite(out[0, :, 15 + dilation :]).all()
    dout = np.ones(out.shape)
    dout[0, 9, 6, 3] = value
    dx, dweight, dbias = cpu.conv2d_backward(dout, np.ones_like(x), weight, 1, dilation, dilation)
    assert not np.isfinite(dx[near]).any()
    assert np.isfinite(np.delete(dweight, 3, axis=3)).all()
    assert not np.isfinite(dweight[..., 3]).any()
    assert not np.isfinite(dbias[3])
