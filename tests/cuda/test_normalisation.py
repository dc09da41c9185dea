"""L2 and batch normalization on the processor, against the reference in float64."""

import numpy as np
import pytest
from checking import EPSILON, exactly, host, normal

from numpyssd import kernels
from numpyssd.kernels import reference

L2_SHAPES = ((1, 1, 1, 1), (2, 3, 5, 3), (1, 2, 3, 65), (1, 2, 2, 127), (1, 1, 2, 128), (2, 2, 1, 513), (0, 2, 2, 4))
SHAPES = ((1, 1, 1, 1), (2, 3, 5, 3), (1, 4, 3, 65), (2, 19, 17, 2), (1, 1, 1, 40))
NO_IMAGE = (0, 2, 2, 3)  # which has no statistics of its own


def assert_close(ours, exact, terms, size=1.0):
    """Assert that every number agrees to rounding, relative to the largest of its array (and to size at least)."""
    assert ours.dtype == np.float32
    assert ours.shape == exact.shape
    largest = max(size, abs(exact).max(initial=0))
    assert abs(ours - exact).max(initial=0) <= 8 * EPSILON * np.sqrt(max(1, terms)) * largest


@pytest.mark.parametrize("shape", L2_SHAPES, ids=str)
def test_l2norm(gpu, rng, shape):
    x, scale, dout = normal(rng, shape, shape[3:], shape)
    assert_close(host(kernels.active.l2norm_forward(x, scale)), reference.l2norm_forward(*exactly(x, scale)), shape[3])
    ours = host(kernels.active.l2norm_backward(dout, x, scale))
    theirs = reference.l2norm_backward(*exactly(dout, x, scale))
    pixels = x.size // shape[3]
    # A lone channel's gradient is the difference of two equal numbers, each as large as dout scale / length.
    size = (abs(dout * scale) / np.sqrt((x * x).sum(axis=3, keepdims=True))).max(initial=1)
    assert_close(ours[0], theirs[0], shape[3], size)
    assert_close(ours[1], theirs[1], pixels, abs(dout).sum(axis=(0, 1, 2)).max(initial=1))


def test_l2norm_of_a_black_pixel_is_finite(gpu):
    x, scale = np.zeros((1, 1, 2, 5), np.float32), np.ones(5, np.float32)
    np.testing.assert_array_equal(host(kernels.active.l2norm_forward(x, scale)), 0)
    assert np.isfinite(host(kernels.active.l2norm_backward(np.ones_like(x), x, scale))[0]).all()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_statistics_of_a_batch(gpu, rng, shape):
    x = normal(rng, shape)[0] * 3 + 1
    pixels = x.size // shape[3]
    for ours, theirs in zip(host(kernels.active.batchnorm_statistics(x)), reference.batchnorm_statistics(*exactly(x))):
        assert_close(ours, theirs, pixels, abs(x).max())


def test_statistics_of_nothing_are_an_error(gpu):
    with pytest.raises(ValueError, match="at least one value"):
        kernels.active.batchnorm_statistics(np.zeros((0, 2, 2, 3), np.float32))


@pytest.mark.parametrize("relu", [False, True], ids=["plain", "relu"])
@pytest.mark.parametrize("batch_statistics", [True, False], ids=["batch", "constants"])
@pytest.mark.parametrize("shape", [*SHAPES, NO_IMAGE], ids=str)
def test_batchnorm(gpu, rng, shape, batch_statistics, relu):
    if shape == NO_IMAGE and batch_statistics:
        pytest.skip("the statistics of nothing are an error")
    x, mean, scale, shift, dout = normal(rng, shape, shape[3:], shape[3:], shape[3:], shape)
    variance = (rng.random(shape[3]) + 0.5).astype(np.float32)
    exact = exactly(x, mean, variance, scale, shift)
    out = reference.batchnorm_forward(*exact, relu=relu)
    assert_close(host(kernels.active.batchnorm_forward(x, mean, variance, scale, shift, relu=relu)), out, 1, 10)
    out = out.astype(np.float32) if relu else None
    more = {"batch_statistics": batch_statistics}
    ours = host(kernels.active.batchnorm_backward(dout, x, mean, variance, scale, out=out, **more))
    theirs = reference.batchnorm_backward(*exactly(dout, *(x, mean, variance, scale)), out=exactly(out)[0], **more)
    pixels = max(1, x.size // shape[3])
    for found, expected in zip(ours, theirs):
        assert_close(found, expected, pixels, 10 * np.sqrt(pixels))


@pytest.mark.parametrize("channels", [1, 3, 65, 257])
def test_fold(gpu, rng, channels):
    bias, mean, scale, shift = normal(rng, *[(channels,)] * 4)
    variance = (rng.random(channels) + 0.1).astype(np.float32)
    ours = host(kernels.active.batchnorm_fold(bias, mean, variance, scale, shift))
    for found, expected in zip(ours, reference.batchnorm_fold(*exactly(bias, mean, variance, scale, shift))):
        assert_close(found, expected, 1)
