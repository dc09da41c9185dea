"""numpyssd.softmax: the definition, and that no logit is too large or too small for it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.softmax import log_softmax, softmax

LOGITS = hnp.arrays(np.float64, (3, 4), elements=st.floats(-30, 30))


@settings(deadline=None, max_examples=50)
@given(LOGITS)
def test_are_their_definitions(logits):
    for row, probabilities, logarithms in zip(logits, softmax(logits), log_softmax(logits)):
        total = sum(math.exp(x) for x in row)
        for x, probability, logarithm in zip(row, probabilities, logarithms):
            assert probability == pytest.approx(math.exp(x) / total, rel=1e-12)
            assert logarithm == pytest.approx(x - math.log(total), rel=1e-12, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(LOGITS, st.floats(-1e3, 1e3))
def test_adds_up_to_one_and_does_not_see_a_shift(logits, shift):
    np.testing.assert_allclose(softmax(logits).sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), atol=1e-10)


def test_golden():
    # Worked by hand: powers 1, 2, 5 of a total of 8.
    np.testing.assert_allclose(softmax(np.log([1.0, 2.0, 5.0])), [0.125, 0.25, 0.625], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_types_pass_and_integers_become_float64(dtype):
    assert softmax(np.zeros((2, 3), dtype)).dtype == dtype
    assert log_softmax(np.zeros((2, 3), dtype)).dtype == dtype
    assert softmax(np.zeros((2, 3), np.int64)).dtype == np.float64


def test_rows_a_thousand_apart():
    # With the maximum of the whole array the second row would be 0 / 0.
    logits = np.array([[1000, 999], [-1000, -1001], [1000, -1000]], dtype=np.float32)
    half = 1 / (1 + math.exp(-1))
    np.testing.assert_allclose(softmax(logits), [[half, 1 - half], [half, 1 - half], [1, 0]], rtol=1e-6)
    np.testing.assert_allclose(log_softmax(logits)[2], [0, -2000])


def test_another_axis():
    logits = np.random.default_rng(0).normal(size=(5, 3, 2))
    np.testing.assert_array_equal(softmax(logits, axis=1), np.moveaxis(softmax(np.moveaxis(logits, 1, -1)), -1, 1))


def test_no_rows_are_legal_and_no_classes_are_not():
    assert softmax(np.zeros((0, 21), np.float32)).shape == (0, 21)
    with pytest.raises(ValueError, match=r"logits .*\(4, 0\)"):
        softmax(np.zeros((4, 0)))


def test_the_argument_stays_as_it_is():
    logits = np.array([[1.0, 2.0]])
    softmax(logits), log_softmax(logits)
    assert logits.tolist() == [[1, 2]]
