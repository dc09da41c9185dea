"""How the tests of the kernels compare: with the reference in float64, to what rounding in float32 may do."""

import numpy as np

from numpyssd import kernels

EPSILON = float(np.finfo(np.float32).eps)


def host(found):
    """Return one result, or each of several, as NumPy arrays."""
    if isinstance(found, (tuple, list)):
        return type(found)(map(host, found))
    return None if found is None else kernels.active.to_host(found)


def normal(rng, *shapes):
    """Return float32 arrays of these shapes."""
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def exactly(*arrays):
    """Return the same numbers as float64."""
    return [None if a is None else a.astype(np.float64) for a in arrays]


def assert_sums(ours, exact, magnitudes, terms, steps=4):
    """Assert that sums of so many terms agree: rounding adds up like a walk, with the root of the number of terms.

    magnitudes: the same sums over the terms without their signs; steps: roundings of each term, and of the result.
    """
    assert ours.dtype == np.float32
    assert ours.shape == exact.shape
    bound = steps * EPSILON * np.sqrt(max(1, terms)) * magnitudes + 1e-37
    worst = np.max(np.abs(ours - exact) / bound, initial=0)
    assert worst <= 1, f"{worst:.2f} times as far off as rounding may be"
    assert np.isfinite(ours).all()


def assert_same_bits(ours, theirs):
    """Assert that two arrays have the same bits, but for the sign of a zero, and that NaNs are at the same places."""
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)
