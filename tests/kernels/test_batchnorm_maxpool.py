"""Batch normalization, ReLU and max pooling in one pass, against the three kernels one after the other."""

import numpy as np
import pytest

from numpyssd.kernels import cpu, reference
from tests.gradcheck import assert_gradient

SHAPES = [  # N, H, W, C, size
    (2, 6, 8, 5, 2), (1, 1, 1, 16, 2), (2, 5, 7, 3, 2), (1, 7, 4, 17, 3), (0, 4, 4, 3, 2), (0, 4, 4, 16, 2),
    (2, 9, 10, 16, 4), (2, 5, 6, 31, 2), (1, 3, 3, 33, 1),
]  # fmt: skip


def given(rng, shape, dtype=np.float32):
    """Return x and the four arrays of a normalization, with channels that are all positive, all negative and mixed."""
    x = rng.standard_normal(shape).astype(dtype)
    channels = shape[3]
    mean, shift = (rng.standard_normal(channels).astype(dtype) for _ in range(2))
    variance, scale = rng.uniform(0.5, 2, channels).astype(dtype), rng.standard_normal(channels).astype(dtype)
    return x, mean, variance, scale, shift


@pytest.mark.parametrize("backend", [cpu, reference], ids=["cpu", "reference"])
@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_is_the_three_steps_one_after_the_other(backend, ceil_mode, shape, rng):
    *shape, size = shape
    x, *channels = given(rng, shape)
    if not ceil_mode and min(shape[1:3]) < size:
        with pytest.raises(ValueError, match="smaller than the pooling window"):
            backend.batchnorm_maxpool_forward(x, *channels, size, ceil_mode)
        return
    out, kept = backend.batchnorm_maxpool_forward(x, *channels, size, ceil_mode)
    normalized = backend.batchnorm_forward(x, *channels, relu=True)
    expected, argmax = backend.maxpool2d_forward(normalized, size, size, 0, ceil_mode)
    np.testing.assert_array_equal(out, expected)
    dout = rng.standard_normal(out.shape).astype(np.float32)
    for own in (True, False) if len(x) else (False,):  # nothing has no statistics of its own
        found = backend.batchnorm_maxpool_backward(dout, kept, x, *channels[:3], size, batch_statistics=own)
        dnormalized = backend.maxpool2d_backward(dout, argmax, x.shape, size, size)
        wanted = backend.batchnorm_backward(dnormalized, x, *channels[:3], batch_statistics=own, out=normalized)
        for a, b in zip(found, wanted):
            assert a.dtype == np.float32
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_the_fast_kernel_is_the_reference(rng):
    x, *channels = given(rng, (3, 13, 11, 19), np.float64)
    (out, kept), (expected, theirs) = (
        backend.batchnorm_maxpool_forward(x, *channels, 2, True) for backend in (cpu, reference)
    )
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)
    dout = rng.standard_normal(out.shape)
    found = cpu.batchnorm_maxpool_backward(dout, kept, x, *channels[:3], 2)
    wanted = reference.batchnorm_maxpool_backward(dout, theirs, x, *channels[:3], 2)
    for a, b in zip(found, wanted):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("backend", [cpu, reference], ids=["cpu", "reference"])
def test_gradients_are_those_of_finite_differences(backend, rng):
    x, _, _, scale, shift = given(rng, (2, 4, 6, 3), np.float64)
    dout = rng.standard_normal((2, 2, 3, 3))

    def value(x, scale, shift):
        out = backend.batchnorm_maxpool_forward(x, *backend.batchnorm_statistics(x), scale, shift, 2)[0]
        return float((out * dout).sum())

    statistics = backend.batchnorm_statistics(x)
    out, kept = backend.batchnorm_maxpool_forward(x, *statistics, scale, shift, 2)
    assert 0 < (out > 0).mean() < 1
    gradients = backend.batchnorm_maxpool_backward(dout, kept, x, *statistics, scale, 2)
    assert_gradient(value, [x, scale, shift], gradients, rng)


@pytest.mark.parametrize("channels", [5, 16, 24])
def test_in_float64_with_statistics_in_float32(channels, rng):
    x, *others = given(rng, (2, 5, 6, channels))
    dout = rng.standard_normal((2, 3, 3, channels))
    for wide in (0, 1, 2, 3, 4):  # so many of the four arrays of a channel are float64 too
        arrays = [a.astype(np.float64) if i < wide else a for i, a in enumerate(others)]
        found, wanted = [], []
        for backend, results in ((cpu, found), (reference, wanted)):
            out, kept = backend.batchnorm_maxpool_forward(x.astype(np.float64), *arrays, 2, True)
            results += [out, *backend.batchnorm_maxpool_backward(dout, kept, x.astype(np.float64), *arrays[:3], 2)]
        for a, b in zip(found, wanted):
            assert a.dtype == np.float64
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_arrays_that_are_not_contiguous_give_the_same(rng):
    x, *channels = given(rng, (2, 6, 8, 16))
    out, kept = cpu.batchnorm_maxpool_forward(x, *channels, 2)
    turned = np.asfortranarray(x)
    again, kept_again = cpu.batchnorm_maxpool_forward(turned, *channels, 2)
    np.testing.assert_array_equal(out, again)
    expected = cpu.batchnorm_maxpool_backward(out, kept, x, *channels[:3], 2)
    found = cpu.batchnorm_maxpool_backward(np.asfortranarray(out), kept_again, turned, *channels[:3], 2)
    for a, b in zip(found, expected):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("backend", [cpu, reference], ids=["cpu", "reference"])
def test_nan_is_not_hidden(backend, rng):
    x, *channels = given(rng, (1, 4, 4, 16))
    x[0, 3, 2, 5] = np.nan
    out, kept = backend.batchnorm_maxpool_forward(x, *channels, 2)
    assert np.isnan(out[0, 1, 1, 5])
    assert np.isnan(out).sum() == 1


@pytest.mark.parametrize("backend", [cpu, reference], ids=["cpu", "reference"])
def test_arrays_that_do_not_fit_are_named(backend, rng):
    x, *channels = given(rng, (1, 4, 4, 3))
    out, kept = backend.batchnorm_maxpool_forward(x, *channels, 2)
    with pytest.raises(ValueError, match="dout must be"):
        backend.batchnorm_maxpool_backward(out[:, :1], kept, x, *channels[:3], 2)
    for channels_of_x in (3, 16):
        x, *channels = given(rng, (2, 4, 4, channels_of_x))
        out, kept = backend.batchnorm_maxpool_forward(x, *channels, 2)
        for other in (np.concatenate([x, x]), x[:1], x[:, :2], np.concatenate([x, x], axis=2)):
            with pytest.raises(ValueError, match="is not what the windows"):
                backend.batchnorm_maxpool_backward(out, kept, np.ascontiguousarray(other), *channels[:3], 2)
    with pytest.raises(ValueError, match="scale must be"):
        backend.batchnorm_maxpool_forward(x, channels[0], channels[1], channels[2][:2], channels[3], 2)
