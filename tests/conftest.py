"""Fixtures that every test may ask for."""

import os
import signal

import numpy as np
import pytest
from hypothesis import settings

from numpyssd import kernels

# A run in the background (`nohup make test &`) inherits that these are ignored, and so would the commands under test.
for number in (signal.SIGINT, getattr(signal, "SIGHUP", None)):  # Windows has no SIGHUP
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

# A change passes or fails by what it does and not by luck: hypothesis tries the same examples in every run.
# HYPOTHESIS_PROFILE=explore tries others each time.
settings.register_profile("same", derandomize=True)
settings.register_profile("explore")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture
def rng():
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture(params=["reference", "cpu"])
def backend(request):
    """Each backend in turn, and the active one while the test runs."""
    with kernels.using(request.param) as active:
        yield active
