"""The two losses on the processor in the GPU's place, against NumPy's."""

import numpy as np
import pytest
from checking import exactly, host, normal

from numpyssd.kernels.cuda.ssd import losses
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy

CLOSE = {"rtol": 4e-6, "atol": 4e-6}


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (129, 21), (2, 65, 6), (0, 5), (2, 0, 3), (7, 81)])
@pytest.mark.parametrize("scale", [1, 1e4])
def test_cross_entropy(gpu, rng, shape, scale):
    logits = (normal(rng, shape)[0] * scale).astype(np.float32)
    labels = rng.integers(0, shape[-1], shape[:-1], dtype=np.int32)
    expected = softmax_cross_entropy(*exactly(logits), labels)
    found = host(losses.softmax_cross_entropy(logits, labels))
    for ours, theirs in zip(found, expected):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, **CLOSE)
    assert gpu.downloads == 2 * bool(logits.size)  # which the test itself asked for


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_not_finite_show(gpu, bad):
    logits = np.zeros((3, 4), np.float32)
    logits[1, 2] = bad
    loss, gradient = host(losses.softmax_cross_entropy(logits, np.zeros(3, np.int32)))
    assert np.isnan(loss).tolist() == [False, True, False]
    assert np.isnan(gradient).any(axis=1).tolist() == [False, True, False]


@pytest.mark.parametrize("label", [-1, 4, 2**31 - 1])
def test_a_label_that_is_no_class_gives_nan(gpu, label):
    loss, gradient = host(losses.softmax_cross_entropy(np.zeros((2, 4), np.float32), np.array([0, label], np.int32)))
    assert np.isnan(loss).tolist() == [False, True]
    np.testing.assert_array_equal(gradient[1], 0.25)


@pytest.mark.parametrize("shape", [(1,), (257,), (3, 4, 5), (0, 4)])
def test_smooth_l1(gpu, rng, shape):
    x = (normal(rng, shape)[0] * 2).astype(np.float32)
    for ours, theirs in zip(host(losses.smooth_l1(x)), smooth_l1(x)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        assert ours.shape == shape


def test_smooth_l1_at_its_corners(gpu):
    x = np.array([0, -0.0, 1, -1, 0.5, 1e30, -3e38, np.inf, np.nan], np.float32)
    value, gradient = host(losses.smooth_l1(x))
    np.testing.assert_array_equal(gradient, smooth_l1(x)[1])
    np.testing.assert_array_equal(value, smooth_l1(x)[0])


def test_wrong_shapes(gpu):
    with pytest.raises(ValueError, match="labels must be"):
        losses.softmax_cross_entropy(np.zeros((3, 4), np.float32), np.zeros(4, np.int32))
