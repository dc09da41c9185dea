"""maxpool2d: the definition, Caffe's rounding up, ties, padding, NaN, and the gradient to the winner."""

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.kernels import cpu, reference
from numpyssd.kernels.shapes import pool_output_size

CASES = {
    #                    N  H  W  C  size stride padding ceil_mode
    "one pixel": ((1, 1, 1, 1), 1, 1, 0, False),
    "one pixel, window hangs over": ((1, 1, 1, 2), 2, 2, 0, True),
    "one pixel, padded": ((1, 1, 1, 2), 3, 1, 1, False),
    "pool1": ((2, 6, 8, 3), 2, 2, 0, True),
    "pool3, odd": ((2, 5, 7, 3), 2, 2, 0, True),
    "odd, rounded down": ((2, 5, 7, 3), 2, 2, 0, False),
    "pool5": ((2, 6, 5, 5), 3, 1, 1, False),
    "stride over window": ((1, 9, 8, 2), 2, 3, 0, True),
    "stride over window, last window clipped": ((1, 3, 2, 2), 1, 3, 0, True),
    "overlapping, padded, rounded up": ((1, 9, 7, 9), 3, 2, 1, True),
    "window over the image": ((1, 2, 3, 1), 5, 2, 4, True),
    "no image": ((0, 4, 5, 3), 2, 2, 0, True),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def by_loops(x, size, stride, padding, ceil_mode):
    """The definition: the largest pixel inside the image, the first of equal ones, and its position in the window."""
    images, height, width, channels = x.shape
    shape = [pool_output_size(s, size, stride, padding, ceil_mode) for s in (height, width)]
    out, argmax = np.empty((images, *shape, channels), x.dtype), np.empty((images, *shape, channels), np.uint8)
    for n, row, column, c in np.ndindex(out.shape):
        candidates = []
        for i, j in np.ndindex(size, size):
            y, left = row * stride - padding + i, column * stride - padding + j
            if 0 <= y < height and 0 <= left < width:
                candidates.append((x[n, y, left, c], i * size + j))
        out[n, row, column, c], argmax[n, row, column, c] = max(candidates, key=lambda pair: pair[0])
    return out, argmax


def backward_by_loops(dout, argmax, x_shape, size, stride, padding):
    dx = np.zeros(x_shape, dout.dtype)
    for n, row, column, c in np.ndindex(dout.shape):
        i, j = divmod(int(argmax[n, row, column, c]), size)
        dx[n, row * stride - padding + i, column * stride - padding + j, c] += dout[n, row, column, c]
    return dx


@each_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_is_its_definition(case, dtype, backend, rng):
    shape, size, stride, padding, ceil_mode = case
    x = rng.integers(-2, 3, shape).astype(dtype)  # few values, so that there are many ties
    out, argmax = backend.maxpool2d_forward(x, size, stride, padding, ceil_mode)
    expected, expected_argmax = by_loops(x, size, stride, padding, ceil_mode)
    assert (out.dtype, argmax.dtype) == (dtype, np.uint8)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(argmax, expected_argmax)
    dout = rng.integers(-9, 10, out.shape).astype(dtype)  # whole numbers, so that sums are exact in any order
    dx = backend.maxpool2d_backward(dout, argmax, shape, size, stride, padding)
    assert dx.dtype == dtype
    np.testing.assert_array_equal(dx, backward_by_loops(dout, argmax, shape, size, stride, padding))


# Too slow for Hypothesis is only a first run, which compiles: on a Raspberry Pi, or under qemu (make check-arm).
@given(data=st.data())
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_any_geometry(data):
    size, stride = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    padding, ceil_mode = data.draw(st.integers(0, size - 1)), data.draw(st.booleans())
    sides = st.integers(max(1, size - 2 * padding), 9)
    shape = data.draw(st.integers(1, 2)), data.draw(sides), data.draw(sides), data.draw(st.integers(1, 3))
    x = np.random.default_rng(data.draw(st.integers(0, 1000))).integers(-3, 3, shape).astype(np.float32)
    expected, expected_argmax = by_loops(x, size, stride, padding, ceil_mode)
    for backend in (reference, cpu):
        out, argmax = backend.maxpool2d_forward(x, size, stride, padding, ceil_mode)
        np.testing.assert_array_equal(out, expected)
        np.testing.assert_array_equal(argmax, expected_argmax)
        dx = backend.maxpool2d_backward(out, argmax, shape, size, stride, padding)
        np.testing.assert_array_equal(dx, backward_by_loops(out, argmax, shape, size, stride, padding))
        assert dx.sum() == out.sum()  # nothing is lost on the way back


@pytest.mark.parametrize("case", [case for case in CASES.values() if case[0][0] > 0], ids=str)
def test_gradient(case, backend, rng):
    shape, *geometry = case
    x = rng.permutation(np.prod(shape)).reshape(shape) * 0.01  # all different, so that no small step changes a winner
    out, argmax = backend.maxpool2d_forward(x, *geometry)
    dout = rng.standard_normal(out.shape)
    dx = backend.maxpool2d_backward(dout, argmax, shape, *geometry[:3])

    def value(x):
        return float((backend.maxpool2d_forward(x, *geometry)[0] * dout).sum())

    assert_gradient(value, [x], [dx], rng)


@pytest.mark.parametrize(
    ("size", "window", "stride", "padding", "ceil_mode", "expected"),
    [
        # SSD300's own: 300 -> 150 -> 75 -> 38 (where rounding down would give 37) -> 19, and pool5 keeps 19.
        (300, 2, 2, 0, True, 150),
        (150, 2, 2, 0, True, 75),
        (75, 2, 2, 0, True, 38),
        (75, 2, 2, 0, False, 37),
        (38, 2, 2, 0, True, 19),
        (19, 3, 1, 1, False, 19),
        (19, 3, 1, 1, True, 19),
        # By hand from Caffe's pooling_layer.cpp: ceil((size + 2 padding - window) / stride) + 1, less one if with
        # padding the last window would begin at or beyond size + padding.
        (4, 2, 2, 1, True, 3),  # (4 + 2 - 2) / 2 + 1 = 3; the last begins at 4 < 5
        (3, 2, 2, 1, True, 2),  # ceil(3 / 2) + 1 = 3, but the third would begin at 4 = 3 + 1
        (3, 2, 2, 1, False, 2),
        (5, 2, 2, 1, True, 3),  # ceil(5 / 2) + 1 = 4, but the fourth would begin at 6 = 5 + 1
        (5, 3, 2, 1, True, 3),
        (6, 3, 2, 1, True, 4),  # ceil(5 / 2) + 1 = 4; the last begins at 6 < 7
        # Without padding Caffe has no such rule and a window of nothing gives -FLT_MAX; here it is left out.
        (2, 1, 3, 0, True, 1),
    ],
)
def test_golden_output_sizes(size, window, stride, padding, ceil_mode, expected, backend):
    assert pool_output_size(size, window, stride, padding, ceil_mode) == expected
    out, _ = backend.maxpool2d_forward(np.zeros((1, size, size, 1), np.float32), window, stride, padding, ceil_mode)
    assert out.shape == (1, expected, expected, 1)


def test_first_of_equals_wins(backend):
    # On a constant input every window's first pixel wins, in every backend; whoever says otherwise trains differently.
    x = np.full((1, 5, 5, 2), 7, np.float32)
    out, argmax = backend.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    np.testing.assert_array_equal(out, 7)
    np.testing.assert_array_equal(argmax, 0)
    # With padding the first pixel *inside* wins: positions of 3 x 3 are numbered 0 1 2 / 3 4 5 / 6 7 8.
    _, argmax = backend.maxpool2d_forward(x[:, :3, :3, :1], 3, 1, padding=1)
    np.testing.assert_array_equal(argmax[0, :, :, 0], [[4, 3, 3], [1, 0, 0], [1, 0, 0]])


@pytest.mark.parametrize("value", [-5.0, -np.inf])
def test_padding_never_wins(value, backend):
    # Padding with zero would win here; -inf is the hardest case, because padding with -inf would tie with it.
    x = np.full((1, 3, 3, 1), value, np.float32)
    out, argmax = backend.maxpool2d_forward(x, 3, 1, padding=1)
    np.testing.assert_array_equal(out, x)
    dx = backend.maxpool2d_backward(np.ones_like(out), argmax, x.shape, 3, 1, padding=1)
    assert dx.sum() == 9
    hanging_out, _ = backend.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    np.testing.assert_array_equal(hanging_out, np.full((1, 2, 2, 1), value))


def test_nan_is_not_hidden(backend):
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    x[0, 0, 0, 0] = x[0, 2, 1, 0] = x[0, 3, 0, 0] = np.nan
    out, argmax = backend.maxpool2d_forward(x, 2, 2)
    np.testing.assert_array_equal(out[0, :, :, 0], [[np.nan, 7], [np.nan, 15]])
    np.testing.assert_array_equal(argmax[0, :, :, 0], [[0, 3], [1, 3]])  # the first NaN of two


def test_gradient_adds_where_windows_overlap(backend):
    # By hand: 9 is the winner of all four 2 x 2 windows of a 3 x 3 image.
    x = np.array([[0, 1, 2], [3, 9, 4], [5, 6, 7]], np.float32).reshape(1, 3, 3, 1)
    out, argmax = backend.maxpool2d_forward(x, 2, 1)
    dx = backend.maxpool2d_backward(np.array([1, 2, 3, 4], np.float32).reshape(out.shape), argmax, x.shape, 2, 1)
    np.testing.assert_array_equal(dx[0, :, :, 0], [[0, 0, 0], [0, 10, 0], [0, 0, 0]])


def test_inputs_need_not_be_contiguous(backend, rng):
    x = rng.standard_normal((3, 10, 7, 2)).T[:, ::-1, ::2]  # (2, 7, 5, 3)
    out, argmax = backend.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    expected, expected_argmax = backend.maxpool2d_forward(np.ascontiguousarray(x), 2, 2, ceil_mode=True)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(argmax, expected_argmax)
    dout = np.asfortranarray(out)
    winners = np.asfortranarray(argmax)
    dx = backend.maxpool2d_backward(dout, winners, x.shape, 2, 2)
    np.testing.assert_array_equal(dx, backend.maxpool2d_backward(out, argmax, x.shape, 2, 2))


def zeros(*shape):
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((zeros(4, 4, 1), 2, 2), r"x must be \(N, H, W, C\), not \(4, 4, 1\)"),
        ((zeros(1, 4, 1, 1), 2, 2), r"x \(1, 4, 1, 1\) is smaller than the pooling window of size 2"),  # 0 columns
        ((zeros(1, 0, 4, 1), 2, 2, 1), r"x \(1, 0, 4, 1\) is smaller"),  # a window of nothing but padding
        ((zeros(1, 4, 4, 1), 2, 0), "stride 0"),
        ((zeros(1, 4, 4, 1), 2, 2, 2), "padding 2"),
        ((zeros(1, 4, 4, 1), 0, 2), "size 0"),
        ((zeros(1, 40, 40, 1), 16, 2), "size 16"),  # the number of a position is a uint8
    ],
)
def test_errors_name_the_argument(backend, arguments, message):
    with pytest.raises(ValueError, match=message):
        backend.maxpool2d_forward(*arguments)


