"""bfloat16: the nearest of what there is, ties to even, and nothing infinite or NaN gets lost."""

import numpy as np
import pytest

from numpyssd.ranks.bfloat16 import from_bfloat16, to_bfloat16


def rounded(*values):
    return from_bfloat16(to_bfloat16(np.array(values, np.float32))).tolist()


def test_the_nearest_and_ties_to_even():
    step = 2.0**-7  # between 1 and 2
    assert rounded(1, 1 + step, 1 + 0.4 * step, 1 + 0.6 * step) == [1, 1 + step, 1, 1 + step]
    assert rounded(1 + 0.5 * step, 1 + 1.5 * step, -1 - 0.5 * step) == [1, 1 + 2 * step, -1]
    assert rounded(0.0, 1e-41, -3.0, 65280.0) == pytest.approx([0, 1e-41, -3, 65280], rel=0.01)


def test_what_is_not_finite_stays_so():
    assert rounded(np.inf, -np.inf, 3.4e38) == [np.inf, -np.inf, np.inf]
    worst = np.array([0x7FFFFFFF, 0xFFFFFFFF, 0x7F800001], np.uint32).view(np.float32)  # NaN, all of them
    assert np.isnan(from_bfloat16(to_bfloat16(worst))).all()


def test_the_error_is_half_a_step_at_most(rng):
    values = (rng.standard_normal(100_000) * 10.0 ** rng.integers(-30, 30, 100_000)).astype(np.float32)
    found = from_bfloat16(to_bfloat16(values))
    assert (np.abs(found - values) <= 2.0**-8 * np.abs(values)).all()
