"""batchnorm: statistics and normalization against their definition, and the gradient through both."""

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.kernels import cpu, reference

SHAPES = [(1, 1, 1, 1), (2, 3, 5, 7), (2, 1, 1, 9), (3, 40, 41, 3)]  # the last has more than 2048 pixels
each_shape = pytest.mark.parametrize("shape", SHAPES)
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def arguments(shape, rng, dtype=np.float64):
    """Return dout, x, mean, variance, scale and shift, with a mean that is not small beside the deviation."""
    dout, x = rng.standard_normal(shape), 3 + 2 * rng.standard_normal(shape)
    mean, scale, shift = rng.standard_normal((3, shape[3]))
    return [a.astype(dtype) for a in (dout, x, mean, rng.uniform(0.5, 2, shape[3]), scale, shift)]


@each_dtype
@each_shape
def test_statistics_are_their_definition(shape, dtype, backend, rng):
    x = arguments(shape, rng, dtype)[1]
    mean, variance = backend.batchnorm_statistics(x)
    assert mean.dtype == variance.dtype == dtype
    for c in range(shape[3]):
        values = [float(v) for v in x[..., c].ravel()]
        m = sum(values) / len(values)
        v = sum((value - m) ** 2 for value in values) / len(values)  # biased: divided by the count, not one less
        assert mean[c] == pytest.approx(m, rel=1e-6)
        assert variance[c] == pytest.approx(v, rel=1e-5, abs=1e-12)


@each_dtype
@each_shape
def test_forward_is_its_definition(shape, dtype, backend, rng):
    _, x, mean, variance, scale, shift = arguments(shape, rng, dtype)
    out = backend.batchnorm_forward(x, mean, variance, scale, shift)
    assert (out.shape, out.dtype) == (shape, dtype)
    for index in np.ndindex(shape):
        c = index[3]
        expected = (float(x[index]) - mean[c]) / (float(variance[c]) + 1e-5) ** 0.5 * scale[c] + shift[c]
        assert out[index] == pytest.approx(expected, rel=1e-5, abs=1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("batch_statistics", [True, False])
@each_dtype
@each_shape
def test_cpu_equals_reference_on_the_way_back(shape, dtype, batch_statistics, rng):
    dout, x, mean, variance, scale, _ = arguments(shape, rng, dtype)
    expected = reference.batchnorm_backward(dout, x, mean, variance, scale, batch_statistics=batch_statistics)
    found = cpu.batchnorm_backward(dout, x, mean, variance, scale, batch_statistics=batch_statistics)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype == dtype
        largest = np.abs(theirs).max(initial=1)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=largest * (2e-6 if dtype == np.float32 else 1e-13))


def test_golden(backend):
    # By hand: 1, 3, 5, 7 have the mean 4 and the biased variance (9 + 1 + 1 + 9) / 4 = 5; with epsilon 4 the divisor
    # is 3, so with scale 6 and shift 10 they become 10 + 2 (x - 4) = 4, 8, 12, 16.
    x = np.array([1, 3, 5, 7], np.float64).reshape(2, 1, 2, 1)
    mean, variance = backend.batchnorm_statistics(x)
    assert (mean, variance) == (4, 5)
    out = backend.batchnorm_forward(x, mean, variance, np.array([6.0]), np.array([10.0]), epsilon=4)
    np.testing.assert_allclose(out.ravel(), [4, 8, 12, 16], rtol=1e-14)


def test_statistics_survive_a_mean_that_dwarfs_the_deviation(backend):
    # In float32 the mean of the squares less the square of the mean would be 0 here, or negative.
    x = np.tile(np.array([9999, 10001], np.float32), 5000).reshape(1, 100, 100, 1)
    mean, variance = backend.batchnorm_statistics(x)
    assert mean == 10000
    assert variance == pytest.approx(1, rel=1e-6)
    assert backend.batchnorm_statistics(np.full_like(x, 0.1))[1] == pytest.approx(0, abs=1e-16)


@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (2, 1, 1, 9), (1, 20, 21, 3)])
def test_gradient_through_the_statistics(shape, backend, rng):
    dout, x, _, _, scale, shift = arguments(shape, rng)
    mean, variance = backend.batchnorm_statistics(x)
    gradients = backend.batchnorm_backward(dout, x, mean, variance, scale)

    def value(x, scale, shift):
        out = backend.batchnorm_forward(x, *backend.batchnorm_statistics(x), scale, shift)
        return float((out * dout).sum())

    assert_gradient(value, [x, scale, shift], gradients, rng)


@each_shape
def test_gradient_with_constant_statistics(shape, backend, rng):
    dout, x, mean, variance, scale, shift = arguments(shape, rng)
    gradients = backend.batchnorm_backward(dout, x, mean, variance, scale, batch_statistics=False)

    def value(x, scale, shift):
        return float((backend.batchnorm_forward(x, mean, variance, scale, shift) * dout).sum())

    assert_gradient(value, [x, scale, shift], gradients, rng)


