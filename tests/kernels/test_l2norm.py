"""l2norm: the definition, an example by hand, the all-zero pixel that made others' training NaN, and the gradient."""

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.kernels import cpu, reference

SHAPES = [(1, 1, 1, 1), (2, 3, 5, 7), (1, 1, 4, 512), (0, 4, 4, 3), (1, 20, 30, 3)]  # the last has more than 256 pixels


def by_loops(x, scale, epsilon=1e-10):
    out = np.zeros_like(x)
    for n, row, column in np.ndindex(x.shape[:3]):
        squares = sum(value * value for value in x[n, row, column])
        for c in range(x.shape[3]):
            out[n, row, column, c] = scale[c] * x[n, row, column, c] / (squares + epsilon) ** 0.5
    return out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_is_its_definition(shape, dtype, backend, rng):
    x, scale = rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape[3]).astype(dtype)
    out = backend.l2norm_forward(x, scale)
    assert (out.shape, out.dtype) == (shape, dtype)
    np.testing.assert_allclose(out, by_loops(x.astype(float), scale), rtol=1e-5 if dtype == np.float32 else 1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_cpu_equals_reference_on_the_way_back(shape, dtype, rng):
    x, dout, scale = (rng.standard_normal(s).astype(dtype) for s in (shape, shape, shape[3]))
    expected = reference.l2norm_backward(dout, x, scale)
    for ours, theirs in zip(cpu.l2norm_backward(dout, x, scale), expected, strict=True):
        assert ours.dtype == theirs.dtype == dtype
        largest = np.abs(theirs).max(initial=1)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=largest * (5e-6 if dtype == np.float32 else 1e-13))


def test_golden(backend):
    # By hand: (3, 4) has the length 5, so with the scale (20, 10) it becomes (12, 8).
    x, scale = np.array([3, 4], np.float64).reshape(1, 1, 1, 2), np.array([20.0, 10.0])
    np.testing.assert_allclose(backend.l2norm_forward(x, scale).ravel(), [12, 8], rtol=1e-9)
    # A gradient along the pixel's own direction changes nothing: the length is taken away. For dout = (1, 0):
    # dunit = (20, 0), less its part along (0.6, 0.8), which is 12 (0.6, 0.8), over 5: (2.56, -1.92).
    dx, dscale = backend.l2norm_backward(np.array([1.0, 0.0]).reshape(x.shape), x, scale)
    np.testing.assert_allclose(dx.ravel(), [2.56, -1.92], rtol=1e-9)
    np.testing.assert_allclose(dscale, [0.6, 0], atol=1e-12)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s[0] > 0])
def test_gradient(shape, backend, rng):
    x, dout, scale = rng.standard_normal(shape), rng.standard_normal(shape), rng.standard_normal(shape[3])
    x += np.copysign(0.1, x)
    epsilon = 0.5 if shape[3] == 1 else 1e-10  # the norm of one channel is a sign, whose gradient is rounding error
    gradients = backend.l2norm_backward(dout, x, scale, epsilon)

    def value(x, scale):
        return float((backend.l2norm_forward(x, scale, epsilon) * dout).sum())

    assert_gradient(value, [x, scale], gradients, rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_all_zero_pixel_has_a_finite_gradient(dtype, backend):
    # With epsilon outside the root the gradient of the root at zero is infinite, and 0 * infinity is NaN. Inside, as in
    # Caffe (normalize_layer.cpp), the pixel is divided by sqrt(1e-10) = 1e-5, and so is the gradient.
    x = np.zeros((1, 1, 2, 3), dtype)
    x[0, 0, 1] = 1
    out = backend.l2norm_forward(x, np.full(3, 20, dtype))
    np.testing.assert_array_equal(out[0, 0, 0], 0)
    dx, dscale = backend.l2norm_backward(np.ones_like(x), x, np.full(3, 20, dtype))
    np.testing.assert_allclose(dx[0, 0, 0], 20 / 1e-5, rtol=1e-5)
    np.testing.assert_allclose(dscale, 3**-0.5, rtol=1e-6)  # from the other pixel only


@given(shape=st.tuples(*[st.integers(1, 6)] * 4), seed=st.integers(0, 100), factor=st.floats(0.01, 100))
@settings(deadline=None, max_examples=50)
def test_length_is_the_scale_and_a_factor_does_not_matter(shape, seed, factor):
    x = np.random.default_rng(seed).uniform(0.5, 1.5, shape)
    scale = np.full(shape[3], 20.0)
    for backend in (reference, cpu):
        out = backend.l2norm_forward(x, scale)
        np.testing.assert_allclose(np.linalg.norm(out, axis=3), 20, rtol=1e-6)
        np.testing.assert_allclose(backend.l2norm_forward(x * factor, scale), out, rtol=1e-5)


def test_inputs_need_not_be_contiguous(backend, rng):
    x, dout, scale = (
        rng.standard_normal((5, 8, 3, 2)).T[:, ::-1, ::2],
        rng.standard_normal((5, 4, 3, 2)).T,
        rng.random(10)[::2],
    )
    packed = [np.ascontiguousarray(a) for a in (dout, x, scale)]
    np.testing.assert_allclose(backend.l2norm_forward(x, scale), backend.l2norm_forward(*packed[1:]), rtol=1e-13)
    for strided, contiguous in zip(backend.l2norm_backward(dout, x, scale), backend.l2norm_backward(*packed)):
        np.testing.assert_allclose(strided, contiguous, rtol=1e-12, atol=1e-13)


def test_errors_name_the_argument(backend):
    x, scale = np.zeros((1, 2, 2, 3), np.float32), np.zeros(3, np.float32)
    with pytest.raises(ValueError, match=r"scale must be \(3,\), not \(2,\)"):
        backend.l2norm_forward(x, scale[:2])
    with pytest.raises(ValueError, match=r"scale must be \(3,\), not \(2,\)"):
        backend.l2norm_backward(x, x, scale[:2])
    with pytest.raises(ValueError, match=r"dout must be \(1, 2, 2, 3\), not \(1, 2, 1, 3\)"):
        backend.l2norm_backward(x[:, :, :1], x, scale)


def test_figure_puts_the_points_on_the_circle():
    from numpyssd.kernels.reference.l2norm import draw_l2norm

    figure, ax = new_figure()
    draw_l2norm(ax, [[3, 4], [-60, 0], [1, 1]])
    after = np.column_stack(ax.lines[1].get_data())
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 20, rtol=1e-6)
    np.testing.assert_allclose(after[0], [12, 16], rtol=1e-6)
    assert len(ax.texts) == 3  # the arrows
