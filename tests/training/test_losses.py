"""numpyssd.training.losses: values by their formulas, gradients by differences, and logits of any size."""

import math

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.drawing import new_figure
from numpyssd.training.losses import draw_cross_entropy, draw_smooth_l1, smooth_l1, softmax_cross_entropy


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, min_side=0), elements=st.floats(-5, 5)))
def test_smooth_l1_is_its_definition(x):
    value, gradient = smooth_l1(x)
    assert value.shape == gradient.shape == x.shape
    for v, g, e in zip(value.flat, gradient.flat, x.flat):
        assert v == pytest.approx(0.5 * e * e if abs(e) < 1 else abs(e) - 0.5, abs=1e-15)
        assert g == (e if abs(e) < 1 else math.copysign(1, e))


def test_smooth_l1_golden():
    # By hand. It is not L1, which would give 0.5, 1, 3 and slopes of 1 everywhere.
    value, gradient = smooth_l1([0, 0.5, -0.5, 1, -1, 3, -3])
    np.testing.assert_array_equal(value, [0, 0.125, 0.125, 0.5, 0.5, 2.5, 2.5])
    np.testing.assert_array_equal(gradient, [0, 0.5, -0.5, 1, -1, 1, -1])


def test_smooth_l1_gradient():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(5, 4)) * 2, rng.normal(size=(5, 4))
    assert_gradient(lambda x: (weights * smooth_l1(x)[0]).sum(), [x], [weights * smooth_l1(x)[1]], rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_smooth_l1_keeps_the_float_type_and_never_overflows(dtype):
    largest = np.finfo(dtype).max
    value, gradient = smooth_l1(np.array([largest, -largest, 0], dtype))  # its square would be inf
    assert value.dtype == gradient.dtype == dtype
    np.testing.assert_array_equal(value, np.array([largest, largest, 0], dtype))
    np.testing.assert_array_equal(gradient, [1, -1, 0])


def test_smooth_l1_of_whole_numbers_is_float():
    value, _ = smooth_l1(np.array([1, -2]))
    np.testing.assert_array_equal(value, [0.5, 1.5])


def cross_entropy_by_loops(logits, labels):
    """Equation 3 for each row, with probabilities by their definition."""
    losses, gradients = [], []
    for row, label in zip(logits, labels):
        total = math.fsum(math.exp(z) for z in row)
        losses.append(-math.log(math.exp(row[label]) / total))
        gradients.append([math.exp(z) / total - (c == label) for c, z in enumerate(row)])
    return losses, gradients


def test_cross_entropy_is_its_definition():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(40, 6)) * 3, rng.integers(6, size=40)
    losses, gradients = cross_entropy_by_loops(logits, labels)
    loss, gradient = softmax_cross_entropy(logits, labels)
    np.testing.assert_allclose(loss, losses, rtol=1e-12)
    np.testing.assert_allclose(gradient, gradients, atol=1e-14)
    # Any number of leading axes, and none.
    loss, gradient = softmax_cross_entropy(logits.reshape(2, 4, 5, 6), labels.reshape(2, 4, 5))
    np.testing.assert_allclose(loss.ravel(), losses, rtol=1e-12)
    np.testing.assert_allclose(gradient.reshape(40, 6), gradients, atol=1e-14)
    loss, gradient = softmax_cross_entropy(logits[0], labels[0])
    assert (loss.shape, gradient.shape) == ((), (6,))
    assert loss == pytest.approx(losses[0])


def test_cross_entropy_golden():
    # softmax(1, 2, 3) = 0.09003057, 0.24472847, 0.66524096, whose logarithm ends with -0.40760596.
    loss, gradient = softmax_cross_entropy(np.array([[1.0, 2, 3], [0, 0, 0]]), [2, 0])
    np.testing.assert_allclose(loss, [0.40760596, math.log(3)], rtol=1e-7)
    expected = [[0.09003057, 0.24472847, 0.66524096 - 1], [1 / 3 - 1, 1 / 3, 1 / 3]]
    np.testing.assert_allclose(gradient, expected, atol=1e-8)


def test_cross_entropy_gradient():
    rng = np.random.default_rng(1)
    logits, labels, weights = rng.normal(size=(7, 5)), rng.integers(5, size=7), rng.normal(size=7)
    gradient = weights[:, None] * softmax_cross_entropy(logits, labels)[1]
    assert_gradient(lambda z: (weights * softmax_cross_entropy(z, labels)[0]).sum(), [logits], [gradient], rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_subtracts_the_maximum_of_the_row(dtype):
    # With the maximum of the whole array subtracted, the second and third row would be 0 / 0.
    logits = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [0, 1, 2], [1e4, -1e4, 0]], dtype)
    loss, gradient = softmax_cross_entropy(logits, [0, 1, 2, 1])
    assert loss.dtype == gradient.dtype == dtype
    np.testing.assert_allclose(loss, [0, math.log(3), 0.40760596, 2e4], rtol=1e-6)
    np.testing.assert_allclose(gradient[[0, 3]], [[0, 0, 0], [1, -1, 0]], atol=1e-6)
    assert np.isfinite(gradient).all()


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.float64, (4, 5), elements=st.floats(-1e4, 1e4)), st.floats(-100, 100))
def test_cross_entropy_properties(logits, shift):
    labels = [0, 1, 2, 4]
    loss, gradient = softmax_cross_entropy(logits, labels)
    assert (loss >= 0).all()
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-12)  # what one class gains the others lose
    assert (gradient[range(4), labels] <= 0).all()
    np.testing.assert_allclose(softmax_cross_entropy(logits + shift, labels)[0], loss, atol=1e-8)


def test_zero_rows():
    loss, gradient = softmax_cross_entropy(np.zeros((0, 21), np.float32), np.zeros(0, np.int64))
    assert (loss.shape, gradient.shape) == ((0,), (0, 21))


def test_arguments_stay_as_they_were():
    logits = np.array([[1.0, 2, 3]])
    softmax_cross_entropy(logits, [1])
    np.testing.assert_array_equal(logits, [[1, 2, 3]])
    x = np.array([5.0])
    smooth_l1(x)
    assert x[0] == 5


def test_wrong_arguments_are_named():
    logits = np.zeros((4, 3))
    for labels in (np.zeros(3, int), np.zeros((4, 1), int), 0):
        with pytest.raises(ValueError, match=r"logits \(4, 3\)"):
            softmax_cross_entropy(logits, labels)
    for none in (np.zeros((4, 0)), np.zeros((0, 0)), np.float64(3)):  # no classes at all
        with pytest.raises(ValueError, match="without its last axis"):
            softmax_cross_entropy(none, np.zeros(none.shape[:-1], int))
    for bad, low, high in ((3, 0, 3), (7, 0, 7), (-1, -1, 2)):  # -1 would silently be the last class
        with pytest.raises(ValueError, match=f"labels must be 0 to 2, but hold {low} to {high}$"):
            softmax_cross_entropy(logits, [0, 1, 2, bad])
    with pytest.raises(ValueError, match="labels must be 0 to 3, but hold 4 to 4$"):
        softmax_cross_entropy(np.zeros((1, 4)), [4])


def test_figures():
    _, axes = new_figure(1, 2)
    draw_smooth_l1(axes[0])
    draw_cross_entropy(axes[1])
    assert len(axes[0].lines) == 4
    loss = axes[1].lines[0]
    assert np.interp(0, *loss.get_data()) == pytest.approx(math.log(2), rel=1e-3)  # even odds
