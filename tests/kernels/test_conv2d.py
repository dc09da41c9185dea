"""conv2d: the reference against its definition, cpu against the reference, and every gradient by differences."""

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.kernels import cpu, reference
from numpyssd.kernels.cpu.conv import im2col, im2col_dweight

CASES = {
    #                         N  H   W   in out  kh kw  stride padding dilation
    "one pixel, 1x1": ((1, 1, 1, 1, 1), (1, 1), 1, 0, 1),
    "one pixel, padded": ((1, 1, 1, 2, 3), (3, 3), 1, 1, 1),
    "as conv1_1": ((2, 5, 7, 3, 8), (3, 3), 1, 1, 1),
    "as conv6": ((1, 14, 13, 3, 2), (3, 3), 1, 6, 6),
    "conv6, all but the middle in the padding": ((1, 3, 3, 2, 2), (3, 3), 1, 6, 6),
    "as conv8_2": ((2, 9, 8, 3, 5), (3, 3), 2, 1, 1),
    "as conv11_2, 3x3 to one pixel": ((2, 3, 3, 4, 2), (3, 3), 1, 0, 1),
    "as conv12_2 of SSD512": ((1, 2, 2, 3, 4), (4, 4), 1, 1, 1),
    "4x4": ((2, 6, 5, 4, 3), (4, 4), 1, 1, 1),
    "1x1 as conv7": ((2, 4, 3, 5, 3), (1, 1), 1, 0, 1),
    "1x1, padded": ((1, 3, 2, 2, 3), (1, 1), 1, 1, 1),
    "1x1 with stride and dilation": ((2, 7, 6, 3, 3), (1, 1), 2, 0, 6),
    "stride over kernel": ((1, 9, 11, 2, 2), (2, 2), 5, 0, 1),
    "stride 3, dilation 2, padding 2": ((1, 8, 9, 3, 2), (3, 3), 3, 2, 2),
    "padding over kernel": ((1, 2, 3, 1, 2), (2, 2), 1, 3, 1),
    "a kernel that is not square": ((2, 5, 6, 2, 3), (1, 3), 1, 0, 2),
    "one channel in and out": ((1, 6, 4, 1, 1), (3, 3), 1, 1, 1),
    "odd numbers of channels": ((1, 4, 4, 17, 9), (3, 3), 1, 1, 1),
    "no image": ((0, 5, 4, 3, 2), (3, 3), 1, 1, 1),
    "no image, 1x1": ((0, 5, 4, 3, 2), (1, 1), 1, 0, 1),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def arrays(case, rng, dtype=np.float64):
    """Return x, weight, bias and the geometry of a case."""
    (n, height, width, c_in, c_out), kernel, *geometry = case
    shapes = (n, height, width, c_in), (*kernel, c_in, c_out), (c_out,)
    return *(rng.standard_normal(shape).astype(dtype) for shape in shapes), geometry


def by_loops(x, weight, bias, stride, padding, dilation):
    """The definition: each output value is a sum over kernel positions and channels, with zero outside the image."""
    images, height, width, c_in = x.shape
    kh, kw, _, c_out = weight.shape
    rows = (height + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    columns = (width + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    out = np.zeros((images, rows, columns, c_out))
    for n, row, column, o in np.ndindex(out.shape):
        total = bias[o]
        for i, j, c in np.ndindex(kh, kw, c_in):
            y, left = row * stride - padding + i * dilation, column * stride - padding + j * dilation
            if 0 <= y < height and 0 <= left < width:
                total += x[n, y, left, c] * weight[i, j, c, o]
        out[n, row, column, o] = total
    return out


def close(actual, expected, dtype):
    """Compare to the precision of the type, relative to the largest value (sums of mixed signs cancel)."""
    assert actual.shape == expected.shape
    assert actual.dtype == dtype
    largest = np.abs(expected).max(initial=1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=largest * (1e-5 if dtype == np.float32 else 1e-14))


@each_case
def test_reference_is_its_definition(case, rng):
    x, weight, bias, geometry = arrays(case, rng)
    close(reference.conv2d_forward(x, weight, bias, *geometry), by_loops(x, weight, bias, *geometry), np.float64)


@each_dtype
@each_case
def test_cpu_equals_reference(case, dtype, rng):
    x, weight, bias, geometry = arrays(case, rng, dtype)
    out = reference.conv2d_forward(x, weight, bias, *geometry)
    close(cpu.conv2d_forward(x, weight, bias, *geometry), out, dtype)
    dout = rng.standard_normal(out.shape).astype(dtype)
    expected = reference.conv2d_backward(dout, x, weight, *geometry)
    for ours, theirs in zip(cpu.conv2d_backward(dout, x, weight, *geometry), expected, strict=True):
        close(ours, theirs, dtype)


@pytest.mark.parametrize("case", [case for case in CASES.values() if case[0][0] > 0], ids=str)
def test_gradient(case, backend, rng):
    x, weight, bias, geometry = arrays(case, rng)
    dout = rng.standard_normal(backend.conv2d_forward(x, weight, bias, *geometry).shape)
    gradients = backend.conv2d_backward(dout, x, weight, *geometry)

    def value(x, weight, bias):
        return float((backend.conv2d_forward(x, weight, bias, *geometry) * dout).sum())

    assert_gradient(value, [x, weight, bias], gradients, rng)


@pytest.mark.parametrize("channels", [3, 16], ids=["im2col", "Winograd"])
@pytest.mark.parametrize("scaled", [False, True])
def test_without_a_bias_nothing_is_added(channels, scaled, backend, rng):
    x, weight = rng.standard_normal((2, 5, 6, channels)), rng.standard_normal((3, 3, channels, channels))
    scale = rng.uniform(0.5, 2, channels) if scaled else None
    out = backend.conv2d_forward(x, weight, None, padding=1, scale=scale)
    expected = backend.conv2d_forward(x, weight, np.zeros(channels), padding=1, scale=scale)
    np.testing.assert_array_equal(out, expected)
    assert np.abs(out).max() > 1


def test_gradients_of_no_image_are_zero(backend):
    x, weight = np.zeros((0, 5, 4, 3), np.float32), np.ones((3, 3, 3, 2), np.float32)
    dx, dweight, dbias = backend.conv2d_backward(np.zeros((0, 5, 4, 2), np.float32), x, weight, padding=1)
    assert dx.shape == x.shape
    np.testing.assert_array_equal(dweight, np.zeros(weight.shape))
    np.testing.assert_array_equal(dbias, np.zeros(2))


def test_golden_correlation(backend):
    # By hand: the kernel is not flipped, so every output is 1 * (upper left) - 1 * (lower right) + 10 = 10 - 4.
    x = np.arange(1, 10, dtype=np.float32).reshape(1, 3, 3, 1)
    weight = np.array([[1, 0], [0, -1]], np.float32).reshape(2, 2, 1, 1)
    out = backend.conv2d_forward(x, weight, np.array([10], np.float32))
    np.testing.assert_array_equal(out.reshape(2, 2), [[6, 6], [6, 6]])
    # One output pixel has the gradient 1: dx is the kernel at its place, dweight the pixels under it, dbias 1.
    dout = np.array([[0, 1], [0, 0]], np.float32).reshape(1, 2, 2, 1)
    dx, dweight, dbias = backend.conv2d_backward(dout, x, weight)
    np.testing.assert_array_equal(dx.reshape(3, 3), [[0, 1, 0], [0, 0, -1], [0, 0, 0]])
    np.testing.assert_array_equal(dweight.reshape(2, 2), [[2, 3], [5, 6]])
    np.testing.assert_array_equal(dbias, [1])


def test_golden_dilation(backend):
    # By hand: with dilation 6 and padding 6, as in conv6, the kernel reaches the corners of 13 x 13 pixels.
    x = np.zeros((1, 13, 13, 1), np.float32)
    x[0, ::12, ::12, 0] = [[1, 2], [3, 4]]
    x[0, 6, 6, 0] = 5
    weight = np.zeros((3, 3, 1, 1), np.float32)
    weight[::2, ::2, 0, 0] = [[1, 10], [100, 1000]]
    out = backend.conv2d_forward(x, weight, np.zeros(1, np.float32), padding=6, dilation=6)
    assert out.shape == x.shape
    assert out[0, 6, 6, 0] == 4321
    assert out[0, 0, 0, 0] == 5000  # only its lower right kernel position, (6, 6), is inside
    assert np.count_nonzero(out) == 1 + 4


# Too slow for Hypothesis is only a first run, which compiles: on a Raspberry Pi, or under qemu (make check-arm).
@given(data=st.data())
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_any_geometry(data):
    def draw(low, high):
        return data.draw(st.integers(low, high))

    kernel, stride, padding, dilation = (draw(1, 4), draw(1, 4)), draw(1, 4), draw(0, 4), draw(1, 3)
    height = draw(max(1, dilation * (kernel[0] - 1) + 1 - 2 * padding), 14)
    width = draw(max(1, dilation * (kernel[1] - 1) + 1 - 2 * padding), 14)
    case = (draw(1, 2), height, width, draw(1, 9), draw(1, 9)), kernel, stride, padding, dilation
    rng = np.random.default_rng(draw(0, 1000))
    x, weight, bias, geometry = arrays(case, rng)
    out = reference.conv2d_forward(x, weight, bias, *geometry)
    close(cpu.conv2d_forward(x, weight, bias, *geometry), out, np.float64)
    dout = rng.standard_normal(out.shape)
    gradients = reference.conv2d_backward(dout, x, weight, *geometry)
    for ours, theirs in zip(cpu.conv2d_backward(dout, x, weight, *geometry), gradients):
        close(ours, theirs, np.float64)
    # The pass back is the transpose of the pass forward: <dout, conv(v)> = <dx, v> for any v, likewise for weights.
    without_bias = out - bias
    total = (dout * without_bias).sum()
    scale = np.abs(dout * without_bias).sum() + 1
    assert (gradients[0] * x).sum() == pytest.approx(total, abs=1e-12 * scale)
    assert (gradients[1] * weight).sum() == pytest.approx(total, abs=1e-12 * scale)


@pytest.mark.parametrize("pixels", [1, 10, 50])
def test_cpu_is_right_however_the_output_is_cut_into_strips(pixels, monkeypatch, rng):
    # Without this a small test would only ever make one strip: of one row, of some rows with a rest, of several images.
    monkeypatch.setattr(im2col, "STRIP_FLOATS", 1)
    monkeypatch.setattr(im2col, "STRIP_PIXELS", pixels)
    monkeypatch.setattr(im2col_dweight, "PARTIAL_FLOATS", 500)
    for kernel, padding in ((3, 1), (1, 0)):
        x, weight, bias, geometry = arrays(((3, 11, 4, 5, 6), (kernel, kernel), 1, padding, 1), rng)
        out = reference.conv2d_forward(x, weight, bias, *geometry)
        close(cpu.conv2d_forward(x, weight, bias, *geometry), out, np.float64)
        gradients = reference.conv2d_backward(out, x, weight, *geometry)
        for ours, theirs in zip(cpu.conv2d_backward(out, x, weight, *geometry), gradients):
            close(ours, theirs, np.float64)


def test_inputs_need_not_be_contiguous(backend, rng):
    x = rng.standard_normal((2, 5, 12, 7)).transpose(0, 3, 2, 1)[:, ::-1, ::2]  # (2, 7, 6, 5)
    weight = rng.standard_normal((4, 5, 3, 3)).transpose(2, 3, 1, 0)  # another project's OIHW
    bias, dout = rng.standard_normal(8)[::2], rng.standard_normal((4, 6, 7, 2)).T  # (4,), (2, 7, 6, 4)
    x_copy, weight_copy, bias_copy, dout_copy = (np.ascontiguousarray(a) for a in (x, weight, bias, dout))
    np.testing.assert_allclose(
        backend.conv2d_forward(x, weight, bias, padding=1),
        backend.conv2d_forward(x_copy, weight_copy, bias_copy, padding=1),
        rtol=1e-13,
        atol=1e-13,
    )
    for strided, packed in zip(
        backend.conv2d_backward(dout, x, weight, padding=1),
        backend.conv2d_backward(dout_copy, x_copy, weight_copy, padding=1),
    ):
        np.testing.assert_allclose(strided, packed, rtol=1e-13, atol=1e-13)


def test_arguments_are_left_alone(backend, rng):
    x, weight, bias, geometry = arrays(CASES["as conv1_1"], rng)
    dout = backend.conv2d_forward(x, weight, bias, *geometry)
    before = [a.copy() for a in (x, weight, bias, dout)]
    backend.conv2d_backward(dout, x, weight, *geometry)
    for array, copy in zip((x, weight, bias, dout), before):
        np.testing.assert_array_equal(array, copy)


def test_need_dx_false_leaves_out_dx_only(backend, rng):
    x, weight, bias, geometry = arrays(CASES["as conv1_1"], rng)
    dout = backend.conv2d_forward(x, weight, bias, *geometry)
    _, dweight, dbias = backend.conv2d_backward(dout, x, weight, *geometry)
    nothing, same_dweight, same_dbias = backend.conv2d_backward(dout, x, weight, *geometry, need_dx=False)
    assert nothing is None
    np.testing.assert_array_equal(same_dweight, dweight)
    np.testing.assert_array_equal(same_dbias, dbias)


def zeros(*shape, dtype=np.float32):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((zeros(3, 3, 1), zeros(3, 3, 1, 1), zeros(1)), r"x must be \(N, H, W, C_in\), not \(3, 3, 1\)"),
        ((zeros(1, 3, 3, 2), zeros(3, 3, 1, 1), zeros(1)), r"weight must be \(kh, kw, 2, C_out\).*not \(3, 3, 1, 1\)"),
        ((zeros(1, 3, 3, 2), zeros(3, 3, 2), zeros(1)), r"weight must be"),
        ((zeros(1, 3, 3, 1), zeros(3, 3, 1, 4), zeros(3)), r"bias must be \(4,\).*not \(3,\)"),
        ((zeros(1, 3, 2, 1), zeros(3, 3, 1, 1), zeros(1)), r"x \(1, 3, 2, 1\) is smaller than the window"),  # 0 columns
        ((zeros(1, 2, 3, 1), zeros(3, 3, 1, 1), zeros(1)), r"x \(1, 2, 3, 1\) is smaller than the window"),  # 0 rows
        ((zeros(1, 3, 3, 1), zeros(3, 3, 1, 1), zeros(1), 0), "stride 0"),
        ((zeros(1, 3, 3, 1), zeros(3, 3, 1, 1), zeros(1), 1, -1), "padding -1"),
        ((zeros(1, 3, 3, 1), zeros(3, 3, 1, 1), zeros(1), 1, 1, 0), "dilation 0"),
        ((zeros(1, 3, 3, 1), zeros(3, 3, 1, 1, dtype=float), zeros(1)), "x is float32, but weight is float64"),
        ((zeros(1, 3, 3, 1, dtype=np.uint8), zeros(3, 3, 1, 1), zeros(1)), "x is uint8"),  # an image as it was read
    ],
)
def test_errors_name_the_argument(backend, arguments, message):
    with pytest.raises(ValueError, match=message):
        backend.conv2d_forward(*arguments)


def test_error_of_a_gradient_that_does_not_fit(backend):
    with pytest.raises(ValueError, match=r"dout must be \(1, 4, 4, 2\), not \(1, 4, 3, 2\)"):
        backend.conv2d_backward(zeros(1, 4, 3, 2), zeros(1, 4, 4, 3), zeros(3, 3, 3, 2), padding=1)


def test_figure_has_nine_kernel_positions_a_source_and_a_sum():
    from numpyssd.kernels.reference.conv2d import draw_kernel_positions

    figure, axes = new_figure(3, 4)
    draw_kernel_positions(axes, np.random.default_rng(0).integers(0, 255, (12, 12, 3), np.uint8))
    assert [len(ax.images) for ax in axes] == [1] * 11 + [0]
    shown = [ax.images[0].get_array() for ax in axes[:11]]
    added = [shown[i] for i in (0, 1, 2, 4, 5, 6, 8, 9, 10)]
    np.testing.assert_allclose(sum(added), shown[7])  # what the figure says is true


def test_the_figure_of_the_backward_pass_shows_the_kernel_and_the_window():
    from numpyssd.kernels.reference.conv2d import draw_backward

    rng = np.random.default_rng(0)
    x, weight, dout = rng.integers(0, 9, (4, 5)).astype(float), rng.normal(size=(2, 3)), np.zeros((3, 3))
    dout[2, 1] = 1
    _, axes = new_figure(1, 3)
    draw_backward(axes, x, weight, dout)
    arrived, back, learned = (ax.images[0].get_array() for ax in axes)
    np.testing.assert_array_equal(arrived, dout)
    np.testing.assert_array_equal(back[2:4, 1:4], weight)
    assert np.count_nonzero(back) == weight.size
    np.testing.assert_array_equal(learned, x[2:4, 1:4])