def test_errors_of_gradients_that_do_not_fit(backend):
    argmax = np.zeros((1, 2, 2, 3), np.uint8)
    with pytest.raises(ValueError, match=r"dout must be \(1, 2, 2, 3\), not \(1, 2, 2, 1\)"):
        backend.maxpool2d_backward(zeros(1, 2, 2, 1), argmax, (1, 4, 4, 3), 2, 2)
    for x_shape in ((2, 4, 4, 3), (1, 4, 4, 4), (4, 4, 3)):
        with pytest.raises(ValueError, match="x_shape"):
            backend.maxpool2d_backward(zeros(1, 2, 2, 3), argmax, x_shape, 2, 2)


def test_figure_marks_each_winner_once():
    from numpyssd.kernels.reference.maxpool2d import draw_winners

    figure, axes = new_figure(1, 2)
    draw_winners(axes, np.arange(35).reshape(5, 7))
    windows = 3 * 4
    assert len(axes[0].patches) == windows + windows + 1  # winners, windows, and the edge of the image
    assert len(axes[0].texts) == 35
    assert sorted(int(t.get_text()) for t in axes[0].texts if t.get_weight() == "bold") == sorted(
        int(t.get_text()) for t in axes[1].texts
    )


def test_figure_shows_what_rounding_down_leaves_out():
    from numpyssd.kernels.reference.maxpool2d import draw_winners

    figure, axes = new_figure(1, 2)
    draw_winners(axes, np.arange(35).reshape(5, 7), ceil_mode=False)
    windows = 2 * 3
    assert len(axes[0].patches) == windows + windows + 1
    assert len(axes[1].texts) == windows
    assert axes[0].get_xlim()[1] > 7
    assert axes[0].get_ylim()[0] > 5
    assert "lost" in axes[0].get_title()