@given(shape=st.tuples(*[st.integers(1, 6)] * 4), seed=st.integers(0, 100))
@settings(deadline=None, max_examples=50)
def test_properties(shape, seed):
    dout, x, _, _, scale, shift = arguments(shape, np.random.default_rng(seed))
    for backend in (reference, cpu):
        mean, variance = backend.batchnorm_statistics(x)
        out = backend.batchnorm_forward(x, mean, variance, scale, shift)
        np.testing.assert_allclose(out.mean(axis=(0, 1, 2)), shift, atol=1e-9)
        assert (out.std(axis=(0, 1, 2)) <= np.abs(scale) + 1e-12).all()  # less only by epsilon
        # Nothing in x along a constant reaches the output, so the gradient has none of it either.
        dx = backend.batchnorm_backward(dout, x, mean, variance, scale)[0]
        assert np.abs(dx.sum(axis=(0, 1, 2))).max() <= 1e-9 * max(1, np.abs(dx).sum())


def test_a_channel_without_variance_stays_finite(backend):
    x = np.full((1, 3, 3, 2), 5, np.float32)
    mean, variance = backend.batchnorm_statistics(x)
    one = np.ones(2, np.float32)
    np.testing.assert_allclose(backend.batchnorm_forward(x, mean, variance, one, one), 1, atol=1e-3)
    for gradient in backend.batchnorm_backward(x, x, mean, variance, one):
        assert np.isfinite(gradient).all()


def test_no_image(backend):
    x, c = np.zeros((0, 4, 5, 3), np.float32), np.ones(3, np.float32)
    assert backend.batchnorm_forward(x, c, c, c, c).shape == x.shape
    dx, dscale, dshift = backend.batchnorm_backward(x, x, c, c, c, batch_statistics=False)
    assert dx.shape == x.shape
    np.testing.assert_array_equal([dscale, dshift], np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"x must have at least one value, not \(0, 4, 5, 3\)"):
        backend.batchnorm_statistics(x)  # the mean of nothing would be a NaN in the running statistics for ever


def test_inputs_need_not_be_contiguous(backend, rng):
    dout, x, mean, variance, scale, shift = arguments((2, 8, 5, 6), rng)
    dout, x, channels = dout.T, x.T[:, ::-1, ::2], [np.repeat(a, 2)[:4:2] for a in (mean, variance, scale, shift)]
    dout = dout[:, :, ::2]  # (6, 5, 4, 2), like x
    packed = [np.ascontiguousarray(a) for a in (dout, x, *channels)]
    for strided, contiguous in zip(backend.batchnorm_statistics(x), backend.batchnorm_statistics(packed[1])):
        np.testing.assert_allclose(strided, contiguous, rtol=1e-13)
    out = backend.batchnorm_forward(packed[1], *packed[2:])
    np.testing.assert_allclose(backend.batchnorm_forward(x, *channels), out, rtol=1e-12, atol=1e-13)
    found, expected = backend.batchnorm_backward(dout, x, *channels[:3]), backend.batchnorm_backward(*packed[:5])
    for strided, contiguous in zip(found, expected):
        np.testing.assert_allclose(strided, contiguous, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("wrong", ["mean", "variance", "scale", "shift"])
def test_errors_name_the_argument(wrong, backend):
    x = np.zeros((1, 2, 2, 3), np.float32)
    channels = {name: np.ones(3, np.float32) for name in ("mean", "variance", "scale", "shift")}
    channels[wrong] = channels[wrong][:2]
    with pytest.raises(ValueError, match=rf"{wrong} must be \(3,\), not \(2,\)"):
        backend.batchnorm_forward(x, **channels)
    del channels["shift"]
    if wrong != "shift":
        with pytest.raises(ValueError, match=rf"{wrong} must be \(3,\), not \(2,\)"):
            backend.batchnorm_backward(x, x, **channels)
    with pytest.raises(ValueError, match=r"dout must be \(1, 2, 2, 3\), not \(1, 2, 1, 3\)"):
        backend.batchnorm_backward(x[:, :, :1], x, **channels)


def test_figure_has_a_histogram_for_each_channel_before_and_after(rng):
    from numpyssd.kernels.reference.batchnorm import draw_batchnorm

    figure, axes = new_figure(1, 2)
    draw_batchnorm(axes, rng.normal((5, -3), (2, 4), (1, 50, 50, 2)), ("a", "b"))
    assert [len(ax.patches) for ax in axes] == [4, 4]  # an outline and a filling each
    labels = [text.get_text() for text in axes[1].get_legend().get_texts()]
    assert labels == ["a: 0.0 ± 1.0", "b: 0.0 ± 1.0"]
