"""Fixtures that every test may ask for."""

import numpy as np
import pytest

from numpyssd import kernels


@pytest.fixture
def rng():
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture(params=["reference", "cpu"])
def backend(request):
    """Each backend in turn, and the active one while the test runs."""
    with kernels.using(request.param) as active:
        yield active
